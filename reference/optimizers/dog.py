"""DoG: distance over gradients, a step that needs no rate.

    g   = gradient + weight_decay θ
    r̄ₜ  = max(r̄ₜ₋₁ , ‖θₜ − θ₁‖)
    Gₜ  = Gₜ₋₁ + ‖g‖²                                         G₀ = 0
    θ   = θ − lr r̄ₜ / √(Gₜ + ε) g

‖ ‖ is the norm of all parameters together. The farther the parameters have come, the longer the steps, and the more
gradients have been seen, the shorter. lr is a factor on the step, 1 in the paper.

Shapes      gradient, parameter and start (n) alike: all parameters as one vector; distance and squares ()
Convention  initial_step = "distance": r̄₀ = initial; "heuristic": r̄₀ = initial (1 + ‖θ₁‖), which the paper proposes with
            1e-6 or, beside batch normalisation, 1e-4; "learning_rate": r̄₀ = 0, and `initial` stands for r̄ₜ / √(Gₜ + ε)
            in the first step. ε is inside the root, as in Optax.
Source      Ivgi, Hinder, Carmon (2023), DoG is SGD's best friend: a parameter-free dynamic step size schedule, sec. 1
"""

from typing import Literal, NamedTuple

import numpy as np

from .. import Array, constants
from ._lengths import length

WHOLE = True


class State(NamedTuple):
    start: Array
    distance: Array | None  # r̄
    squares: Array  # G


def init(param: Array) -> State:
    return State(param, None, constants.whole(0, param))


def update(
    gradient: Array,
    state: State,
    param: Array,
    *,
    lr: float | Array,
    initial_step: Literal["heuristic", "distance", "learning_rate"] = "heuristic",
    initial: float = 1e-6,
    eps: float = 1e-8,
    weight_decay: float = 0.0,
) -> tuple[Array, State]:
    g = gradient + weight_decay * param if weight_decay else gradient
    first = state.distance is None
    distance = state.distance
    if distance is None:
        distance = constants.decimal(0.0 if initial_step == "learning_rate" else initial, param)
        if initial_step == "heuristic":
            distance = distance * (1 + length(param))
    distance = np.maximum(distance, length(param - state.start))
    squares = state.squares + np.square(g).sum()
    step = initial if first and initial_step == "learning_rate" else distance / np.sqrt(squares + eps)
    return param - lr * step * g, State(state.start, distance, squares)
