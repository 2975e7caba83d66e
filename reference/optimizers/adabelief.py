"""AdaBelief: Adam that divides by how far gradients are from what the momentum expected, and not by how large they are.

    mₜ = β₁ mₜ₋₁ + (1 − β₁) g                         m₀ = s₀ = 0
    sₜ = β₂ sₜ₋₁ + (1 − β₂) (g − mₜ)² + ε_root
    θ  = θ − lr m̂ / (√ŝ + ε),   m̂ = mₜ / (1 − β₁ᵗ),   ŝ = sₜ / (1 − β₂ᵗ)

Shapes      gradient, parameter, m and s (...) alike
Convention  The paper has one ε in both places; Optax has two, both 10⁻¹⁶ unless told. ε_root stays in s, and adds up
            from step to step, in both. nesterov: m̂ looks ahead, as in Optax, by
            β₁ m / (1 − β₁ᵗ⁺¹) + (1 − β₁) g / (1 − β₁ᵗ).
Source      Zhuang et al. (2020), AdaBelief optimizer: adapting stepsizes by the belief in observed gradients,
            algorithm 2
"""

from typing import NamedTuple

import numpy as np

from .. import Array
from ._moments import correction, look_ahead, moment


class State(NamedTuple):
    t: int
    m: Array
    s: Array


def init(param: Array) -> State:
    return State(0, np.zeros_like(param), np.zeros_like(param))


def update(
    gradient: Array,
    state: State,
    param: Array,
    *,
    lr: float | Array,
    betas: tuple[float, float] = (0.9, 0.999),
    eps: float = 1e-16,
    eps_root: float = 1e-16,
    nesterov: bool = False,
) -> tuple[Array, State]:
    t = state.t + 1
    m = moment(state.m, gradient, betas[0])
    s = moment(state.s, np.square(gradient - m), betas[1]) + eps_root
    step = look_ahead(m, gradient, betas[0], t) if nesterov else m / correction(betas[0], t, gradient)
    return param - lr * step / (np.sqrt(s / correction(betas[1], t, gradient)) + eps), State(t, m, s)
