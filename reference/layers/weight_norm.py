"""Weight normalisation  y = g v / ‖v‖: directions v and lengths g in place of a weight.

‖v‖ = √(Σ v² + eps) over all axes but `dim`, or over all where dim = −1. With u = v / ‖v‖ and ∂‖v‖/∂v = u,

    dg = Σ dy u            summed over the same axes
    dv = g (dy − u Σ dy u) / ‖v‖

Shapes      v (..., K, ...), g (1, ..., K, ..., 1), K along dim -> y (..., K, ...); with dim = −1 g is (1, ..., 1)
Convention  dim is the axis that keeps its lengths, 0 as in torch.nn.utils.parametrizations.weight_norm, where a weight
            is (K, D); −1 is no last axis, but the whole, as it is in PyTorch. Flax keeps the last axis. eps is 0 as in
            PyTorch, where v = 0 gives NaN; Flax adds 1e-12.
Source      Salimans, Kingma (2016), Weight Normalization, equations 2 and 3
Raises      ValueError if dim is no axis of v, or g has not one length for each place along it
"""

from typing import NamedTuple

import numpy as np

from .. import Array


class Params(NamedTuple):
    g: Array  # (1, ..., K, ..., 1)


class Saved(NamedTuple):
    v: Array  # (..., K, ...)
    norm: Array  # (1, ..., K, ..., 1)  ‖v‖
    scale: Array  # (1, ..., K, ..., 1)  g / ‖v‖
    axes: tuple[int, ...]


def forward(p: Params, v: Array, *, dim: int = 0, eps: float = 0.0) -> tuple[Array, Saved]:
    _check(p, v, dim)
    axes = tuple(axis for axis in range(v.ndim) if axis != dim)
    norm = np.sqrt(np.square(v).sum(axis=axes, keepdims=True) + eps)  # (1, ..., K, ..., 1)
    scale = p.g / norm  # (1, ..., K, ..., 1)
    return v * scale, Saved(v, norm, scale, axes)


def backward(saved: Saved, dy: Array) -> tuple[Array, Params]:
    v, norm, scale, axes = saved
    dg = (dy * v).sum(axis=axes, keepdims=True) / norm  # (1, ..., K, ..., 1)
    dv = (dy - v * (dg / norm)) * scale  # (..., K, ...)
    return dv, Params(dg)


def _check(p: Params, v: Array, dim: int) -> None:
    if not -1 <= dim < v.ndim:
        raise ValueError(f"weight_norm: option dim must be an axis of v {v.shape} counted from 0, or -1; got {dim}")
    wanted = tuple(n if axis == dim else 1 for axis, n in enumerate(v.shape))
    if p.g.shape != wanted:
        raise ValueError(f"weight_norm: v {v.shape} needs g of shape {wanted}; got {p.g.shape}")
