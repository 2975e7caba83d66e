"""What a mask lets through. NumPy chooses twenty times as slowly as it multiplies: every choice is a jump."""

import numpy as np

from . import Array


def only(mask: Array, x: Array) -> Array:
    """x where the mask holds, and 0 elsewhere, whatever x is there: a product, unless 0 · ∞ would make NaN of it."""
    with np.errstate(invalid="ignore"):
        product: Array = x * mask
    if product.size and np.isnan(product.max()):
        return np.where(mask, x, 0)
    return product
