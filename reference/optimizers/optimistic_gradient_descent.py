"""Optimistic gradient descent: the gradient, and by how much it has changed, for the next change is expected alike.

    u = α gₜ + β (gₜ − gₜ₋₁)
    θ = θ − lr u

It approximates the extra-gradient step, which asks for a gradient further on, and which ends at the saddle point of a
game where plain descent circles around it.

Shapes      gradient, parameter and the last gradient (...) alike
Convention  first = "same": there is no change at the first step, as in Optax; "zero": the gradient before was 0, as in
            Optax before its issue 1082.
Source      Mokhtari, Ozdaglar, Pattathil (2020), A unified analysis of extra-gradient and optimistic gradient methods
            for saddle point problems: proximal point approach, for the generalized form;
            https://github.com/google-deepmind/optax/issues/1082
"""

from typing import Literal, NamedTuple

from .. import Array
from ._optimistic import optimistic


class State(NamedTuple):
    before: Array | None  # the last gradient


def init(param: Array) -> State:  # noqa: ARG001 - there is none before the first step
    return State(None)


def update(
    gradient: Array,
    state: State,
    param: Array,
    *,
    lr: float | Array,
    alpha: float = 1.0,
    beta: float = 1.0,
    first: Literal["same", "zero"] = "same",
) -> tuple[Array, State]:
    return param - lr * optimistic(gradient, state.before, alpha, beta, first), State(gradient)
