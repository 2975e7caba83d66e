"""Adamax: Adam with the largest gradient of late in place of the root of the mean square.

    g  = gradient + λ θ                               λ: weight_decay; decoupled, θ = θ − lr λ θ before the step instead
    mₜ = β₁ mₜ₋₁ + (1 − β₁) g                         uₜ = max(β₂ uₜ₋₁, |g| + ε)                 m₀ = u₀ = 0
    θ  = θ − lr m̂ / uₜ,   m̂ = mₜ / (1 − β₁ᵗ)          u needs no correction: β₂ · 0 is never the larger

Shapes      gradient, parameter, m and u (...) alike
Convention  eps_at = "size": uₜ = max(β₂ uₜ₋₁, |g| + ε), as in PyTorch and Optax; "divisor": uₜ = max(β₂ uₜ₋₁, |g|) and
            θ − lr m̂ / (uₜ + ε), as in Keras and MLX; the paper has no ε at all. bias_correction = false leaves m as it
            is, as in MLX. decoupled_weight_decay = true is Optax's adamaxw.
Source      Kingma, Ba (2015), Adam: a method for stochastic optimization, algorithm 2
"""

from typing import Literal, NamedTuple

import numpy as np

from .. import Array
from ._decay import decayed
from ._moments import correction, moment


class State(NamedTuple):
    t: int
    m: Array
    u: Array


def init(param: Array) -> State:
    return State(0, np.zeros_like(param), np.zeros_like(param))


def update(
    gradient: Array,
    state: State,
    param: Array,
    *,
    lr: float | Array,
    betas: tuple[float, float] = (0.9, 0.999),
    eps: float = 1e-8,
    eps_at: Literal["size", "divisor"] = "size",
    weight_decay: float = 0.0,
    decoupled_weight_decay: bool = False,
    bias_correction: bool = True,
) -> tuple[Array, State]:
    g, theta = decayed(gradient, param, lr, weight_decay, decoupled=decoupled_weight_decay)
    t = state.t + 1
    m = moment(state.m, g, betas[0])
    size = np.abs(g) + eps if eps_at == "size" else np.abs(g)
    u = np.maximum(betas[1] * state.u, size)
    step = m / correction(betas[0], t, g) if bias_correction else m
    return theta - lr * step / (u if eps_at == "size" else u + eps), State(t, m, u)
