"""Group normalisation  y = γ x̂ + β,  x̂ = (x − μ) / √(v + eps), μ and v of each sample's groups of channels.

A group is C / num_groups neighbouring channels of one sample, with all their positions: n values. With μ = Σ x / n,
v = Σ (x − μ)² / n and dx̂ = γ dy, both μ and v depend on every x of the group:

    dβ = Σ dy      dγ = Σ dy x̂            summed over samples and positions
    dx = (dx̂ − Σ dx̂ / n − x̂ Σ dx̂ x̂ / n) / √(v + eps)            summed over the group

Shapes      x (N, C, ...), weight γ (C,), bias β (C,) -> y (N, C, ...)
Convention  v is the biased variance, with n and not n − 1, everywhere. eps is 1e-5 as in PyTorch; Flax has 1e-6, Keras
            1e-3. γ and β are each channel's own, not each group's. Flax and Keras have the channels last.
Source      Wu, He (2018), Group Normalization, equations 1 to 7
Raises      ValueError if weight or bias has not one number for each channel, or the channels do not make whole groups
"""

from typing import NamedTuple

from .. import Array
from ._standard import gradient, standardised


class Params(NamedTuple):
    weight: Array  # (C,)
    bias: Array  # (C,)


class Saved(NamedTuple):
    normal: Array  # (N, G, C / G, ...)  x̂
    root: Array  # (N, G, 1, ...)  √(v + eps)
    weight: Array  # (C, 1, ...)


def forward(p: Params, x: Array, *, num_groups: int, eps: float = 1e-5) -> tuple[Array, Saved]:
    _check(p, x, num_groups)
    N, C, *positions = x.shape
    weight, bias = (values.reshape((C, *(1 for _ in positions))) for values in p)  # (C, 1, ...)
    grouped = x.reshape((N, num_groups, int(C / num_groups), *positions))  # (N, G, C / G, ...)
    normal, root = standardised(grouped, _group(grouped.ndim), eps)
    y = normal.reshape(x.shape) * weight  # (N, C, ...)
    y += bias
    return y, Saved(normal, root, weight)


def backward(saved: Saved, dy: Array) -> tuple[Array, Params]:
    normal, root, weight = saved
    others = (0, *range(2, dy.ndim))
    dbias = dy.sum(axis=others)  # (C,)
    dweight = (dy * normal.reshape(dy.shape)).sum(axis=others)  # (C,)
    dnormal = (dy * weight).reshape(normal.shape)  # (N, G, C / G, ...)
    dx = gradient(dnormal, normal, root, _group(normal.ndim)).reshape(dy.shape)  # (N, C, ...)
    return dx, Params(dweight, dbias)


def _group(ndim: int) -> tuple[int, ...]:
    """The axes of a group: its channels and positions."""
    return tuple(range(2, ndim))


def _check(p: Params, x: Array, num_groups: int) -> None:
    if x.ndim < 2 or any(values.shape != x.shape[1:2] for values in p):
        raise ValueError(f"group_norm: x {x.shape} needs weight and bias of shape {x.shape[1:2]}")
    if num_groups < 1 or x.shape[1] % num_groups:
        raise ValueError(f"group_norm: option num_groups must divide the {x.shape[1]} channels; got {num_groups}")
