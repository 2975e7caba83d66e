"""Group normalisation  y = γ x̂ + β,  x̂ = (x − μ) / √(v + eps), μ and v of each sample's groups of channels.

A group is C / num_groups neighbouring channels of one sample, with all their positions: n values. With μ = Σ x / n,
v = Σ (x − μ)² / n and dx̂ = γ dy, both μ and v depend on every x of the group:

    dβ = Σ dy      dγ = Σ dy x̂            summed over samples and positions
    dx = (dx̂ − Σ dx̂ / n − x̂ Σ dx̂ x̂ / n) / √(v + eps)            summed over the group: its channels' dβ and dγ times γ

Shapes      x (N, C, ...), weight γ (C,), bias β (C,) -> y (N, C, ...)
Convention  v is the biased variance, with n and not n − 1, everywhere. eps is 1e-5 as in PyTorch; Flax has 1e-6, Keras
            1e-3. γ and β are each channel's own, not each group's. Flax and Keras have the channels last.
Source      Wu, He (2018), Group Normalization, equations 1 to 7
Raises      ValueError if weight or bias has not one number for each channel, or the channels do not make whole groups
"""

import math
from typing import NamedTuple

import numpy as np

from .. import Array


class Params(NamedTuple):
    weight: Array  # (C,)
    bias: Array  # (C,)


class Saved(NamedTuple):
    normal: Array  # (N, G, C / G, L)  x̂, of all L positions
    root: Array  # (N, G, 1, 1)  √(v + eps)
    weight: Array  # (G, C / G, 1)


def forward(p: Params, x: Array, *, num_groups: int, eps: float = 1e-5) -> tuple[Array, Saved]:
    _check(p, x, num_groups)
    N, C, *positions = x.shape
    group = (num_groups, int(C / num_groups))
    weight, bias = (values.reshape(*group, 1) for values in p)  # (G, C / G, 1)
    normal, root = _standardised(x.reshape(N, num_groups, 1, math.prod(x.shape[1:]) // num_groups), eps)
    normal = normal.reshape(N, *group, math.prod(positions))  # (N, G, C / G, L)
    y = normal * weight  # (N, G, C / G, L)
    y += bias
    return y.reshape(x.shape), Saved(normal, root, weight)


def backward(saved: Saved, dy: Array) -> tuple[Array, Params]:
    normal, root, weight = saved
    grouped = dy.reshape(normal.shape)  # (N, G, C / G, L)
    dbias = grouped.sum(axis=3, keepdims=True)  # (N, G, C / G, 1)  each sample's
    dweight = (grouped[..., None, :] @ normal[..., None])[..., 0]  # (N, G, C / G, 1)  Σ dy x̂, row by row
    row = weight.mT / math.prod(normal.shape[2:])  # (G, 1, C / G)
    dx = grouped * (weight / root)  # (N, G, C / G, L)
    dx -= row @ dbias / root
    dx -= normal * (row @ dweight / root)
    return dx.reshape(dy.shape), Params(dweight.sum(axis=0).ravel(), dbias.sum(axis=0).ravel())


def _standardised(x: Array, eps: float) -> tuple[Array, Array]:
    """x̂ and √(v + eps) along the last axis of x (..., 1, n): a row's product with itself is the sum of its squares."""
    n = x.shape[-1]
    normal = x - x.sum(axis=-1, keepdims=True) / n  # (..., 1, n)
    root = np.sqrt(normal @ normal.mT / n + eps)  # (..., 1, 1)
    normal /= root
    return normal, root


def _check(p: Params, x: Array, num_groups: int) -> None:
    if x.ndim < 2 or any(values.shape != x.shape[1:2] for values in p):
        raise ValueError(f"group_norm: x {x.shape} needs weight and bias of shape {x.shape[1:2]}")
    if num_groups < 1 or x.shape[1] % num_groups:
        raise ValueError(f"group_norm: option num_groups must divide the {x.shape[1]} channels; got {num_groups}")
