"""Distance of vectors  y = ‖x − z + eps‖_p = (Σ |x − z + eps|^p)^(1/p), over the last axis.

With d = x − z + eps and ∂‖d‖_p/∂d = sign(d) (|d| / ‖d‖_p)^(p − 1):

    dx = dy sign(d) (|d| / y)^(p − 1)        dz = −dx;        0 where y = 0, one of the subgradients

Shapes      x (..., D), z (..., D) -> y (...), or (..., 1) with keepdim
Convention  eps is added to each difference, as in PyTorch, so that x = z are √D eps apart, and the distance from x to z
            is not that from z to x. MLX adds it to the sum, and others not at all.
Source      torch.nn.functional.pairwise_distance
Raises      ValueError if x and z differ in shape, or p is below 1
"""

from typing import NamedTuple

import numpy as np

from .. import Array
from ..constants import whole


class Saved(NamedTuple):
    d: Array  # (..., D)
    y: Array  # (..., 1)
    p: float
    keepdim: bool


def forward(x: Array, z: Array, *, p: float = 2.0, eps: float = 1e-6, keepdim: bool = False) -> tuple[Array, Saved]:
    _check(x, z, p)
    d = x - z + eps  # (..., D)
    if p == 1:
        y = np.abs(d).sum(axis=-1, keepdims=True)  # (..., 1)
    elif p == 2:
        y = np.sqrt(np.square(d).sum(axis=-1, keepdims=True))
    else:
        y = np.power(np.power(np.abs(d), p).sum(axis=-1, keepdims=True), whole(1, d) / p)
    return y if keepdim else y.squeeze(-1), Saved(d, y, p, keepdim)


def backward(saved: Saved, dy: Array) -> tuple[Array, Array]:
    d, y, p, keepdim = saved
    if not keepdim:
        dy = dy[..., None]  # (..., 1)
    if p == 1:
        slope = np.sign(d)  # (..., D)
    else:
        ratio = d / np.where(y == 0, 1, y)  # (..., D)
        slope = ratio if p == 2 else np.sign(d) * np.power(np.abs(ratio), p - 1)
    dx = dy * slope  # (..., D)
    return dx, -dx


def _check(x: Array, z: Array, p: float) -> None:
    if x.shape != z.shape:
        raise ValueError(f"pairwise_distance: x {x.shape} and z {z.shape} differ")
    if not p >= 1:
        raise ValueError(f"pairwise_distance: option p must be at least 1; got {p}")
