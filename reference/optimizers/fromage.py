"""Fromage: each parameter is turned by an angle that the rate decides, whatever the size of parameter and gradient.

    r = max(‖θ‖, min_norm) / max(‖g‖, min_norm)       the norms are of this one parameter; where one is 0, r = 1
    θ = (θ − lr r g) / √(1 + lr²)

For g orthogonal to θ, θ − lr r g is √(1 + lr²) times as long as θ, so that the division keeps the length as it was.

Shapes      gradient and parameter (...) alike
Convention  min_norm is 10⁻⁶ in Optax unless told, and 0 in the authors' program. A parameter of zeros thus moves by
            lr min_norm in Optax, and by lr g with the authors'.
Source      Bernstein, Vahdat, Yue, Liu (2020), On the distance between two neural networks and the stability of
            learning, algorithm 1; the authors' program, jxbz/fromage
"""

from typing import NamedTuple

import numpy as np

from .. import Array, constants
from ._lengths import length


class State(NamedTuple):
    """Nothing is remembered."""


def init(param: Array) -> State:  # noqa: ARG001 - as all do
    return State()


def update(
    gradient: Array, state: State, param: Array, *, lr: float | Array, min_norm: float = 0.0
) -> tuple[Array, State]:
    of_param, of_gradient = np.maximum(length(param), min_norm), np.maximum(length(gradient), min_norm)
    ratio = constants.whole(1, param) if of_param == 0 or of_gradient == 0 else of_param / of_gradient
    rate = lr * constants.whole(1, param)
    return (param - rate * ratio * gradient) / np.sqrt(1 + np.square(rate)), state
