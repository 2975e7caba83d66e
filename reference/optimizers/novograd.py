"""NovoGrad: the gradient of each parameter is divided by its norm, and momentum gathers what comes out.

    vₜ = β₂ vₜ₋₁ + (1 − β₂) ‖g‖² ,   v₁ = ‖g‖²              one number for the whole parameter
    mₜ = β₁ mₜ₋₁ + g / (√v + ε) + weight_decay θ ,   m₀ = 0
    θ  = θ − lr m

Shapes      gradient, parameter and m (...) alike; v ()
Convention  eps_at = "root": √v + ε, as in the paper and Optax; "inside": √(v + ε), Optax's eps_root. There is no factor
            (1 − β₁), which NVIDIA's own program has as an option. The paper has β = (0.95, 0.98), Optax (0.9, 0.25).
Source      Ginsburg et al. (2019), Stochastic gradient methods with layer-wise adaptive moments for training of deep
            networks, algorithm 1
"""

from typing import Literal, NamedTuple

import numpy as np

from .. import Array
from ._moments import moment


class State(NamedTuple):
    v: Array | None  # from the first step on
    m: Array


def init(param: Array) -> State:
    return State(None, np.zeros_like(param))


def update(
    gradient: Array,
    state: State,
    param: Array,
    *,
    lr: float | Array,
    betas: tuple[float, float] = (0.9, 0.25),
    eps: float = 1e-6,
    eps_at: Literal["root", "inside"] = "root",
    weight_decay: float = 0.0,
) -> tuple[Array, State]:
    square = np.square(gradient).sum()
    v = square if state.v is None else moment(state.v, square, betas[1])
    step = gradient / (np.sqrt(v) + eps if eps_at == "root" else np.sqrt(v + eps))
    if weight_decay:
        step = step + weight_decay * param
    m = betas[0] * state.m + step
    return param - lr * m, State(v, m)
