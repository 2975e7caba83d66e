"""Simplified AdEMAMix: one momentum, the slow one, and the present gradient beside it.

    mₜ = β₁ mₜ₋₁ + g                                    a sum: it is as large as 1 / (1 − β₁) gradients
    vₜ = β₂ vₜ₋₁ + (1 − β₂) g²        v̂ = vₜ / (1 − β₂ᵗ)                   m₀ = v₀ = 0
    θ  = θ − lr ((m + α g) / (√(v̂ + ε_root) + ε) + λ θ)                    λ: weight_decay

With α = 0 it is Adam without the correction of m, its rate being 1 / (1 − β₁) as large.

Shapes      gradient, parameter, m and v (...) alike
Convention  m is a sum and is not corrected, as in the paper and in Optax. α is 0 in Optax unless told. ε_root is
            Optax's.
Source      Morwani, Vyas, Zhang, Kakade (2025), Connections between schedule-free optimizers, AdEMAMix, and accelerated
            SGD variants
"""

from typing import NamedTuple

import numpy as np

from .. import Array
from ._moments import correction, moment


class State(NamedTuple):
    t: int
    m: Array
    v: Array


def init(param: Array) -> State:
    return State(0, np.zeros_like(param), np.zeros_like(param))


def update(
    gradient: Array,
    state: State,
    param: Array,
    *,
    lr: float | Array,
    betas: tuple[float, float] = (0.99, 0.95),
    alpha: float = 0.0,
    eps: float = 1e-8,
    eps_root: float = 0.0,
    weight_decay: float = 0.0,
) -> tuple[Array, State]:
    t = state.t + 1
    m, v = betas[0] * state.m + gradient, moment(state.v, np.square(gradient), betas[1])
    step = (m + alpha * gradient) / (np.sqrt(v / correction(betas[1], t, gradient) + eps_root) + eps)
    return param - lr * (step + weight_decay * param), State(t, m, v)
