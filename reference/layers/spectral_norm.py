"""Spectral normalisation  y = W / σ,  σ = uᵀ M v, with M the matrix (K, D) that W makes, and u and v two vectors.

Each power iteration brings the two nearer to M's first singular vectors:

    u = M v / max(‖M v‖, eps)      then      v = Mᵀ u / max(‖Mᵀ u‖, eps)

To the gradient they are constants, where only W and σ move, and ∂σ/∂M = u vᵀ:

    dM = (dy − u vᵀ Σ dy y) / σ

Where they have arrived, that is the derivative all the same: σ does not change with a first singular vector.

Shapes      W (K, ...), M (K, D) with all other axes in D, u (K,), v (D,) -> y (K, ...)
Convention  u and v are kept: they are given, used as they are where power_iterations is 0, PyTorch's eval, and are
            otherwise as they stand after the step. PyTorch moves u first; Flax keeps u alone, and takes W's last axis.
Source      Miyato et al. (2018), Spectral Normalization for Generative Adversarial Networks, appendix A, algorithm 1;
            torch.nn.utils.parametrizations.spectral_norm
Raises      ValueError if W has one axis, u or v has another length than M, or power_iterations is below 0
"""

import math
from typing import NamedTuple

import numpy as np

from .. import Array


class Buffers(NamedTuple):
    u: Array  # (K,)
    v: Array  # (D,)


class Saved(NamedTuple):
    y: Array  # (K, ...)
    sigma: Array  # ()
    after: Buffers


def forward(W: Array, running: Buffers, *, power_iterations: int = 1, eps: float = 1e-12) -> tuple[Array, Saved]:
    _check(W, running, power_iterations)
    u, v = running.u[:, None], running.v[:, None]  # (K, 1), (D, 1)
    M = W.reshape((u.size, v.size))  # (K, D)
    for _ in range(power_iterations):
        u = _unit(M @ v, eps)  # (K, 1)
        v = _unit(M.T @ u, eps)  # (D, 1)
    sigma = (u * (M @ v)).sum()  # ()
    y = W / sigma  # (K, ...)
    return y, Saved(y, sigma, Buffers(u[:, 0], v[:, 0]))


def backward(saved: Saved, dy: Array) -> Array:
    y, sigma, (u, v) = saved
    along = (u[:, None] * v).reshape(y.shape)  # (K, ...)  ∂σ/∂W
    dW: Array = (dy - along * (dy * y).sum()) / sigma  # (K, ...)
    return dW


def buffers(saved: Saved) -> Buffers:
    """u and v after the step."""
    return saved.after


def _unit(x: Array, eps: float) -> Array:
    unit: Array = x / np.maximum(np.sqrt(np.square(x).sum()), eps)
    return unit


def _check(W: Array, running: Buffers, power_iterations: int) -> None:
    wanted = ((W.shape[0],), (math.prod(W.shape[1:]),)) if W.ndim > 1 else ()
    if tuple(vector.shape for vector in running) != wanted:
        raise ValueError(f"spectral_norm: W {W.shape} needs u and v of shapes {wanted}")
    if power_iterations < 0:
        raise ValueError(f"spectral_norm: option power_iterations must not be below 0; got {power_iterations}")
