"""Descent by signs: every number moves by lr, whatever the size of its gradient; with momentum it is called Signum.

    θ  = θ − lr sign g ,   sign 0 = 0
    mₜ = momentum mₜ₋₁ + (1 − momentum) g ,   θ = θ − lr sign mₜ ,   m₀ = 0          with momentum

Shapes      gradient, parameter and m (...) alike
Convention  Without momentum there is no buffer. The factor (1 − momentum) changes m and no sign.
Source      Bernstein, Wang, Azizzadenesheli, Anandkumar (2018), signSGD: compressed optimisation for non-convex
            problems, algorithms 1 and 2
"""

from typing import NamedTuple

import numpy as np

from .. import Array, constants
from ._moments import moment


class State(NamedTuple):
    m: Array | None  # from the first step on, where there is momentum


def init(param: Array) -> State:  # noqa: ARG001 - the buffer is born in the first step
    return State(None)


def update(
    gradient: Array, state: State, param: Array, *, lr: float | Array, momentum: float = 0.0
) -> tuple[Array, State]:
    if not momentum:
        return param - lr * np.sign(gradient), state
    m = moment(constants.whole(0, gradient) if state.m is None else state.m, gradient, momentum)
    return param - lr * np.sign(m), State(m)
