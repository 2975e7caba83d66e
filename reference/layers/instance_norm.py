"""Instance normalisation  y = γ x̂ + β,  x̂ = (x − μ) / √(v + eps), μ and v of each channel of each sample.

With n positions, μ = Σ x / n, v = Σ (x − μ)² / n and dx̂ = γ dy, both μ and v depend on every x of the channel:

    dβ = Σ dy      dγ = Σ dy x̂            summed over samples and positions
    dx = (dx̂ − Σ dx̂ / n − x̂ Σ dx̂ x̂ / n) / √(v + eps)            summed over the positions

Shapes      x (N, C, ...), weight γ (C,), bias β (C,) -> y (N, C, ...)
Convention  v is the biased variance, with n and not n − 1. eps is 1e-5 as in PyTorch; Flax has 1e-6. There are no
            running statistics, as PyTorch has it unless told to keep some. Flax has the channels last.
Source      Ulyanov, Vedaldi, Lempitsky (2016), Instance Normalization: The Missing Ingredient for Fast Stylization,
            equation 3
Raises      ValueError if weight or bias has not one number for each channel, or a channel has one value, which would
            always become 0
"""

import math
from typing import NamedTuple

from .. import Array
from ._standard import gradient, standardised


class Params(NamedTuple):
    weight: Array  # (C,)
    bias: Array  # (C,)


class Saved(NamedTuple):
    normal: Array  # (N, C, ...)  x̂
    root: Array  # (N, C, 1, ...)  √(v + eps)
    weight: Array  # (C, 1, ...)


def forward(p: Params, x: Array, *, eps: float = 1e-5) -> tuple[Array, Saved]:
    _check(p, x)
    positions = tuple(range(2, x.ndim))
    weight, bias = (values.reshape((x.shape[1], *(1 for _ in positions))) for values in p)  # (C, 1, ...)
    normal, root = standardised(x, positions, eps)
    y = normal * weight  # (N, C, ...)
    y += bias
    return y, Saved(normal, root, weight)


def backward(saved: Saved, dy: Array) -> tuple[Array, Params]:
    normal, root, weight = saved
    positions = tuple(range(2, dy.ndim))
    dbias = dy.sum(axis=(0, *positions))  # (C,)
    dweight = (dy * normal).sum(axis=(0, *positions))  # (C,)
    dx = gradient(dy * weight, normal, root, positions)  # (N, C, ...)
    return dx, Params(dweight, dbias)


def _check(p: Params, x: Array) -> None:
    if x.ndim < 3 or any(values.shape != x.shape[1:2] for values in p):
        raise ValueError(f"instance_norm: x {x.shape} needs positions, and weight and bias of shape {x.shape[1:2]}")
    if math.prod(x.shape[2:]) < 2:
        raise ValueError(f"instance_norm: x {x.shape} has one value to a channel; there must be two or more")
