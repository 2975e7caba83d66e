"""MADGRAD: dual averaging from where the parameter began, divided by the cube root of a sum of squares.

    λₜ = (lr + ε) √t                                  t = 1, 2 …
    sₜ = sₜ₋₁ + λₜ g                                  s₀ = 0
    vₜ = vₜ₋₁ + λₜ g²                                 v₀ = 0
    z  = θ₀ − sₜ / (∛vₜ + ε)
    θ  = momentum θ + (1 − momentum) z

with g = gradient + weight_decay θ. Each gradient weighs more than those before, but nothing is forgotten.

Shapes      gradient, parameter, s, v and where the parameter began (...) alike
Convention  lr + ε, and not lr, is the authors' program's and Optax's; the paper has lr. It is rate_eps = false.
            The decay is in the gradient (L2), as in Optax; the authors have a decoupled one beside it. Where eps is 0
            and nothing but zeros came, the quotient is 0, as in the authors' program; Optax has 0 / 0.
Source      Defazio, Jelassi (2021), Adaptivity without compromise: a momentumized, adaptive, dual averaged gradient
            method for stochastic optimization, algorithm 1; the authors' program, facebookresearch/madgrad
"""

from typing import NamedTuple

import numpy as np

from .. import Array, constants


class State(NamedTuple):
    t: int
    s: Array
    v: Array
    start: Array


def init(param: Array) -> State:
    return State(0, np.zeros_like(param), np.zeros_like(param), param)


def update(
    gradient: Array,
    state: State,
    param: Array,
    *,
    lr: float | Array,
    momentum: float = 0.9,
    eps: float = 1e-6,
    weight_decay: float = 0.0,
    rate_eps: bool = True,
) -> tuple[Array, State]:
    g = gradient + weight_decay * param if weight_decay else gradient
    t = state.t + 1
    counted = np.sqrt(constants.whole(t, g))
    weight = lr * counted + eps * counted if rate_eps else lr * counted
    s, v = state.s + weight * g, state.v + weight * np.square(g)
    root = np.power(v, constants.whole(1, g) / 3) + eps
    z = state.start - s / np.where(root == 0, 1, root)
    return momentum * param + (1 - constants.decimal(momentum, g)) * z, State(t, s, v, state.start)
