"""LARS: each parameter's step is as long as a share of the parameter itself.

    u  = g + weight_decay θ
    r  = trust_coefficient ‖θ‖ / (‖u‖ + ε)                the norms are of this one parameter; where one is 0, r = 1
    vₜ = momentum vₜ₋₁ − lr r u                           v₀ = 0
    θ  = θ + vₜ,   with Nesterov   θ = θ + momentum vₜ − lr r u

Shapes      gradient, parameter and v (...) alike
Convention  norm = "sum": ‖g + weight_decay θ‖ in the divisor, as in Optax; "parts": ‖g‖ + weight_decay ‖θ‖, as in the
            paper and in tinygrad; r = 1 then where ‖g‖ is 0.
            rate = "buffer": a step keeps the learning rate of its time in v, as in the paper and in Optax; "step": v is
            momentum vₜ₋₁ − r u, and the whole of it takes the latest rate, which is PyTorch's form of momentum.
Source      You, Gitman, Ginsburg (2017), Large batch training of convolutional networks, algorithm 1
"""

from typing import Literal, NamedTuple

import numpy as np

from .. import Array, constants
from ._lengths import length


class State(NamedTuple):
    momentum: Array


def init(param: Array) -> State:
    return State(np.zeros_like(param))


def update(
    gradient: Array,
    state: State,
    param: Array,
    *,
    lr: float | Array,
    momentum: float = 0.9,
    nesterov: bool = False,
    weight_decay: float = 0.0,
    trust_coefficient: float = 0.001,
    eps: float = 0.0,
    norm: Literal["sum", "parts"] = "sum",
    rate: Literal["buffer", "step"] = "buffer",
) -> tuple[Array, State]:
    u = gradient + weight_decay * param if weight_decay else gradient
    of_param = length(param)
    of_update = length(u if norm == "sum" else gradient)
    ratio = constants.whole(1, param)
    if of_param != 0 and of_update != 0:
        divisor = of_update if norm == "sum" else of_update + weight_decay * of_param
        ratio = trust_coefficient * of_param / (divisor + eps)
    step = -(lr * ratio if rate == "buffer" else ratio) * u
    v = momentum * state.momentum + step
    move = momentum * v + step if nesterov else v
    return param + (move if rate == "buffer" else lr * move), State(v)
