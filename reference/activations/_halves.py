"""The two halves of an array along an axis: what a gate opens, and the gate."""

import numpy as np

from .. import Array


def split(x: Array, axis: int) -> tuple[Array, Array]:
    """The first and the second half.

    Raises ValueError if there are none.
    """
    first, second = np.split(x, 2, axis)
    return first, second


def join(first: Array, second: Array, axis: int) -> Array:
    """What `split` has split."""
    whole: Array = np.concatenate([first, second], axis)
    return whole
