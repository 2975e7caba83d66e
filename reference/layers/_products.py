"""Running products."""

import numpy as np

from .. import Array


def products_before(x: Array) -> Array:
    """The product of all that stands before each number along the last axis; 1 before the first: (..., n)."""
    before: Array = np.concatenate([np.ones_like(x[..., :1]), np.multiply.accumulate(x[..., :-1], axis=-1)], axis=-1)
    return before
