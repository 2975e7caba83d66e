"""Bilinear map of two inputs  y_k = xᵀ W_k z + b_k, for each row of x and z.

It is linear in the products of a row's numbers, u_ij = x_i z_j: y_k = Σ_ij W_kij u_ij + b_k. With dy = ∂L/∂y,

    du_nij = Σ_k dy_nk W_kij                        dW_kij = Σ_n dy_nk x_ni z_nj
    dx_ni = Σ_j du_nij z_nj      dz_nj = Σ_i du_nij x_ni      db_k = Σ_n dy_nk

Shapes      x (..., D), z (..., E) with the same leading axes, W (K, D, E), b (K,) or none -> y (..., K)
Convention  W is (K, D, E), as in PyTorch.
Source      torch.nn.Bilinear; Goodfellow, Bengio, Courville (2016), Deep Learning, section 6.5.6
Raises      ValueError if x, z, W and b do not fit
"""

import math
from typing import NamedTuple

from .. import Array


class Params(NamedTuple):
    W: Array  # (K, D, E)
    b: Array | None = None  # (K,)


class Saved(NamedTuple):
    x: Array  # (..., D)
    z: Array  # (..., E)
    u: Array  # (N, D·E)
    W: Array  # (K, D, E)
    has_b: bool


def forward(p: Params, x: Array, z: Array) -> tuple[Array, Saved]:
    W, b = p
    _check(p, x, z)
    K, D, E = W.shape
    u = (x[..., :, None] * z[..., None, :]).reshape(math.prod(x.shape[:-1]), D * E)  # (N, D·E)
    y = u @ W.reshape(K, D * E).T  # (N, K)
    if b is not None:
        y += b
    return y.reshape(*x.shape[:-1], K), Saved(x, z, u, W, b is not None)


def backward(saved: Saved, dy: Array) -> tuple[tuple[Array, Array], Params]:
    x, z, u, W, has_b = saved
    rows = dy.reshape(len(u), len(W))  # (N, K)
    db = rows.sum(axis=0) if has_b else None  # (K,)
    dW = (rows.T @ u).reshape(W.shape)  # (K, D, E)
    du = (rows @ W.reshape(len(W), W[0].size)).reshape(*x.shape, z.shape[-1])  # (..., D, E)
    dz = (x[..., None, :] @ du)[..., 0, :]  # (..., E)
    dx = (du @ z[..., :, None])[..., 0]  # (..., D)
    return (dx, dz), Params(dW, db)


def _check(p: Params, x: Array, z: Array) -> None:
    W, b = p
    if W.ndim != 3 or x.ndim < 1 or z.ndim < 1 or (x.shape[-1], z.shape[-1]) != W.shape[1:]:
        raise ValueError(f"bilinear: x {x.shape} and z {z.shape} do not fit W {W.shape}: their last axes are its last")
    if x.shape[:-1] != z.shape[:-1]:
        raise ValueError(f"bilinear: x {x.shape} and z {z.shape} must have the same axes before the last")
    if b is not None and b.shape != W.shape[:1]:
        raise ValueError(f"bilinear: b {b.shape} does not fit W {W.shape}: b needs shape {W.shape[:1]}")
