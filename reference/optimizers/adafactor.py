"""Adafactor: a second moment that takes the memory of a row and a column, and steps relative to the parameter.

    1 − βₜ = tᵇ                                                            b = beta2_decay, so that the first β is 0
    of a matrix    r = βₜ r + (1 − βₜ) mean of g² over columns             r₀ = 0
                   c = βₜ c + (1 − βₜ) mean of g² over rows                c₀ = 0
                   v = r cᵀ / mean of r
    of a vector    v = βₜ v + (1 − βₜ) g²                                  v₀ = 0
    u  = g / √v
    u  = u / max(1, RMS(u) / d)
    u  = α u ,                                                             α = ρ max(ε₂, RMS(θ)), ρ of lr as below
    m  = momentum m + (1 − momentum) u                                     m₀ = 0, where there is momentum; else m = u
    θ  = θ − m − decay θ

Shapes      gradient, parameter, v and m (...) alike; r (..., n, 1) and c (..., 1, k) of a parameter (..., n, k)
Convention  eps_at = "floor": v is at least ε₁² and the mean of r at least ε₁, as in PyTorch; "added": g² + ε₁ instead
            of g², as in the paper and in Optax.
            rate = "capped": ρ = min(lr, 1 / √t), as in PyTorch, and in the paper for a lr of 0.01; "given": ρ = lr, as
            in Optax. decay = "with_rate": lr weight_decay, as in PyTorch; "alone": weight_decay, as in Optax.
            relative = false leaves out max(ε₂, RMS(θ)); Optax has that choice, and ε₂ = 0.001.
            axes = "last": moments are factored over the last two axes, as in PyTorch; "longest": over the two longest,
            as in Optax, and only where the shorter of these is at least min_size, which is 128 unless told. With
            momentum it is the finished step that is averaged, as in Optax; PyTorch has none.
Source      Shazeer, Stern (2018), Adafactor: adaptive learning rates with sublinear memory cost, algorithms 4 and 5
Raises      ValueError if d is below 1
"""

from typing import Literal, NamedTuple

import numpy as np

from .. import Array, constants
from ._lengths import rms


class State(NamedTuple):
    t: int
    row: Array | None  # from the first step on, like the others
    col: Array | None
    v: Array | None
    m: Array | None


def init(param: Array) -> State:  # noqa: ARG001 - which of them there will be, the options say
    return State(0, None, None, None, None)


def update(
    gradient: Array,
    state: State,
    param: Array,
    *,
    lr: float | Array,
    beta2_decay: float = -0.8,
    eps: tuple[float, float] = (1e-30, 1e-3),
    eps_at: Literal["floor", "added"] = "floor",
    d: float = 1.0,
    rate: Literal["capped", "given"] = "capped",
    relative: bool = True,
    weight_decay: float = 0.0,
    decay: Literal["with_rate", "alone"] = "with_rate",
    momentum: float = 0.0,
    axes: Literal["last", "longest"] = "last",
    min_size: int = 0,
) -> tuple[Array, State]:
    if d < 1:
        raise ValueError(f"adafactor: d must be at least 1, got {d}")
    t = state.t + 1
    share = constants.whole(t, param) ** beta2_decay
    square = np.square(gradient) + eps[0] if eps_at == "added" else np.square(gradient)
    row, col, v, m = state[1:]
    two = _factored(param.shape, axes, min_size)
    if two:
        row = _averaged(row, _mean(square, two[1]), share)
        col = _averaged(col, _mean(square, two[0]), share)
        mean = _mean(row, two[0])
        if eps_at == "floor":
            mean = np.maximum(mean, eps[0])
        second = row / mean * col
    else:
        second = v = _averaged(v, square, share)
    if eps_at == "floor":
        second = np.maximum(second, eps[0] * constants.decimal(eps[0], param))
    u = gradient / np.sqrt(second)
    size = np.minimum(lr, 1 / constants.root(t, param)) if rate == "capped" else lr
    if relative:
        size = np.maximum(rms(param), eps[1]) * size
    u = size / np.maximum(rms(u) / d, 1) * u
    if momentum:
        u = m = _averaged(m, u, 1 - constants.decimal(momentum, param))
    if weight_decay:
        decayed = weight_decay * param
        u = u + (lr * decayed if decay == "with_rate" else decayed)
    return param - u, State(t, row, col, v, m)


def _factored(shape: tuple[int, ...], axes: str, min_size: int) -> tuple[int, ...]:
    """The two axes that r and c run along, or none of them."""
    if len(shape) < 2:
        return ()
    order = list(range(len(shape)))
    if axes == "longest":
        order.sort(key=lambda axis: shape[axis])
    return tuple(order[-2:]) if shape[order[-2]] >= min_size else ()


def _mean(x: Array, axis: int) -> Array:
    mean: Array = x.sum(axis=axis, keepdims=True) / x.shape[axis]
    return mean


def _averaged(old: Array | None, new: Array, share: Array) -> Array:
    """The running average after one more; there is none before the first."""
    return share * new if old is None else (1 - share) * old + share * new
