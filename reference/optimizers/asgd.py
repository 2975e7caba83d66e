"""Averaged stochastic gradient descent: rates that fall, and the average of where the parameter has been.

    g  = gradient + weight_decay θ
    θ  = θ (1 − λ ηₜ₋₁) − ηₜ₋₁ g                            ηₜ = lr / (1 + λ lr t)^α ,   η₀ = lr of the first step
    aₜ = aₜ₋₁ + (θ − aₜ₋₁) / max(1, t − 1 − t₀)             which is θ itself up to step t₀ + 2

Shapes      gradient, parameter and average (...) alike
Convention  As PyTorch has it: each step takes the rate that the step before has set, from the rate of that step: one
            that changes takes effect a step late. The average is kept beside the parameter, and never takes its place.
Source      Polyak, Juditsky (1992), Acceleration of stochastic approximation by averaging;
            Bottou (2012), Stochastic gradient descent tricks, section 5.3, for the rates; torch.optim.ASGD
"""

from typing import NamedTuple

import numpy as np

from .. import Array, constants


class State(NamedTuple):
    t: int
    rate: Array | None  # of the next step
    average: Array | None


def init(param: Array) -> State:  # noqa: ARG001 - all is born in the first step
    return State(0, None, None)


def update(
    gradient: Array,
    state: State,
    param: Array,
    *,
    lr: float | Array,
    lambd: float = 1e-4,
    alpha: float = 0.75,
    t0: float = 1e6,
    weight_decay: float = 0.0,
) -> tuple[Array, State]:
    g = gradient + weight_decay * param if weight_decay else gradient
    now = constants.whole(0, g) + lr
    rate = now if state.rate is None else state.rate
    moved = param * (1 - lambd * rate) - rate * g
    count = state.t - t0
    average = moved if state.average is None or count <= 1 else state.average + (moved - state.average) / count
    t = state.t + 1
    return moved, State(t, now / np.power(1 + t * (lambd * now), alpha), average)
