"""Matrix product  y = x z, batched over all axes before the last two, which broadcast.

With y_nk = Σ_m x_nm z_mk, x_nm is in row n of y, as often as column m of x has a row of z to meet:

    dx = dy zᵀ      dz = xᵀ dy        each summed over the batch axes along which it was repeated

A vector on the left is a matrix of one row, one on the right a matrix of one column; y has no such axis.

Shapes      x (..., N, M), z (..., M, K) -> y (..., N, K); x (M,) -> y (..., K); z (M,) -> y (..., N); both -> y ()
Source      Goodfellow, Bengio, Courville (2016), Deep Learning, section 6.5.6; numpy.matmul for vectors and batches
Raises      ValueError if the lengths that meet differ, the batch axes do not broadcast, or one is a single number
"""

from typing import NamedTuple

from .. import Array
from ._broadcast import reduced


class Saved(NamedTuple):
    x: Array  # (..., N, M) or (M,)
    z: Array  # (..., M, K) or (M,)


def forward(x: Array, z: Array) -> tuple[Array, Saved]:
    _check(x, z)
    left, right = _matrices(x, z)
    y = left @ right  # (..., N, K)
    if z.ndim == 1:
        y = y[..., 0]
    if x.ndim == 1:
        y = y[..., 0] if z.ndim == 1 else y[..., 0, :]
    return y, Saved(x, z)


def backward(saved: Saved, dy: Array) -> tuple[Array, Array]:
    x, z = saved
    left, right = _matrices(x, z)
    if x.ndim == 1:
        dy = dy[..., None] if z.ndim == 1 else dy[..., None, :]
    if z.ndim == 1:
        dy = dy[..., None]  # (..., N, K)
    dz = reduced(left.mT @ dy, right.shape).reshape(z.shape)  # as z
    dx = reduced(dy @ right.mT, left.shape).reshape(x.shape)  # as x
    return dx, dz


def _matrices(x: Array, z: Array) -> tuple[Array, Array]:
    """x (..., N, M) and z (..., M, K)."""
    return x[None, :] if x.ndim == 1 else x, z[:, None] if z.ndim == 1 else z


def _check(x: Array, z: Array) -> None:
    if not x.ndim or not z.ndim or x.shape[-1] != z.shape[-2 if z.ndim > 1 else 0]:
        raise ValueError(f"matmul: x {x.shape} and z {z.shape} do not fit: (..., N, M) needs (..., M, K)")
