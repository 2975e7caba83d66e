"""D-Adaptation, the variant of AdamW: its rate is an estimate of how far away the solution is, which can only grow.

    γ  = dₜ lr √(1 − β₂ᵗ) / (1 − β₁ᵗ)             β = √β₂                                    d₁ = initial
    nₜ = β nₜ₋₁ + (1 − β) γ g · (sₜ₋₁ / (√vₜ₋₁ + ε))                                          n₀ = s₀ = 0
    mₜ = β₁ mₜ₋₁ + (1 − β₁) γ g                   vₜ = β₂ vₜ₋₁ + (1 − β₂) g²                  m₀ = v₀ = 0
    sₜ = β sₜ₋₁ + (1 − β) γ g
    dₜ₊₁ = max(dₜ , nₜ / ((1 − β) Σ |sₜ|))
    θ  = θ − γ weight_decay θ − mₜ / (√vₜ + ε)

Where gradients go on to point where those before them did, the rate was too small. The product and the sum Σ are of all
parameters together.

Shapes      gradient, parameter, m, v and s (n) alike: all parameters as one vector; d and numerator ()
Convention  The correction of the moments is in γ, as in Optax; the authors' program has none unless told. Nothing
            limits how fast d grows, as nothing does in theirs unless told. While all gradients have been zero, d stays
            as it is; the authors' program does not count these steps, and Optax 0.2.8 has 0 / 0.
Source      Defazio, Mishchenko (2023), Learning-rate-free learning by D-Adaptation, its Adam version; the authors'
            program, facebookresearch/dadaptation
"""

from typing import NamedTuple

import numpy as np

from .. import Array, constants
from ._moments import correction, moment

WHOLE = True


class State(NamedTuple):
    t: int
    m: Array
    v: Array
    s: Array
    d: Array | None
    numerator: Array


def init(param: Array) -> State:
    zero = np.zeros_like(param)
    return State(0, zero, zero, zero, None, constants.whole(0, param))


def update(
    gradient: Array,
    state: State,
    param: Array,
    *,
    lr: float | Array,
    betas: tuple[float, float] = (0.9, 0.999),
    eps: float = 1e-8,
    initial: float = 1e-6,
    weight_decay: float = 0.0,
    bias_correction: bool = True,
) -> tuple[Array, State]:
    t = state.t + 1
    d = constants.decimal(initial, param) if state.d is None else state.d
    kept = np.sqrt(constants.decimal(betas[1], param))
    rate = d * lr
    if bias_correction:
        rate = rate * np.sqrt(correction(betas[1], t, param)) / correction(betas[0], t, param)
    along = (gradient * state.s / (np.sqrt(state.v) + eps)).sum()
    numerator = kept * state.numerator + (1 - kept) * rate * along
    m, v = moment(state.m, rate * gradient, betas[0]), moment(state.v, np.square(gradient), betas[1])
    s = kept * state.s + (1 - kept) * rate * gradient
    total = np.abs(s).sum()
    if total > 0:
        d = np.maximum(d, numerator / ((1 - kept) * total))
    step = m / (np.sqrt(v) + eps)
    moved = param - (step + rate * weight_decay * param if weight_decay else step)
    return moved, State(t, m, v, s, d, numerator)
