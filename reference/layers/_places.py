"""Gradients put back to the places that numbers were read from."""

import math
from typing import Any

import numpy as np

from .. import Array


def along(index: Array, shape: tuple[int, ...], axis: int) -> Array:
    """The places that an index along one axis means, in every other axis its own, counted through the whole array."""
    place = list(np.ix_(*map(np.arange, index.shape)))
    place[axis] = index
    row: Any = 0
    for n, at in zip(shape, place, strict=True):
        row = row * n + at
    return row


def placed(dy: Array, shape: tuple[int, ...], place: Any) -> Array:
    """dy at its place in zeros of this shape; no place is named twice."""
    dx = np.zeros_like(dy, shape=shape)
    dx[place] = dy
    return dx


def added(dy: Array, shape: tuple[int, ...], row: Array) -> Array:
    """The same for places counted through the array, which may be named twice: what comes to one is added up."""
    dx = np.zeros_like(dy, shape=math.prod(shape))
    np.add.at(dx, row.ravel(), dy.ravel())  # in one row, NumPy adds far faster
    return dx.reshape(shape)
