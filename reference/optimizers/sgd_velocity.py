"""Stochastic gradient descent whose momentum holds steps: the learning rate stands inside the buffer.

    g  = gradient + weight_decay θ
    vₜ = momentum vₜ₋₁ − lr g ,   v₀ = 0
    θ  = θ + vₜ ,   with Nesterov   θ = θ + momentum vₜ − lr g

Shapes      gradient, parameter and v (...) alike
Convention  As in Sutskever and Keras, and in Optax where trace comes after scale_by_learning_rate; `sgd` has the rate
            outside. The two are the same until lr changes: here old gradients keep the rate of their own step.
Source      Sutskever, Martens, Dahl, Hinton (2013), On the importance of initialization and momentum, eq. 1 and 2, and
            eq. 3 and 4 written in the parameters that the gradient is taken at
"""

from typing import NamedTuple

import numpy as np

from .. import Array


class State(NamedTuple):
    v: Array


def init(param: Array) -> State:
    return State(np.zeros_like(param))


def update(
    gradient: Array,
    state: State,
    param: Array,
    *,
    lr: float | Array,
    momentum: float = 0.0,
    nesterov: bool = False,
    weight_decay: float = 0.0,
) -> tuple[Array, State]:
    g = gradient + weight_decay * param if weight_decay else gradient
    step = lr * g
    v = momentum * state.v - step
    return param + (momentum * v - step if nesterov else v), State(v)
