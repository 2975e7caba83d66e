"""Stochastic gradient descent with Polyak's step: as far as the loss would have to fall if it were linear.

    γ  = min((loss − f_min) / (‖g‖² + ε), lr)                 ‖g‖ is the norm of all gradients together
    θ  = θ − scaling γ g

lr is the largest step, so that a schedule can lower it.

Shapes      gradient and parameter (n) alike: all parameters as one vector
Convention  variant = "sps": γ is negative where the loss is below f_min; "sps+": 0 there.
            Where ‖g‖² + ε is at most `negligible` there is no step: 2⁻⁵² in Optax whatever the precision, 0 in the
            papers.
Source      Loizou, Vaswani, Laradji, Lacoste-Julien (2021), Stochastic Polyak step-size for SGD: SPS_max;
            Garrigos, Gower, Schaipp (2023), Function value learning: adaptive learning rates based on the Polyak
            stepsize and function splitting in ERM, for the positive part
"""

from typing import Literal, NamedTuple

import numpy as np

from .. import Array

NEEDS_VALUE = True
WHOLE = True


class State(NamedTuple):
    """Nothing is remembered."""


def init(param: Array) -> State:  # noqa: ARG001 - as all do
    return State()


def update(
    gradient: Array,
    state: State,
    param: Array,
    *,
    lr: float | Array,
    value: Array,
    scaling: float = 1.0,
    f_min: float = 0.0,
    eps: float = 0.0,
    variant: Literal["sps", "sps+"] = "sps",
    negligible: float = 0.0,
) -> tuple[Array, State]:
    divisor = np.square(gradient).sum() + eps
    if divisor <= negligible:
        return param, state
    gap = np.full_like(gradient, value, shape=()) - f_min  # whatever precision the loss was kept in
    if variant == "sps+":
        gap = np.maximum(gap, 0)
    rate = np.minimum(gap / divisor, lr)
    return param - scaling * rate * gradient, state
