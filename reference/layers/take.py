"""Whole slices read by an index  y = x[…, index, …], the index along the axis.

A slice of x is in y as often as the index names it, and its gradients add up:

    dx_m = Σ dy_k over all k with index_k = m;  0 where there is none

An index has no gradient.

Shapes      x (..., n, ...), index (m,) integers below n -> y (..., m, ...)
Convention  torch.take, without an axis, reads from the flattened x; this is torch.index_select. Negative indices, which
            JAX counts from the end, are refused.
Source      torch.index_select, jax.numpy.take
Raises      ValueError if the index is not a row of integers, or names what x has not
"""

import math
from typing import Any, NamedTuple

import numpy as np
from numpy.lib.array_utils import normalize_axis_index

from .. import Array
from ._places import added


class Saved(NamedTuple):
    x: tuple[int, ...]  # its shape
    place: tuple[Any, ...]


def forward(x: Array, index: Array, *, axis: int = 0) -> tuple[Array, Saved]:
    _check(x, index, axis)
    place: tuple[Any, ...] = (*(slice(None),) * normalize_axis_index(axis, x.ndim), index)
    y = x[place]  # (..., m, ...)
    return y, Saved(x.shape, place)


def backward(saved: Saved, dy: Array) -> tuple[Array, None]:
    x, place = saved
    row = np.arange(math.prod(x)).reshape(x)[place]  # (..., m, ...)
    dx = added(dy, x, row)  # (..., n, ...)
    return dx, None


def _check(x: Array, index: Array, axis: int) -> None:
    n = x.shape[axis]
    if index.ndim != 1 or index.dtype.kind not in "iu" or not ((index >= 0) & (index < n)).all():
        raise ValueError(f"take: index must be a row of integers from 0 to {n - 1}, for axis {axis} of x {x.shape}")
