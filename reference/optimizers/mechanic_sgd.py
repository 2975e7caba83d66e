"""Mechanic around SGD: how far to go along the sum of all steps is learnt, as a sum of several scales.

    Δ  = (θ₁ − θ) / (Σ s + ε)                      the sum of the steps so far, as it is without the scale
    u  = g + λ Σ s ‖g‖ / (‖θ‖ + ε) θ
    h  = u · Δ                                     what the way so far is worth, seen from here
    r  = β r + s min(max(h , −m) , m)              with s and m of the step before
    m  = max(β m , |h| + ε)
    v  = β² v + h²
    s  = (initial / n m + max(r , 0)) / (√v + ε)                                  r₀ = m₀ = v₀ = s₀ = 0
    θ  = θ₁ − Σ s (Δ + lr g)

r, m, v and s have one number for each of n memories, βᵢ = 1 − 0.1ⁱ, i = 1 … n. Each scale is a bet from wealth that
grows with r, and their sum decides. SGD's own step is lr g; products and norms are of all parameters together.

Shapes      gradient, parameter and start (n) alike: all parameters as one vector; r, m, v and s (memories)
Convention  As in Optax. The authors' program for PyTorch neither clips h nor adds ε to it, keeps r itself at 0 or
            above, begins with m = 1e-6, and decays towards the parameters after SGD's step. λ is decay.
Source      Cutkosky, Defazio, Mehta (2023), Mechanic: a learning rate tuner, algorithm 1; the authors' program,
            optimizedlearning/mechanic
Raises      ValueError if there is no memory
"""

from typing import NamedTuple

import numpy as np

from .. import Array, constants
from ._lengths import length
from ._moments import correction

WHOLE = True


class State(NamedTuple):
    start: Array
    r: Array
    m: Array
    v: Array
    s: Array


def init(param: Array) -> State:
    zero = constants.whole(0, param)
    return State(param, zero, zero, zero, zero)


def update(
    gradient: Array,
    state: State,
    param: Array,
    *,
    lr: float | Array,
    memories: int = 6,
    eps: float = 1e-8,
    initial: float = 1e-6,
    decay: float = 1e-2,
) -> tuple[Array, State]:
    if memories < 1:
        raise ValueError(f"mechanic_sgd: memories must be at least 1, got {memories}")
    betas = np.concatenate([correction(0.1, i + 1, param).reshape(1) for i in range(memories)])
    _, r, m, v, s = state
    way = (state.start - param) / (s.sum() + eps)
    pull = decay * s.sum() * length(gradient) / (length(param) + eps)
    worth = ((gradient + pull * param) * way).sum()
    r = betas * r + np.minimum(np.maximum(worth, -m), m) * s
    m = np.maximum(betas * m, np.abs(worth) + eps)
    v = np.square(betas) * v + np.square(worth)
    s = (initial * m / memories + np.maximum(r, 0)) / (np.sqrt(v) + eps)
    return state.start - s.sum() * (way + lr * gradient), State(state.start, r, m, v, s)
