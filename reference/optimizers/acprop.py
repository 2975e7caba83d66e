"""ACProp: AdaBelief whose divisor is that of the step before, so that it does not depend on the present gradient.

    mₜ = β₁ mₜ₋₁ + (1 − β₁) g                         m₀ = s₀ = 0
    θ  = θ − lr (g / (√ŝₜ₋₁ + ε) + λ θ),   ŝₜ₋₁ = sₜ₋₁ / (1 − β₂ᵗ⁻¹),   ŝ₀ = 1            λ: weight_decay
    sₜ = β₂ sₜ₋₁ + (1 − β₂) (g − mₜ)² + ε_root

m is there for the centre alone: the step is the gradient's.

Shapes      gradient, parameter, m and s (...) alike
Convention  centre = "new": (g − mₜ)², as in the paper, in the authors' program and in the docstring of Optax; "old":
            (g − mₜ₋₁)², as Optax 0.2.8 computes it, which is 1 / β₁² as much: g − mₜ = β₁ (g − mₜ₋₁).
            The authors' program adds no ε at the first step, and rectifies as RAdam does unless told not to.
Source      Zhuang, Ding, Tang, Dvornek, Tatikonda, Duncan (2021), Momentum centering and asynchronous update for
            adaptive gradient methods; the authors' program, juntang-zhuang/ACProp-Optimizer
"""

from typing import Literal, NamedTuple

import numpy as np

from .. import Array, constants
from ._moments import correction, moment


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
    weight_decay: float = 0.0,
    centre: Literal["new", "old"] = "new",
) -> tuple[Array, State]:
    m = moment(state.m, gradient, betas[0])
    middle = m if centre == "new" else state.m
    known = state.s / correction(betas[1], state.t, gradient) if state.t else constants.whole(1, gradient)
    s = moment(state.s, np.square(gradient - middle), betas[1]) + eps_root
    return param - lr * (gradient / (np.sqrt(known) + eps) + weight_decay * param), State(state.t + 1, m, s)
