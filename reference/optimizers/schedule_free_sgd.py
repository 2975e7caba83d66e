"""Schedule-free SGD: gradients are taken between the iterates and their average, and no rate has to fall.

    g  = gradient + weight_decay y
    z  = z − lr g                                               z₁ = x₁ = y₁
    r  = max(r , lr)      w = rᵖ      c = w / Σ w
    x  = (1 − c) x + c z
    y  = (1 − β) z + β x

y are the parameters, where the gradient is taken; x, the average, is what training comes to, and (y − (1 − β) z) / β.

Shapes      gradient, parameter and z (...) alike; largest and total ()
Convention  p = 2 in the paper and both programs. The paper weighs by the rate itself, and not by the largest so far as
            the authors' program and Optax do: the same while the rate does not fall. While all rates are 0, so is c.
Source      Defazio, Yang, Mehta, Mishchenko, Khaled, Cutkosky (2024), The road less scheduled; the authors'
            program, facebookresearch/schedule_free
Raises      ValueError if β is not above 0, where nothing of the average is left in y
"""

from typing import NamedTuple

import numpy as np

from .. import Array, constants
from ._schedule_free import between, share


class State(NamedTuple):
    z: Array
    largest: Array  # rate
    total: Array  # of the weights


def init(param: Array) -> State:
    return State(param, constants.whole(0, param), constants.whole(0, param))


def update(
    gradient: Array,
    state: State,
    param: Array,
    *,
    lr: float | Array,
    beta: float = 0.9,
    weight_decay: float = 0.0,
    weight_lr_power: float = 2.0,
) -> tuple[Array, State]:
    if not beta > 0:
        raise ValueError(f"schedule_free_sgd: beta must be above 0, got {beta}")
    z = state.z - lr * (gradient + weight_decay * param if weight_decay else gradient)
    largest = np.maximum(state.largest, lr)
    of_z, total = share(largest, state.total, weight_lr_power)
    return between(param, state.z, z, of_z, beta), State(z, largest, total)
