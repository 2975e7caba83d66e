"""Numbers read by an index along an axis: for the last of three, y_ijk = x_ij(index_ijk).

A number of x is in y as often as the index names it, and its gradients add up:

    dx_ijm = Σ_k dy_ijk [index_ijk = m]

An index has no gradient.

Shapes      x (..., n, ...), index (..., m, ...) integers below n, alike elsewhere -> y (..., m, ...)
Convention  torch.gather also takes an index that is shorter elsewhere, jax.numpy.take_along_axis one that broadcasts:
            here both are refused, as negative indices are.
Source      torch.gather, jax.numpy.take_along_axis
Raises      ValueError if the index is not of integers, does not fit or names what x has not
"""

from typing import NamedTuple

from .. import Array
from ._places import added, along


class Saved(NamedTuple):
    x: tuple[int, ...]  # its shape
    row: Array  # (..., m, ...)  places in it, counted through


def forward(x: Array, index: Array, *, axis: int = -1) -> tuple[Array, Saved]:
    _check(x, index, axis)
    row = along(index, x.shape, axis)  # (..., m, ...)
    y = x.ravel()[row]  # (..., m, ...)
    return y, Saved(x.shape, row)


def backward(saved: Saved, dy: Array) -> tuple[Array, None]:
    dx = added(dy, saved.x, saved.row)  # (..., n, ...)
    return dx, None


def _check(x: Array, index: Array, axis: int) -> None:
    lengths, wanted = list(index.shape), list(x.shape)
    lengths[axis] = wanted[axis]
    if lengths != wanted or index.dtype.kind not in "iu" or not ((index >= 0) & (index < x.shape[axis])).all():
        raise ValueError(
            f"gather: index must hold integers from 0 to {x.shape[axis] - 1}, in the shape of x {x.shape} but for "
            f"axis {axis}; got {index.shape}"
        )
