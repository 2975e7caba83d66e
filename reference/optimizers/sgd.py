"""Stochastic gradient descent, with momentum.

    g  = gradient + weight_decay θ                     (L2: the decay goes through the momentum)
    v₁ = g                                             (or (1 − dampening) g, see Convention)
    vₜ = momentum vₜ₋₁ + (1 − dampening) g
    θ  = θ − lr vₜ,   with Nesterov   θ = θ − lr (g + momentum vₜ)

Shapes      each parameter, gradient and momentum buffer (...) alike
Convention  The learning rate stays outside the buffer, as in PyTorch and Optax; Sutskever's and Keras's form,
            v = momentum v − lr g, differs once lr changes. first_step = "undamped": the first buffer is g itself, as in
            PyTorch; "damped": dampening from step one, as in MLX. Without momentum there is no buffer.
Source      Polyak (1964), Some methods of speeding up the convergence of iteration methods (for a constant lr);
            Sutskever, Martens, Dahl, Hinton (2013), On the importance of initialization and momentum, eq. 1 to 4
Raises      ValueError if Nesterov is asked for without momentum or with dampening, where it means nothing
"""

from typing import Literal, NamedTuple

from . import Params


class State(NamedTuple):
    momentum: Params  # a buffer for each parameter, from the first step on; empty without momentum


def init(params: Params) -> State:  # noqa: ARG001 - the buffers are born in the first step
    return State({})


def update(
    grads: Params,
    state: State,
    params: Params,
    *,
    lr: float,
    momentum: float = 0.0,
    dampening: float = 0.0,
    nesterov: bool = False,
    weight_decay: float = 0.0,
    first_step: Literal["undamped", "damped"] = "undamped",
) -> tuple[Params, State]:
    if nesterov and (momentum <= 0 or dampening != 0):
        raise ValueError("sgd: nesterov needs momentum above 0 and dampening 0")
    if weight_decay:
        grads = {name: g + weight_decay * params[name] for name, g in grads.items()}
    steps = grads
    buffers: Params = {}
    if momentum:
        for name, g in grads.items():
            damped = g - dampening * g if dampening else g
            if name in state.momentum:
                buffers[name] = momentum * state.momentum[name] + damped
            else:
                buffers[name] = damped if first_step == "damped" else g
        steps = {name: g + momentum * buffers[name] for name, g in grads.items()} if nesterov else buffers
    return {name: params[name] - lr * step for name, step in steps.items()}, State(buffers)
