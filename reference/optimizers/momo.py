"""MoMo: momentum whose rate is how far a model of the loss, from its averages, can go down.

    f̄  = β f̄ + (1 − β) loss       d  = β d + (1 − β) g       γ̄  = β γ̄ + (1 − β) g · θ       β = 0 in the first step
    h  = (1 + lr λ) (f̄ − γ̄) + d · θ
    τ  = min((h − (1 + lr λ) f⁎)₊ / ‖d‖² , lr)
    θ  = (θ − τ d) / (1 + lr λ)

f⁎ is a lower bound of the loss, λ the weight decay. θ after the step is the least of

    max(f̄ + d · θ' − γ̄ , f⁎) + λ/2 ‖θ'‖² + ‖θ' − θ‖² / (2 lr)

whose gradient, s d + λ θ' + (θ' − θ) / lr with s from 0 to 1, is zero at θ' = (θ − τ d) / (1 + lr λ), τ = s lr; where
the maximum's two sides meet, f̄ − γ̄ − f⁎ + d · (θ − τ d) / (1 + lr λ) = 0, which is τ above. lr is the longest step, so
that a schedule can lower it. Products and norm are of all parameters together.

With `adaptive`, f⁎ is estimated, from lower_bound on, and never below it:

    before τ   if h < (1 + lr λ) f⁎ :  f⁎ = h / (2 (1 + lr λ))
    after it   f⁎ = f̄ − γ̄ + d · θ − τ ‖d‖² / 2

Shapes      gradient, parameter and m, which is d, (n) alike: all parameters as one vector; loss, gamma and lower ()
Convention  Where ‖d‖² is at most `negligible` there is no step: 2⁻⁵² in Optax whatever the precision, 0 in the paper.
            The authors' program can multiply by 1 − lr λ instead. Optax 0.2.8 divides θ by 1 + lr λ, and not the step.
Source      Schaipp, Ohana, Eickenberg, Defazio, Gower (2023), MoMo: momentum models for adaptive learning rates, lemma
            3.1; the authors' program, fabian-sp/MoMo
"""

from typing import NamedTuple

import numpy as np

from .. import Array, constants
from ._moments import moment
from ._momo import lowered, stretch

NEEDS_VALUE = True
WHOLE = True


class State(NamedTuple):
    m: Array
    loss: Array
    gamma: Array
    lower: Array | None  # f⁎


def init(param: Array) -> State:
    return State(np.zeros_like(param), constants.whole(0, param), constants.whole(0, param), None)


def update(
    gradient: Array,
    state: State,
    param: Array,
    *,
    lr: float | Array,
    value: Array,
    momentum: float = 0.9,
    lower_bound: float = 0.0,
    adaptive: bool = False,
    weight_decay: float = 0.0,
    negligible: float = 0.0,
) -> tuple[Array, State]:
    beta = 0.0 if state.lower is None else momentum
    rate = np.full_like(param, lr, shape=())
    grown = 1 + rate * weight_decay
    loss = moment(state.loss, np.full_like(gradient, value, shape=()), beta)
    m = moment(state.m, gradient, beta)
    gamma = moment(state.gamma, (gradient * param).sum(), beta)
    along, square = (m * param).sum(), np.square(m).sum()
    height = grown * (loss - gamma) + along
    lower = constants.decimal(lower_bound, param) if state.lower is None else state.lower
    if adaptive:
        lower = lowered(lower, lower_bound, height, grown)
    tau = stretch(height, lower, grown, square, rate, negligible)
    if adaptive:
        lower = np.maximum(loss - gamma + along - tau * square / 2, lower_bound)
    return (param - tau * m) / grown, State(m, loss, gamma, lower)
