"""Lion: every number moves by lr, towards the sign of a gradient that remembers.

    c  = β₁ mₜ₋₁ + (1 − β₁) g
    θ  = θ − lr (sign c + weight_decay θ) ,   sign 0 = 0
    mₜ = β₂ mₜ₋₁ + (1 − β₂) g ,   m₀ = 0

Shapes      gradient, parameter and m (...) alike
Convention  The decay stands beside the step, and goes through the learning rate, everywhere. Its default is 0.001 in
            Optax, none in Keras and MLX.
Source      Chen et al. (2023), Symbolic discovery of optimization algorithms, algorithm 2
"""

from typing import NamedTuple

import numpy as np

from .. import Array
from ._moments import moment


class State(NamedTuple):
    m: Array


def init(param: Array) -> State:
    return State(np.zeros_like(param))


def update(
    gradient: Array,
    state: State,
    param: Array,
    *,
    lr: float | Array,
    betas: tuple[float, float] = (0.9, 0.99),
    weight_decay: float = 0.0,
) -> tuple[Array, State]:
    direction = np.sign(moment(state.m, gradient, betas[0]))
    if weight_decay:
        direction = direction + weight_decay * param
    return param - lr * direction, State(moment(state.m, gradient, betas[1]))
