"""The three equations that are compared, and training, each as a trace: a dict from tensor name to array.

gradients   loss, output.<layer>, gradient.<input, layer or layer.parameter>
updates     update.<step>.<parameter>, state.<step>.<buffer>.<parameter>
training    trajectory.<epoch>.loss, trajectory.<epoch>.<parameter>, stacked over the steps of the epoch
"""

from types import ModuleType
from typing import Any, NamedTuple, TypeAlias

import numpy as np

from . import Array, network
from .network import Layer, Values

Trace: TypeAlias = dict[str, Array]


class Loss(NamedTuple):
    """What is made of the last layer's output."""

    operation: ModuleType
    targets: tuple[str, ...]  # the inputs that `forward` takes after the prediction
    options: dict[str, Any]


class Optimizer(NamedTuple):
    """An update rule, with a learning rate for each step."""

    operation: ModuleType
    rates: tuple[float, ...]
    options: dict[str, Any]


def gradients(
    layers: list[Layer], loss: Loss | None, parameters: Values, inputs: Values, upstream: Array | None
) -> Trace:
    """The loss, every output and every gradient, given the parameters.

    upstream is the gradient of what stands last: of the loss (1 if None), or of the last layer if there is no loss.
    """
    values, saved, loss_value, dprediction = _forward_backward(layers, loss, parameters, inputs, upstream)
    trace = {} if loss_value is None else {"loss": loss_value}
    trace |= {f"output.{layer.name}": values[layer.name] for layer in layers}
    found = network.backward(layers, saved, dprediction)
    return trace | {f"gradient.{name}": gradient for name, gradient in found.items()}


def updates(optimizer: Optimizer, parameters: Values, given: list[Values]) -> Trace:
    """Parameters and optimizer state after each step, given the gradients of each step."""
    rule, options = optimizer.operation, optimizer.options
    trace: Trace = {}
    state = rule.init(parameters)
    for k, (lr, grads) in enumerate(zip(optimizer.rates, given, strict=True), start=1):
        parameters, state = rule.update(grads, state, parameters, lr=lr, **options)
        trace |= {f"update.{k}.{name}": value for name, value in parameters.items()}
        for buffer, values in state._asdict().items():
            trace |= {f"state.{k}.{buffer}.{name}": value for name, value in values.items()}
    return trace


def training(
    layers: list[Layer],
    loss: Loss,
    optimizer: Optimizer,
    parameters: Values,
    inputs: Values,
    batches: list[list[Array]],
) -> Trace:
    """Mini-batch training: batches holds, for each epoch, the rows of each step. One learning rate for each epoch."""
    state = optimizer.operation.init(parameters)
    trace: Trace = {}
    for epoch, (lr, rows_of_epoch) in enumerate(zip(optimizer.rates, batches, strict=True), start=1):
        steps: dict[str, list[Array]] = {"loss": [], **{name: [] for name in parameters}}
        for rows in rows_of_epoch:
            batch = {name: values[rows] for name, values in inputs.items()}
            value, grads = loss_and_gradients(layers, loss, parameters, batch)
            parameters, state = optimizer.operation.update(
                {name: grads[name] for name in parameters}, state, parameters, lr=lr, **optimizer.options
            )
            for name, now in {"loss": value, **parameters}.items():
                steps[name].append(now)
        trace |= {f"trajectory.{epoch}.{name}": np.stack(now) for name, now in steps.items()}
    return trace


def loss_and_gradients(layers: list[Layer], loss: Loss, parameters: Values, inputs: Values) -> tuple[Array, Values]:
    """One forward and one backward pass: the loss, and by name the gradient of all but the network's inputs."""
    _, saved, value, dprediction = _forward_backward(layers, loss, parameters, inputs, None)
    return value, network.backward(layers, saved, dprediction, inputs=False)


def _forward_backward(
    layers: list[Layer], loss: Loss | None, parameters: Values, inputs: Values, upstream: Array | None
) -> tuple[Values, list[Any], Any, Array]:
    values, saved = network.forward(layers, parameters, inputs)
    prediction = values[layers[-1].name]
    if loss is None:
        _check_upstream(prediction, upstream, "the last layer's output")
        assert upstream is not None
        return values, saved, None, upstream
    value, kept = loss.operation.forward(prediction, *(inputs[t] for t in loss.targets), **loss.options)
    if upstream is not None or value.ndim:
        _check_upstream(value, upstream, "the loss")
    return values, saved, value, loss.operation.backward(kept, upstream)


def _check_upstream(head: Array, upstream: Array | None, what: str) -> None:
    if upstream is None or upstream.shape != head.shape:
        got = "none" if upstream is None else str(upstream.shape)
        raise ValueError(f"upstream must have the shape of {what}, {head.shape}; got {got}")
