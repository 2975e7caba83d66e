"""DoWG: distance over weighted gradients, a step that needs no rate.

    g   = gradient + weight_decay θ
    r̄²ₜ = max(r̄²ₜ₋₁ , ‖θₜ − θ₁‖²)                            r̄²₀ = initial
    vₜ  = vₜ₋₁ + r̄²ₜ ‖g‖²                                     v₀ = 0
    θ   = θ − lr r̄²ₜ / (√vₜ + ε) g

‖ ‖ is the norm of all parameters together. Gradients weigh by how far the parameters had come when they were taken, so
that the first ones, from near the start, fade. lr is a factor on the step, 1 in the paper.

Shapes      gradient, parameter and start (n) alike: all parameters as one vector; distance, which is squared, and
            weighted ()
Convention  initial is r̄²₀, a length squared, and ε where it is not given, as in Optax. The paper has no ε.
Source      Khaled, Mishchenko, Jin (2023), DoWG unleashed: an efficient universal parameter-free gradient descent
            method, algorithm 1
"""

from typing import NamedTuple

import numpy as np

from .. import Array, constants

WHOLE = True


class State(NamedTuple):
    start: Array
    distance: Array | None  # r̄²
    weighted: Array


def init(param: Array) -> State:
    return State(param, None, constants.whole(0, param))


def update(
    gradient: Array,
    state: State,
    param: Array,
    *,
    lr: float | Array,
    initial: float | None = None,
    eps: float = 1e-4,
    weight_decay: float = 0.0,
) -> tuple[Array, State]:
    g = gradient + weight_decay * param if weight_decay else gradient
    distance = state.distance
    if distance is None:
        distance = constants.decimal(eps if initial is None else initial, param)
    distance = np.maximum(distance, np.square(param - state.start).sum())
    weighted = state.weighted + distance * np.square(g).sum()
    step = distance / (np.sqrt(weighted) + eps)
    return param - lr * step * g, State(state.start, distance, weighted)
