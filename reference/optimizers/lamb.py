"""LAMB: Adam's direction, made as long as the parameter that it moves.

    mₜ = β₁ mₜ₋₁ + (1 − β₁) g                     vₜ = β₂ vₜ₋₁ + (1 − β₂) g²                    m₀ = v₀ = 0
    m̂  = mₜ / (1 − β₁ᵗ)                           v̂  = vₜ / (1 − β₂ᵗ)
    u  = m̂ / (√v̂ + ε) + weight_decay θ
    θ  = θ − lr (‖θ‖ / ‖u‖) u                     the norms are of this one parameter; where one is 0, their ratio is 1

Shapes      gradient, parameter, m and v (...) alike
Convention  eps_at = "root": √v̂ + ε, as in the paper and in Optax; "inside": √(v̂ + ε), Optax's eps_root. The paper's φ
            is the identity here, as in Optax: no norm has a largest or smallest value. A parameter without decay has
            its ratio all the same; NVIDIA's fused LAMB leaves it at 1 unless told.
            bias_correction = false leaves m and v as they are, which the paper allows where there is a warm-up.
Source      You, Li, Reddi et al. (2020), Large batch optimization for deep learning: training BERT in 76 minutes,
            algorithm 2
"""

from typing import Literal, NamedTuple

import numpy as np

from .. import Array, constants
from ._lengths import length
from ._moments import correction, moment


class State(NamedTuple):
    t: int
    m: Array
    v: Array


def init(param: Array) -> State:
    return State(0, np.zeros_like(param), np.zeros_like(param))


def update(
    gradient: Array,
    state: State,
    param: Array,
    *,
    lr: float | Array,
    betas: tuple[float, float] = (0.9, 0.999),
    eps: float = 1e-6,
    eps_at: Literal["root", "inside"] = "root",
    weight_decay: float = 0.0,
    bias_correction: bool = True,
) -> tuple[Array, State]:
    t = state.t + 1
    m, v = moment(state.m, gradient, betas[0]), moment(state.v, np.square(gradient), betas[1])
    of_m, of_v = (correction(b, t, param) for b in betas) if bias_correction else [constants.whole(1, param)] * 2
    root = np.sqrt(v / of_v) + eps if eps_at == "root" else np.sqrt(v / of_v + eps)
    u = m / of_m / root
    if weight_decay:
        u = u + weight_decay * param
    return param - lr * trust(length(param), length(u)) * u, State(t, m, v)


def trust(of_param: Array, of_update: Array) -> Array:
    """What the update is multiplied by; a length of 0 says nothing about the other."""
    if of_param == 0 or of_update == 0:
        return constants.whole(1, of_param)
    ratio: Array = of_param / of_update
    return ratio
