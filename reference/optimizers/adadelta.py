"""Adadelta: steps as large as the latest ones were, whatever the unit of the gradient.

    g  = gradient + weight_decay θ
    vₜ = ρ vₜ₋₁ + (1 − ρ) g²                                v₀ = u₀ = 0
    d  = √(uₜ₋₁ + ε) / √(vₜ + ε) · g
    uₜ = ρ uₜ₋₁ + (1 − ρ) d²
    θ  = θ − lr d

Shapes      gradient, parameter, v and u (...) alike
Convention  lr stands outside of u, as in PyTorch, Optax and Keras; the paper has none, which is lr = 1. ρ is 0.9 and ε
            1e-6 in PyTorch and Optax; in Keras they are 0.95 and 1e-7.
Source      Zeiler (2012), ADADELTA: an adaptive learning rate method, algorithm 1
"""

from typing import NamedTuple

import numpy as np

from .. import Array
from ._moments import moment


class State(NamedTuple):
    v: Array  # the average of the squares of the gradients
    u: Array  # the average of the squares of the steps


def init(param: Array) -> State:
    return State(np.zeros_like(param), np.zeros_like(param))


def update(
    gradient: Array,
    state: State,
    param: Array,
    *,
    lr: float | Array = 1.0,
    rho: float = 0.9,
    eps: float = 1e-6,
    weight_decay: float = 0.0,
) -> tuple[Array, State]:
    g = gradient + weight_decay * param if weight_decay else gradient
    v = moment(state.v, np.square(g), rho)
    step = np.sqrt((state.u + eps) / (v + eps)) * g
    return param - lr * step, State(v, moment(state.u, np.square(step), rho))
