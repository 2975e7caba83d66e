"""RMSprop: each gradient over the root of a running average of its squares.

    g  = gradient + weight_decay θ
    vₜ = α vₜ₋₁ + (1 − α) g² ,   v₀ = initial               ḡₜ = α ḡₜ₋₁ + (1 − α) g ,   ḡ₀ = 0
    s  = v,   centred   s = v − ḡ²                          d  = g / (√s + ε)
    θ  = θ − lr d ,   with momentum   bₜ = momentum bₜ₋₁ + d ,   θ = θ − lr bₜ ,   b₀ = 0
                      with Nesterov   θ = θ − lr (d + momentum bₜ)

Shapes      gradient, parameter, v, ḡ and b (...) alike
Convention  eps_at = "root": √s + ε, as in PyTorch and MLX; "inside": √(s + ε), as in Graves (2013), Keras, and Optax
            unless told otherwise. rate_in_buffer: bₜ = momentum bₜ₋₁ − lr d and θ = θ + bₜ, as in Graves, Optax and
            Keras, which differs once lr changes; PyTorch keeps the rate outside. initial: 0 but in TensorFlow 1, which
            has 1. bias_correction: v / (1 − αᵗ) and ḡ / (1 − αᵗ), which Optax offers. α is 0.99 in PyTorch and MLX,
            0.9 in Optax, Keras and the lecture.
            Where a gradient stays the same for long, v and ḡ² cancel: rounding may take s below zero, where it has no
            root. PyTorch and Optax do not guard against that, and neither does this.
Source      Tieleman, Hinton (2012), Neural networks for machine learning, lecture 6e;
            Graves (2013), Generating sequences with recurrent neural networks, eq. 38 to 41, for the centred form
Raises      ValueError if Nesterov is asked for without momentum, where it means nothing
"""

from typing import Literal, NamedTuple

import numpy as np

from .. import Array, constants
from ._moments import correction, moment


class State(NamedTuple):
    t: int
    v: Array | None  # from the first step on
    mean: Array | None  # of the gradients, where centred
    momentum: Array | None


def init(param: Array) -> State:  # noqa: ARG001 - all is born in the first step, which knows the options
    return State(0, None, None, None)


def update(
    gradient: Array,
    state: State,
    param: Array,
    *,
    lr: float | Array,
    alpha: float = 0.99,
    eps: float = 1e-8,
    eps_at: Literal["root", "inside"] = "root",
    weight_decay: float = 0.0,
    momentum: float = 0.0,
    nesterov: bool = False,
    rate_in_buffer: bool = False,
    centered: bool = False,
    bias_correction: bool = False,
    initial: float = 0.0,
) -> tuple[Array, State]:
    if nesterov and momentum <= 0:
        raise ValueError("rmsprop: nesterov needs momentum above 0")
    g = gradient + weight_decay * param if weight_decay else gradient
    t = state.t + 1
    of = correction(alpha, t, g)
    v = moment(constants.decimal(initial, g) if state.v is None else state.v, np.square(g), alpha)
    second, mean = v / of if bias_correction else v, None
    if centered:
        mean = moment(constants.whole(0, g) if state.mean is None else state.mean, g, alpha)
        second = second - np.square(mean / of if bias_correction else mean)
    step = g / (np.sqrt(second) + eps if eps_at == "root" else np.sqrt(second + eps))
    if not momentum:
        return param - lr * step, State(t, v, mean, None)
    change = -lr * step if rate_in_buffer else step
    buffer = change if state.momentum is None else momentum * state.momentum + change
    move = change + momentum * buffer if nesterov else buffer
    return (param + move if rate_in_buffer else param - lr * move), State(t, v, mean, buffer)
