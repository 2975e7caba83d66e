"""Adam: a step of about lr in each direction, whatever the gradient's scale.

    g  = gradient + weight_decay θ
    mₜ = β₁ mₜ₋₁ + (1 − β₁) g                     vₜ = β₂ vₜ₋₁ + (1 − β₂) g²                    m₀ = v₀ = 0
    m̂  = mₜ / (1 − β₁ᵗ)                           v̂  = vₜ / (1 − β₂ᵗ)
    θ  = θ − lr m̂ / (√v̂ + ε)

Shapes      gradient, parameter, m, v and the largest v (...) alike
Convention  eps_at = "root": √v̂ + ε, as in PyTorch, Optax and Keras; "inside": √(v̂ + ε), Optax's eps_root; "hat": the
            paper's ε̂ (end of section 2), m̂ √(1 − β₂ᵗ) / (√v + ε̂), as in TensorFlow 1, which is ε = ε̂ / √(1 − β₂ᵗ).
            bias_correction = false leaves m and v as they are, as MLX does unless told.
            amsgrad = "raw": v̂ from the largest v so far, as in PyTorch and Keras; "corrected": the largest v̂ so far, as
            in Optax; the paper of AMSGrad has no correction at all.
Source      Kingma, Ba (2015), Adam: a method for stochastic optimization, algorithm 1;
            Reddi, Kale, Kumar (2018), On the convergence of Adam and beyond, algorithm 2
"""

from typing import Literal, NamedTuple

import numpy as np

from .. import Array, constants
from ._moments import correction, divisor, moment


class State(NamedTuple):
    t: int
    m: Array
    v: Array
    largest: Array | None  # of v or v̂, with amsgrad


def init(param: Array) -> State:
    return State(0, np.zeros_like(param), np.zeros_like(param), None)


def update(
    gradient: Array,
    state: State,
    param: Array,
    *,
    lr: float | Array,
    betas: tuple[float, float] = (0.9, 0.999),
    eps: float = 1e-8,
    eps_at: Literal["root", "inside", "hat"] = "root",
    weight_decay: float = 0.0,
    bias_correction: bool = True,
    amsgrad: Literal["off", "raw", "corrected"] = "off",
) -> tuple[Array, State]:
    g = gradient + weight_decay * param if weight_decay else gradient
    t = state.t + 1
    m, v = moment(state.m, g, betas[0]), moment(state.v, np.square(g), betas[1])
    of_m, of_v = (correction(b, t, g) for b in betas) if bias_correction else [constants.whole(1, g)] * 2
    largest = state.largest
    if amsgrad == "off":
        second = v / of_v
    elif amsgrad == "raw":
        largest = v if largest is None else np.maximum(largest, v)
        second = largest / of_v
    else:
        second = largest = v / of_v if largest is None else np.maximum(largest, v / of_v)
    return param - lr * (m / of_m) / divisor(second, of_v, eps, eps_at), State(t, m, v, largest)
