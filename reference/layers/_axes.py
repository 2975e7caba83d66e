"""What reductions share: which axes are meant, and how the gradient comes back to the shape that was reduced."""

import math
from typing import TypeAlias

import numpy as np
from numpy.lib.array_utils import normalize_axis_tuple

from .. import Array

Axis: TypeAlias = int | tuple[int, ...] | None
"""One axis, several, or all; counted from the end where negative."""


def numbered(axis: Axis, ndim: int) -> tuple[int, ...]:
    """The axes that are meant, counted from the front."""
    return tuple(range(ndim)) if axis is None else normalize_axis_tuple(axis, ndim)


def count(shape: tuple[int, ...], axis: Axis) -> int:
    """How many numbers become one."""
    return math.prod(shape[a] for a in numbered(axis, len(shape)))


def kept(dy: Array, shape: tuple[int, ...], axis: Axis) -> Array:
    """dy, whether or not it has the reduced axes, with those axes, of length 1: it broadcasts with the shape."""
    reduced = numbered(axis, len(shape))
    return dy.reshape([1 if a in reduced else n for a, n in enumerate(shape)])


def spread(dy: Array, shape: tuple[int, ...], axis: Axis) -> Array:
    """dy for each number that it was made of."""
    dx: Array = np.broadcast_to(kept(dy, shape, axis), shape, subok=True)
    return dx


def together(x: Array, axis: Axis) -> Array:
    """x with the axes that are meant as one, the last: (..., n)."""
    reduced = numbered(axis, x.ndim)
    others = [a for a in range(x.ndim) if a not in reduced]
    return x.transpose(*others, *reduced).reshape(*(x.shape[a] for a in others), count(x.shape, axis))


def apart(flat: Array, shape: tuple[int, ...], axis: Axis) -> Array:
    """What `together` has put together, in its own shape again."""
    reduced = numbered(axis, len(shape))
    order = [*(a for a in range(len(shape)) if a not in reduced), *reduced]
    return flat.reshape([shape[a] for a in order]).transpose(np.argsort(order))
