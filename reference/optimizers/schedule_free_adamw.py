"""Schedule-free AdamW: Adam's step without its momentum, which an average of the iterates takes the place of.

    vₜ = β₂ vₜ₋₁ + (1 − β₂) g²             v̂ = vₜ / (1 − β₂ᵗ)            v₀ = 0
    z  = z − lr (g / (√v̂ + ε) + weight_decay y)                          z₁ = x₁ = y₁
    r  = max(r , lr)      w = rᵖ      c = w / Σ w
    x  = (1 − c) x + c z
    y  = (1 − β₁) z + β₁ x

y are the parameters, where the gradient is taken; x, the average, is what training comes to, and (y − (1 − β₁) z) / β₁.

Shapes      gradient, parameter, z and v (...) alike; largest and total ()
Convention  As in the authors' program and in Optax. The paper has lr √(1 − β₂ᵗ) in the place of lr, in the decay and in
            the weights too, and √v + ε in the divisor. While all rates are 0, so is c.
Source      Defazio, Yang, Mehta, Mishchenko, Khaled, Cutkosky (2024), The road less scheduled, algorithm 1; the
            authors' program, facebookresearch/schedule_free
Raises      ValueError if β₁ is not above 0, where nothing of the average is left in y
"""

from typing import NamedTuple

import numpy as np

from .. import Array, constants
from ._moments import correction, moment
from ._schedule_free import between, share


class State(NamedTuple):
    t: int
    z: Array
    v: Array
    largest: Array  # rate
    total: Array  # of the weights


def init(param: Array) -> State:
    return State(0, param, np.zeros_like(param), constants.whole(0, param), constants.whole(0, param))


def update(
    gradient: Array,
    state: State,
    param: Array,
    *,
    lr: float | Array,
    betas: tuple[float, float] = (0.9, 0.999),
    eps: float = 1e-8,
    weight_decay: float = 0.0,
    weight_lr_power: float = 2.0,
) -> tuple[Array, State]:
    if not betas[0] > 0:
        raise ValueError(f"schedule_free_adamw: the first of betas must be above 0, got {betas[0]}")
    t = state.t + 1
    v = moment(state.v, np.square(gradient), betas[1])
    step = gradient / (np.sqrt(v / correction(betas[1], t, gradient)) + eps)
    z = state.z - lr * (step + weight_decay * param if weight_decay else step)
    largest = np.maximum(state.largest, lr)
    of_z, total = share(largest, state.total, weight_lr_power)
    return between(param, state.z, z, of_z, betas[0]), State(t, z, v, largest, total)
