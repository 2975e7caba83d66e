"""MoMo-Adam: Adam whose rate is how far a model of the loss, from its averages, can go down.

    f̄  = β₁ f̄ + (1 − β₁) loss       d  = β₁ d + (1 − β₁) g       γ̄  = β₁ γ̄ + (1 − β₁) g · θ     all from 0
    v  = β₂ v + (1 − β₂) g²          D  = √(v / (1 − β₂ᵗ)) + ε      ρ  = 1 − β₁ᵗ
    h  = (1 + lr λ) (f̄ − γ̄) + d · θ
    τ  = min((h − (1 + lr λ) ρ f⁎)₊ / Σ d²/D , lr / ρ)
    θ  = (θ − τ d/D) / (1 + lr λ)

As MoMo (momo.py), with lengths ‖x‖² = Σ D x² in the place of Σ x², and averages whose weights sum to ρ: f̄/ρ, d/ρ and
γ̄/ρ are those of the model. lr is Adam's own, the longest step, reached where the model has no end in sight.

With `adaptive`, f⁎ is estimated, from lower_bound on, and never below it:

    before τ   if h < (1 + lr λ) ρ f⁎ :  f⁎ = h / (2 (1 + lr λ) ρ)
    after it   f⁎ = (f̄ − γ̄ + d · θ − τ Σ d²/D / 2) / ρ

Shapes      gradient, parameter, m, which is d, and v (n) alike: all parameters as one vector; loss, gamma and lower ()
Convention  Where Σ d²/D is at most `negligible` there is no step: 2⁻⁵² in Optax whatever the precision, 0 in the paper.
            The authors' program can multiply by 1 − lr λ instead, as AdamW does. Optax 0.2.8 divides θ by 1 + lr λ, and
            not the step.
Source      Schaipp, Ohana, Eickenberg, Defazio, Gower (2023), MoMo: momentum models for adaptive learning rates; the
            authors' program, fabian-sp/MoMo
"""

from typing import NamedTuple

import numpy as np

from .. import Array, constants
from ._moments import correction, moment
from ._momo import lowered, stretch

NEEDS_VALUE = True
WHOLE = True


class State(NamedTuple):
    t: int
    m: Array
    v: Array
    loss: Array
    gamma: Array
    lower: Array | None  # f⁎


def init(param: Array) -> State:
    zero = constants.whole(0, param)
    return State(0, np.zeros_like(param), np.zeros_like(param), zero, zero, None)


def update(
    gradient: Array,
    state: State,
    param: Array,
    *,
    lr: float | Array,
    value: Array,
    betas: tuple[float, float] = (0.9, 0.999),
    eps: float = 1e-8,
    lower_bound: float = 0.0,
    adaptive: bool = False,
    weight_decay: float = 0.0,
    negligible: float = 0.0,
) -> tuple[Array, State]:
    t = state.t + 1
    rate = np.full_like(param, lr, shape=())
    grown = 1 + rate * weight_decay
    loss = moment(state.loss, np.full_like(gradient, value, shape=()), betas[0])
    m, v = moment(state.m, gradient, betas[0]), moment(state.v, np.square(gradient), betas[1])
    gamma = moment(state.gamma, (gradient * param).sum(), betas[0])
    of_m = correction(betas[0], t, param)
    step = m / (np.sqrt(v / correction(betas[1], t, param)) + eps)
    along, square = (m * param).sum(), (m * step).sum()
    height = grown * (loss - gamma) + along
    lower = constants.decimal(lower_bound, param) if state.lower is None else state.lower
    if adaptive:
        lower = lowered(lower, lower_bound, height, grown * of_m)
    tau = stretch(height, lower, grown * of_m, square, rate / of_m, negligible)
    if adaptive:
        lower = np.maximum((loss - gamma + along - tau * square / 2) / of_m, lower_bound)
    return (param - tau * step) / grown, State(t, m, v, loss, gamma, lower)
