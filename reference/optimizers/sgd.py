"""Stochastic gradient descent, with momentum.

    g  = gradient + weight_decay θ                     (L2: the decay goes through the momentum)
    v₁ = g                                             (or (1 − dampening) g, see Convention)
    vₜ = momentum vₜ₋₁ + (1 − dampening) g
    θ  = θ − lr vₜ,   with Nesterov   θ = θ − lr (g + momentum vₜ)

Shapes      gradient, parameter and momentum (...) alike
Convention  The learning rate stays outside the buffer, as in PyTorch and Optax; Sutskever's and Keras's form,
            v = momentum v − lr g, differs once lr changes. first_step = "undamped": the first buffer is g itself, as in
            PyTorch; "damped": dampening from step one, as in MLX. Without momentum there is no buffer.
Source      Polyak (1964), Some methods of speeding up the convergence of iteration methods (for a constant lr);
            Sutskever, Martens, Dahl, Hinton (2013), On the importance of initialization and momentum, eq. 1 to 4
Raises      ValueError if Nesterov is asked for without momentum or with dampening, where it means nothing
"""

from typing import Literal, NamedTuple

from .. import Array


class State(NamedTuple):
    momentum: Array | None  # from the first step on, where there is momentum


def init(param: Array) -> State:  # noqa: ARG001 - the buffer is born in the first step
    return State(None)


def update(
    gradient: Array,
    state: State,
    param: Array,
    *,
    lr: float | Array,
    momentum: float = 0.0,
    dampening: float = 0.0,
    nesterov: bool = False,
    weight_decay: float = 0.0,
    first_step: Literal["undamped", "damped"] = "undamped",
) -> tuple[Array, State]:
    if nesterov and (momentum <= 0 or dampening != 0):
        raise ValueError("sgd: nesterov needs momentum above 0 and dampening 0")
    g = gradient + weight_decay * param if weight_decay else gradient
    if not momentum:
        return param + -lr * g, state  # a sum takes its product's memory; a difference would take memory of its own
    if state.momentum is None:
        v = g if first_step == "undamped" else g - dampening * g
    else:
        v = momentum * state.momentum + (g - dampening * g if dampening else g)
    return param - lr * (g + momentum * v if nesterov else v), State(v)
