"""Adagrad: each gradient over the root of the sum of all its squares so far.

    g  = gradient + weight_decay θ
    Gₜ = Gₜ₋₁ + g² ,   G₀ = initial
    θ  = θ − lr / (1 + (t − 1) lr_decay) · g / (√G + ε)

Shapes      gradient, parameter and G (...) alike
Convention  eps_at = "root": √G + ε, as in PyTorch and MLX; "inside": √(G + ε), as in Optax and Keras. initial: 0 in
            PyTorch and MLX, 0.1 in Optax and Keras. lr_decay is PyTorch's alone. ε is 1e-10 in PyTorch, 1e-8 in MLX,
            1e-7 in Optax and Keras.
Source      Duchi, Hazan, Singer (2011), Adaptive subgradient methods for online learning and stochastic optimization,
            figure 1, with a diagonal matrix
"""

from typing import Literal, NamedTuple

import numpy as np

from .. import Array, constants


class State(NamedTuple):
    t: int
    sum: Array | None  # of the squares, from the first step on


def init(param: Array) -> State:  # noqa: ARG001 - the sum is born in the first step, which knows where it begins
    return State(0, None)


def update(
    gradient: Array,
    state: State,
    param: Array,
    *,
    lr: float | Array,
    lr_decay: float = 0.0,
    weight_decay: float = 0.0,
    initial: float = 0.0,
    eps: float = 1e-10,
    eps_at: Literal["root", "inside"] = "root",
) -> tuple[Array, State]:
    g = gradient + weight_decay * param if weight_decay else gradient
    total = np.square(g) + (constants.decimal(initial, g) if state.sum is None else state.sum)
    root = np.sqrt(total) + eps if eps_at == "root" else np.sqrt(total + eps)
    rate = lr / (1 + state.t * constants.decimal(lr_decay, g))
    return param - rate * (g / root), State(state.t + 1, total)
