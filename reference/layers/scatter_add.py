"""Numbers added where an index along an axis says: y is x, and for the last of three, y_ij(index_ijk) += z_ijk.

Each number of z is in y once, at the place that its index names; x is all of y besides:

    dx = dy      dz_ijk = dy_ij(index_ijk)

An index has no gradient.

Shapes      x (..., n, ...), index (..., m, ...) integers below n, z as index, no longer than x elsewhere -> y as x
Convention  torch.scatter_add also takes a z that is longer than the index: here it is refused, as negative indices are.
Source      torch.scatter_add; jax.numpy.ndarray.at, whose add is the same
Raises      ValueError if the index is not of integers, does not fit or names what x has not
"""

from typing import NamedTuple

import numpy as np

from .. import Array
from ._places import along


class Saved(NamedTuple):
    row: Array  # (..., m, ...)  places in y, counted through


def forward(x: Array, index: Array, z: Array, *, axis: int = -1) -> tuple[Array, Saved]:
    _check(x, index, z, axis)
    row = along(index, x.shape, axis)  # (..., m, ...)
    y = x.flatten()
    np.add.at(y, row.ravel(), z.ravel())  # in one row, NumPy adds far faster
    return y.reshape(x.shape), Saved(row)


def backward(saved: Saved, dy: Array) -> tuple[Array, None, Array]:
    dz = dy.ravel()[saved.row]  # (..., m, ...)
    return dy, None, dz


def _check(x: Array, index: Array, z: Array, axis: int) -> None:
    n = x.shape[axis]
    if index.shape != z.shape or index.dtype.kind not in "iu" or not ((index >= 0) & (index < n)).all():
        raise ValueError(f"scatter_add: index must hold integers from 0 to {n - 1}, in the shape of z {z.shape}")
    longer = [m > k for m, k in zip(index.shape, x.shape, strict=True)]
    longer[axis] = False
    if any(longer):
        raise ValueError(f"scatter_add: index {index.shape} is longer than x {x.shape} elsewhere than along {axis}")
