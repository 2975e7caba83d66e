"""Batch normalisation  y = γ x̂ + β,  x̂ = (x − μ) / √(v + eps), μ and v of each channel over all other axes.

With n values to a channel, μ = Σ x / n, v = Σ (x − μ)² / n and dx̂ = γ dy, both μ and v depend on every x:

    dβ = Σ dy      dγ = Σ dy x̂      dx = (dx̂ − Σ dx̂ / n − x̂ Σ dx̂ x̂ / n) / √(v + eps)

In inference, μ and v are the running ones, constants: dx = dx̂ / √(v + eps). In training, the running ones move on:

    running = running + momentum (batch − running),  with v n / (n − 1) for the variance of the batch

Shapes      x (N, C, ...), weight γ (C,), bias β (C,), running_mean (C,), running_var (C,) -> y (N, C, ...)
Convention  momentum weighs the new value, as in PyTorch; Flax, Keras and Equinox let it weigh the old one. variance =
            "unbiased" keeps v n / (n − 1), as PyTorch does; "biased" keeps v, as Flax and Keras do. x̂ always has v.
Source      Ioffe, Szegedy (2015), Batch Normalization, algorithm 1 and section 3
Raises      ValueError if a parameter or a statistic has not one number for each channel, or training has one value each
"""

import math
from typing import Literal, NamedTuple

import numpy as np

from .. import Array


class Params(NamedTuple):
    weight: Array  # (C,)
    bias: Array  # (C,)


class Buffers(NamedTuple):
    running_mean: Array  # (C,)
    running_var: Array  # (C,)


class Saved(NamedTuple):
    normal: Array  # (N, C, ...)  x̂
    root: Array  # (1, C, ...)  √(v + eps)
    weight: Array  # (1, C, ...)
    training: bool
    after: Buffers


def forward(
    p: Params,
    x: Array,
    running: Buffers,
    *,
    training: bool = True,
    momentum: float = 0.1,
    eps: float = 1e-5,
    variance: Literal["unbiased", "biased"] = "unbiased",
) -> tuple[Array, Saved]:
    _check(p, x, running, training)
    weight, bias, mean, var = (_along_channels(values, x) for values in (*p, *running))  # (1, C, ...)
    after = running
    if training:
        axes, n = _others(x)
        mean = x.sum(axis=axes, keepdims=True) / n  # (1, C, ...)
        var = np.square(x - mean).sum(axis=axes, keepdims=True) / n  # (1, C, ...)
        kept = var * n / (n - 1) if variance == "unbiased" else var  # (1, C, ...)
        after = Buffers(
            running.running_mean + momentum * (mean.reshape(-1) - running.running_mean),  # (C,)
            running.running_var + momentum * (kept.reshape(-1) - running.running_var),  # (C,)
        )
    root = np.sqrt(var + eps)  # (1, C, ...)
    normal = (x - mean) / root  # (N, C, ...)
    return normal * weight + bias, Saved(normal, root, weight, training, after)


def backward(saved: Saved, dy: Array) -> tuple[Array, Params]:
    normal, root, weight, training, _ = saved
    axes, n = _others(dy)
    dnormal = dy * weight  # (N, C, ...)
    dx = dnormal
    if training:
        along = (dnormal * normal).sum(axis=axes, keepdims=True) / n  # (1, C, ...)
        dx = dnormal - dnormal.sum(axis=axes, keepdims=True) / n - normal * along  # (N, C, ...)
    return dx / root, Params((dy * normal).sum(axis=axes), dy.sum(axis=axes))


def buffers(saved: Saved) -> Buffers:
    """The running statistics after the step."""
    return saved.after


def _others(x: Array) -> tuple[tuple[int, ...], int]:
    """The axes that a channel's values stand along, and how many values there are."""
    axes = (0, *range(2, x.ndim))
    return axes, math.prod(x.shape[axis] for axis in axes)


def _along_channels(values: Array, x: Array) -> Array:
    return values.reshape(1, -1, *(1,) * (x.ndim - 2))


def _check(p: Params, x: Array, running: Buffers, training: bool) -> None:
    if x.ndim < 2 or any(values.shape != (x.shape[1],) for values in (*p, *running)):
        raise ValueError(f"batch_norm: x {x.shape} needs weight, bias and statistics of shape ({x.shape[1:2]})")
    if training and _others(x)[1] < 2:
        raise ValueError(f"batch_norm: x {x.shape} has one value to a channel; in training there must be two or more")
