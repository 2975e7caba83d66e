"""How long an array is, whatever its shape."""

import numpy as np

from .. import Array


def length(x: Array) -> Array:
    """√(Σ x²), of shape ()."""
    result: Array = np.sqrt(np.square(x).sum())
    return result


def rms(x: Array) -> Array:
    """√(Σ x² / n), of shape (): the root of the mean square."""
    result: Array = np.sqrt(np.square(x).sum() / x.size)
    return result
