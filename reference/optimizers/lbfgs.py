"""L-BFGS: a Newton step, along an inverse Hessian that the latest steps and changes of the gradient imply.

    sₖ = θₖ₊₁ − θₖ      yₖ = gₖ₊₁ − gₖ                the latest `history_size` pairs, from the second step on
    q  = g
    q  = q − αₖ yₖ ,                αₖ = sₖᵀ q / sₖᵀ yₖ                    from the newest pair to the oldest
    q  = γ q ,                      γ = sᵀ y / yᵀ y of the newest           1 before there is one
    q  = q + (αₖ − βₖ) sₖ ,         βₖ = yₖᵀ q / sₖᵀ yₖ                     from the oldest to the newest
    θ  = θ − lr q                        or θ − t lr q, with t found by a line search

The gradients are of whatever batch they are: y is the change from one batch to the next.

Shapes      gradient and parameter (n) alike: all parameters as one vector
Convention  first = "taxicab": the first step's q is g / max(1, Σ |g|), as in PyTorch; "euclidean": g / max(1, ‖g‖), as
            in Optax.
            curvature = "positive": a pair with sᵀ y ≤ 1e-10 is forgotten, and γ stays, as in PyTorch; "any": every pair
            counts, as in Optax, where no step is known to have gone downhill.
            scaled = false leaves γ at 1, in the first step too: Optax's scale_init_precond.
            line_search = "off" takes the step as it is; "strong_wolfe" and "zoom" look for one that lowers the loss and
            its slope: PyTorch's line_search_fn, and Optax's linesearch (see _line_search.py). They ask for the loss at
            points of their own choice, which only training has.
            Where all of the gradient is zero, PyTorch takes no step, and does not count it.
Source      Nocedal, Wright (2006), Numerical optimization, algorithms 7.4 and 7.5, eq. 7.20
Raises      ValueError if history_size is below 1, or where a line search finds nothing, or has no loss to ask for
"""

from typing import Literal, NamedTuple

import numpy as np

from .. import Array, constants
from ._lengths import length
from ._line_search import Objective, search

WHOLE = True
NEEDS_OBJECTIVE = True


class Pair(NamedTuple):
    s: Array
    y: Array
    sy: Array  # their product


class State(NamedTuple):
    pairs: tuple[Pair, ...]  # the oldest first
    gamma: Array
    latest: tuple[Array, Array] | None  # parameter and gradient of the step before


def init(param: Array) -> State:
    return State((), constants.whole(1, param), None)


def update(
    gradient: Array,
    state: State,
    param: Array,
    *,
    lr: float | Array,
    history_size: int = 100,
    first: Literal["taxicab", "euclidean"] = "taxicab",
    curvature: Literal["positive", "any"] = "positive",
    scaled: bool = True,
    line_search: Literal["off", "strong_wolfe", "zoom"] = "off",
    objective: Objective | None = None,
) -> tuple[Array, State]:
    if history_size < 1:
        raise ValueError(f"lbfgs: history_size must be at least 1, got {history_size}")
    pairs, gamma = state.pairs, state.gamma
    if state.latest is None:
        norm = np.abs(gradient).sum() if first == "taxicab" else length(gradient)
        step = gradient / np.maximum(norm, 1) if scaled else gradient
    else:
        s, y = param - state.latest[0], gradient - state.latest[1]
        sy = (s * y).sum()
        if curvature == "any" or sy > 1e-10:
            pairs = (*pairs, Pair(s, y, sy))[-history_size:]
            if scaled:
                gamma = sy / np.square(y).sum()
        step = _newton(gradient, pairs, gamma)
    direction = -lr * step
    if line_search != "off":
        if objective is None:
            raise ValueError(f"lbfgs: line_search = {line_search!r} asks for the loss, which only training has")
        direction = search(line_search, objective, param, gradient, direction) * direction
    return param + direction, State(pairs, gamma, (param, gradient))


def _newton(q: Array, pairs: tuple[Pair, ...], gamma: Array) -> Array:
    """q, multiplied by the inverse Hessian that the pairs imply."""
    alphas = []
    for s, y, sy in reversed(pairs):
        alphas.append((s * q).sum() / sy)
        q = q - alphas[-1] * y
    q = gamma * q
    for s, y, sy in pairs:
        q = q + (alphas.pop() - (y * q).sum() / sy) * s
    return q
