"""Layer normalisation  y = γ x̂ + β,  x̂ = (x − μ) / √(v + eps), μ and v of each row, over its last axis.

With μ = Σ x / D, v = Σ (x − μ)² / D and dx̂ = γ dy, both μ and v depend on every x of the row:

    dβ = Σ dy      dγ = Σ dy x̂            summed over the rows
    dx = (dx̂ − Σ dx̂ / D − x̂ Σ dx̂ x̂ / D) / √(v + eps)            summed over the row

Shapes      x (..., D), weight γ (D,), bias β (D,) -> y (..., D)
Convention  v is the biased variance, with D and not D − 1, everywhere. eps is 1e-5 as in PyTorch, Equinox and MLX; Flax
            has 1e-6, Keras 1e-3.
Source      Ba, Kiros, Hinton (2016), Layer Normalization, equation 4
Raises      ValueError if weight or bias has not one number for each column of x
"""

from typing import NamedTuple

import numpy as np

from .. import Array


class Params(NamedTuple):
    weight: Array  # (D,)
    bias: Array  # (D,)


class Saved(NamedTuple):
    normal: Array  # (..., D)  x̂
    root: Array  # (..., 1)  √(v + eps)
    weight: Array  # (D,)


def forward(p: Params, x: Array, *, eps: float = 1e-5) -> tuple[Array, Saved]:
    _check(p, x)
    weight, bias = p
    D = len(weight)
    centred = x - x.sum(axis=-1, keepdims=True) / D  # (..., D)
    root = np.sqrt(np.square(centred).sum(axis=-1, keepdims=True) / D + eps)  # (..., 1)
    normal = centred / root  # (..., D)
    return normal * weight + bias, Saved(normal, root, weight)


def backward(saved: Saved, dy: Array) -> tuple[Array, Params]:
    normal, root, weight = saved
    D = len(weight)
    rows = tuple(range(dy.ndim - 1))
    dbias = dy.sum(axis=rows)  # (D,)
    dweight = (dy * normal).sum(axis=rows)  # (D,)
    dnormal = dy * weight  # (..., D)
    along = (dnormal * normal).sum(axis=-1, keepdims=True) / D  # (..., 1)
    dx = (dnormal - dnormal.sum(axis=-1, keepdims=True) / D - normal * along) / root  # (..., D)
    return dx, Params(dweight, dbias)


def _check(p: Params, x: Array) -> None:
    if x.ndim < 1 or any(values.shape != x.shape[-1:] for values in p):
        raise ValueError(f"layer_norm: x {x.shape} needs weight and bias of shape {x.shape[-1:]}")
