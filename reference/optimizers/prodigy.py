"""Prodigy: Adam whose rate is an estimate of how far away the solution is, which can only grow.

    γ  = dₜ lr √(1 − β₂ᵗ) / (1 − β₁ᵗ)                                                        d₁ = initial
    mₜ = β₁ mₜ₋₁ + (1 − β₁) dₜ g                vₜ = β₂ vₜ₋₁ + (1 − β₂) (dₜ g)²            m₀ = v₀ = 0
    nₜ = β₃ nₜ₋₁ + (dₜ / d₁) γ g · (θ₁ − θₜ)    sₜ = β₃ sₜ₋₁ + (dₜ / d₁) γ g               n₀ = s₀ = 0
    dₜ₊₁ = max(dₜ , factor nₜ / Σ |sₜ|)
    θ  = θ − γ weight_decay θ − γ mₜ / (√vₜ + dₜ₊₁ ε)

Where gradients go on to point away from the start, g · (θ₁ − θ) is large, and the rate was too small. The product and
the sum Σ are of all parameters together.

Shapes      gradient, parameter, start, m, v and s (n) alike: all parameters as one vector; d and numerator ()
Convention  β₃ is √β₂ where it is not given. safeguard leaves lr and the correction out of s (dₜ for γ), which a warm-up
            would make too small. bias_correction = false leaves both roots out of γ: the authors' program unless told;
            Optax always corrects. Both have the new d beside ε, the paper the old one. While all gradients have been
            zero, d stays as it is; the authors' program does not count these steps, and Optax 0.2.8 has 0 / 0.
Source      Mishchenko, Defazio (2023), Prodigy: an expeditiously adaptive parameter-free learner, its Adam version; the
            authors' program, konstmish/prodigy
"""

from typing import NamedTuple

import numpy as np

from .. import Array, constants
from ._moments import correction, moment

WHOLE = True


class State(NamedTuple):
    t: int
    start: Array
    m: Array
    v: Array
    s: Array
    d: Array | None
    numerator: Array


def init(param: Array) -> State:
    zero = np.zeros_like(param)
    return State(0, param, zero, zero, zero, None, constants.whole(0, param))


def update(
    gradient: Array,
    state: State,
    param: Array,
    *,
    lr: float | Array,
    betas: tuple[float, float] = (0.9, 0.999),
    beta3: float | None = None,
    eps: float = 1e-8,
    initial: float = 1e-6,
    factor: float = 1.0,
    weight_decay: float = 0.0,
    safeguard: bool = False,
    bias_correction: bool = True,
) -> tuple[Array, State]:
    t = state.t + 1
    first = constants.decimal(initial, param)
    d = first if state.d is None else state.d
    kept = np.sqrt(constants.decimal(betas[1], param)) if beta3 is None else constants.decimal(beta3, param)
    rate = d * lr
    if bias_correction:
        rate = rate * np.sqrt(correction(betas[1], t, param)) / correction(betas[0], t, param)
    m, v = moment(state.m, d * gradient, betas[0]), moment(state.v, np.square(d * gradient), betas[1])
    s = kept * state.s + d / first * (d if safeguard else rate) * gradient
    numerator = kept * state.numerator + d / first * rate * (gradient * (state.start - param)).sum()
    total = np.abs(s).sum()
    if total > 0:
        d = np.maximum(d, factor * numerator / total)
    step = m / (np.sqrt(v) + d * eps)
    moved = param - rate * (step + weight_decay * param if weight_decay else step)
    return moved, State(t, state.start, m, v, s, d, numerator)
