"""Adan: Nesterov's momentum estimated from how the gradient changes.

    d  = gₜ − gₜ₋₁,  0 at the first step
    mₜ = β₁ mₜ₋₁ + (1 − β₁) gₜ                        vₜ = β₂ vₜ₋₁ + (1 − β₂) d                  m₀ = v₀ = n₀ = 0
    nₜ = β₃ nₜ₋₁ + (1 − β₃) (gₜ + β₂ d)²
    u  = (m̂ + β₂ v̂) / (√(n̂ + ε_root) + ε),            each hat divides by 1 − βᵗ of its own β
    θ  = (θ − lr u) / (1 + lr λ)                      λ: weight_decay

Shapes      gradient, parameter, m, v, n and the last gradient (...) alike
Convention  β is the share that is kept, as in the authors' program, Adam and Optax; the paper's is 1 − β of here.
            ahead = "kept": g and m look ahead by β₂, as in the paper, where it is 1 − its own β₂, and in the authors'
            program; "new": by 1 − β₂, as Optax 0.2.8 does, although its β₂ is what is kept: 0.08 for 0.92.
            decay = "proximal": as above, as in the paper; "decoupled": θ − lr λ θ − lr u, as in Optax and by the option
            no_prox of the authors' program, which has no ε_root; Optax has one, of 10⁻⁸ unless told. The hats are
            theirs and Optax's; algorithm 1 begins with m₀ = g₀ and n₀ = g₀² instead.
Source      Xie, Zhou, Li, Lin, Yan (2022), Adan: adaptive Nesterov momentum algorithm for faster optimizing deep
            models, algorithm 1; the authors' program, sail-sg/Adan
"""

from typing import Literal, NamedTuple

import numpy as np

from .. import Array, constants
from ._moments import correction, moment


class State(NamedTuple):
    t: int
    m: Array
    v: Array
    n: Array
    g: Array | None  # the last gradient


def init(param: Array) -> State:
    return State(0, np.zeros_like(param), np.zeros_like(param), np.zeros_like(param), None)


def update(
    gradient: Array,
    state: State,
    param: Array,
    *,
    lr: float | Array,
    betas: tuple[float, float, float] = (0.98, 0.92, 0.99),
    eps: float = 1e-8,
    eps_root: float = 0.0,
    weight_decay: float = 0.0,
    decay: Literal["proximal", "decoupled"] = "proximal",
    ahead: Literal["kept", "new"] = "kept",
) -> tuple[Array, State]:
    t = state.t + 1
    change = gradient - (gradient if state.g is None else state.g)
    beta = constants.decimal(betas[1], gradient)
    by = beta if ahead == "kept" else 1 - beta
    m, v = moment(state.m, gradient, betas[0]), moment(state.v, change, betas[1])
    n = moment(state.n, np.square(gradient + by * change), betas[2])
    of_m, of_v, of_n = (correction(b, t, gradient) for b in betas)
    step = lr * (m / of_m + by / of_v * v) / (np.sqrt(n / of_n + eps_root) + eps)
    after = State(t, m, v, n, gradient)
    if decay == "decoupled":
        return param - lr * (weight_decay * param) - step, after
    return (param - step) / (1 + lr * constants.decimal(weight_decay, gradient)), after
