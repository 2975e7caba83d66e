"""ADOPT: Adam that divides a gradient by what was known of its size before, and only then averages.

    v₁ = g₁²                                                the first gradient moves nothing
    n  = gₜ / max(√vₜ₋₁, ε),   clipped to ±(t − 1)^¼        t = 2, 3 …
    mₜ = β₁ mₜ₋₁ + (1 − β₁) n                               m₁ = 0
    vₜ = β₂ vₜ₋₁ + (1 − β₂) gₜ²
    θ  = θ − lr mₜ

gₜ and vₜ₋₁ are independent, which is what lets the rule converge for any β₂.

Shapes      gradient, parameter, m and v (...) alike
Convention  clipped = false leaves n as it is, as the paper does first; the authors recommend to clip, and Optax does it
            unless told. first = "averaged": m₂ = (1 − β₁) n, as in Optax; "whole": m₂ = n, as in the authors' program
            before it clipped. nesterov: the step is β₁ mₜ + (1 − β₁) n, as in Optax. ε is the least divisor, and is not
            added.
Source      Taniguchi et al. (2024), ADOPT: modified Adam can converge with any β₂ with the optimal rate; the authors'
            program, iShohei220/adopt
"""

from typing import Literal, NamedTuple

import numpy as np

from .. import Array, constants
from ._moments import moment


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
    betas: tuple[float, float] = (0.9, 0.9999),
    eps: float = 1e-6,
    clipped: bool = True,
    first: Literal["averaged", "whole"] = "averaged",
    nesterov: bool = False,
) -> tuple[Array, State]:
    if state.t == 0:
        return param, State(1, state.m, np.square(gradient))
    normed = gradient / np.maximum(np.sqrt(state.v), eps)
    if clipped:
        limit = np.sqrt(np.sqrt(constants.whole(state.t, gradient)))
        normed = np.maximum(np.minimum(normed, limit), -limit)
    m = normed if state.t == 1 and first == "whole" else moment(state.m, normed, betas[0])
    step = moment(m, normed, betas[0]) if nesterov else m
    return param - lr * step, State(state.t + 1, m, moment(state.v, np.square(gradient), betas[1]))
