"""Root mean square normalisation  y = γ x̂,  x̂ = x / r,  r = √(Σ x² / D + eps) of each row, over its last axis.

With dx̂ = γ dy and ∂r/∂x = x / (D r) = x̂ / D,

    dγ = Σ dy x̂                              summed over the rows
    dx = (dx̂ − x̂ Σ dx̂ x̂ / D) / r            summed over the row

Shapes      x (..., D), weight γ (D,) -> y (..., D)
Convention  eps stands under the root. It is 1e-6 as in Flax, Keras and tinygrad; Equinox and MLX have 1e-5, and
            PyTorch, if not told, the gap above 1 of the precision.
Source      Zhang, Sennrich (2019), Root Mean Square Layer Normalization, equation 4
Raises      ValueError if weight has not one number for each column of x
"""

from typing import NamedTuple

import numpy as np

from .. import Array


class Params(NamedTuple):
    weight: Array  # (D,)


class Saved(NamedTuple):
    normal: Array  # (..., D)  x̂
    root: Array  # (..., 1)  r
    weight: Array  # (D,)


def forward(p: Params, x: Array, *, eps: float = 1e-6) -> tuple[Array, Saved]:
    (weight,) = p
    if x.ndim < 1 or weight.shape != x.shape[-1:]:
        raise ValueError(f"rms_norm: x {x.shape} needs weight of shape {x.shape[-1:]}; got {weight.shape}")
    root = np.sqrt(np.square(x).sum(axis=-1, keepdims=True) / len(weight) + eps)  # (..., 1)
    normal = x / root  # (..., D)
    return normal * weight, Saved(normal, root, weight)


def backward(saved: Saved, dy: Array) -> tuple[Array, Params]:
    normal, root, weight = saved
    dweight = (dy * normal).sum(axis=tuple(range(dy.ndim - 1)))  # (D,)
    dnormal = dy * weight  # (..., D)
    along = (dnormal * normal).sum(axis=-1, keepdims=True) / len(weight)  # (..., 1)
    dx = (dnormal - normal * along) / root  # (..., D)
    return dx, Params(dweight)
