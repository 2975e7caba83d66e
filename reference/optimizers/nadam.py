"""NAdam: Adam that looks ahead along its momentum, as Nesterov's does.

    g  = gradient + λ θ                               λ: weight_decay; decoupled, θ = θ − lr λ θ before the step instead
    μₜ = β₁ (1 − ½ · 0.96^(t ψ))                      ψ: momentum_decay;  Πₜ = μ₁ ⋯ μₜ
    mₜ = β₁ mₜ₋₁ + (1 − β₁) g                         vₜ = β₂ vₜ₋₁ + (1 − β₂) g²                 m₀ = v₀ = 0
    m̄  = μₜ₊₁ mₜ / (1 − Πₜ₊₁) + (1 − μₜ) g / (1 − Πₜ)
    θ  = θ − lr m̄ / (√(vₜ / (1 − β₂ᵗ)) + ε)

Shapes      gradient, parameter, m and v (...) alike; product ()
Convention  momentum = "rising": μₜ as above, as in PyTorch (ψ = 0.004, the paper's) and Keras (ψ = 1); "constant":
            μₜ = β₁, as in Optax, whose product is β₁ᵗ. moments = "adam": m and v are Adam's, as in all three; "dozat":
            m is averaged by μₜ, and v̂ multiplied by β₂, as printed in the paper. decoupled_weight_decay = true is
            NAdamW: torch.optim.NAdam has it as an option, Optax as nadamw.
Source      Dozat (2016), Incorporating Nesterov momentum into Adam, algorithm 2
"""

from typing import Literal, NamedTuple

import numpy as np

from .. import Array, constants
from ._decay import decayed
from ._moments import correction, moment


class State(NamedTuple):
    t: int
    m: Array
    v: Array
    product: Array  # of every μ so far


def init(param: Array) -> State:
    return State(0, np.zeros_like(param), np.zeros_like(param), constants.whole(1, param))


def update(
    gradient: Array,
    state: State,
    param: Array,
    *,
    lr: float | Array,
    betas: tuple[float, float] = (0.9, 0.999),
    eps: float = 1e-8,
    weight_decay: float = 0.0,
    decoupled_weight_decay: bool = False,
    momentum: Literal["rising", "constant"] = "rising",
    momentum_decay: float = 4e-3,
    moments: Literal["adam", "dozat"] = "adam",
) -> tuple[Array, State]:
    g, theta = decayed(gradient, param, lr, weight_decay, decoupled=decoupled_weight_decay)
    t = state.t + 1
    mu = following = beta = constants.decimal(betas[0], g)
    if momentum == "rising":
        decay = constants.decimal(momentum_decay, g)
        mu, following = _rising(beta, t * decay), _rising(beta, (t + 1) * decay)
    product = state.product * mu
    m = moment(state.m, g, betas[0]) if moments == "adam" else mu * state.m + (1 - mu) * g
    v = moment(state.v, np.square(g), betas[1])
    second = v / correction(betas[1], t, g)
    if moments == "dozat":
        second = betas[1] * second
    ahead = following / (1 - product * following) * m + (1 - mu) / (1 - product) * g
    return theta - lr * ahead / (np.sqrt(second) + eps), State(t, m, v, product)


def _rising(beta: Array, t: Array) -> Array:
    """β₁ (1 − ½ · 0.96ᵗ): it climbs from a half of β₁ to β₁."""
    return beta * (1 - constants.decimal(0.96, beta) ** t / 2)
