"""Optimistic Adam: Adam's step, and by how much it has changed since the last.

    mₜ = β₁ mₜ₋₁ + (1 − β₁) g                     vₜ = β₂ vₜ₋₁ + (1 − β₂) g²                    m₀ = v₀ = 0
    rₜ = m̂ / (√(v̂ + ε_root) + ε),   m̂ = mₜ / (1 − β₁ᵗ),   v̂ = vₜ / (1 − β₂ᵗ)
    θ  = θ − lr (α rₜ + β (rₜ − rₜ₋₁))

which is θ − 2 lr rₜ + lr rₜ₋₁ of the paper where α = β = 1.

Shapes      gradient, parameter, m, v and the last r (...) alike
Convention  optimism = "share": β is a share of the rate, as in optax.optimistic_adam_v2; "rate": it is a rate itself,
            θ − lr α rₜ − β (rₜ − rₜ₋₁), as in optax.optimistic_adam. nesterov: m̂ looks ahead, which Optax does unless
            told, and the paper does not, by β₁ m / (1 − β₁ᵗ⁺¹) + (1 − β₁) g / (1 − β₁ᵗ).
            first = "same": there is no change at the first step, as in Optax; "zero": r₀ = 0, as m₀ = 0 of the paper
            has it. ε_root is Optax's.
Source      Daskalakis, Ilyas, Syrgkanis, Zeng (2018), Training GANs with optimism, algorithm 1
"""

from typing import Literal, NamedTuple

import numpy as np

from .. import Array
from ._moments import correction, look_ahead, moment
from ._optimistic import optimistic


class State(NamedTuple):
    t: int
    m: Array
    v: Array
    before: Array | None  # the last r


def init(param: Array) -> State:
    return State(0, np.zeros_like(param), np.zeros_like(param), None)


def update(
    gradient: Array,
    state: State,
    param: Array,
    *,
    lr: float | Array,
    betas: tuple[float, float] = (0.9, 0.999),
    eps: float = 1e-8,
    eps_root: float = 0.0,
    alpha: float = 1.0,
    beta: float = 1.0,
    optimism: Literal["share", "rate"] = "share",
    nesterov: bool = False,
    first: Literal["same", "zero"] = "same",
) -> tuple[Array, State]:
    t = state.t + 1
    m, v = moment(state.m, gradient, betas[0]), moment(state.v, np.square(gradient), betas[1])
    ahead = look_ahead(m, gradient, betas[0], t) if nesterov else m / correction(betas[0], t, gradient)
    r = ahead / (np.sqrt(v / correction(betas[1], t, gradient) + eps_root) + eps)
    after = State(t, m, v, r)
    if optimism == "rate":
        return param - optimistic(r, state.before, lr * alpha, beta, first), after
    return param - lr * optimistic(r, state.before, alpha, beta, first), after
