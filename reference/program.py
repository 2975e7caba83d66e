"""The three equations that are compared, and training, each as a trace: a dict from tensor name to array.

gradients   loss, output.<layer>, gradient.<input, layer or layer.parameter>
updates     update.<step>.<parameter>, state.<step>.<buffer>.<parameter>; where the case has such a thing also
            clipped.<step>.<parameter>, average.<step>.<parameter>, rate.<step>, scale.<step>
training    trajectory.<epoch>.loss, trajectory.<epoch>.<parameter>, stacked over the steps of the epoch
"""

from collections.abc import Sequence
from functools import partial
from types import ModuleType
from typing import Any, NamedTuple, TypeAlias

import numpy as np

from . import Array, network, operations
from .network import Layer, Values
from .optimizers._step import Optimizer, Stepper

Trace: TypeAlias = dict[str, Array]


class Loss(NamedTuple):
    """What is made of the last layer's output."""

    operation: ModuleType
    targets: dict[str, str]  # what `forward` takes after the prediction -> an input, or a layer, which gets a gradient
    options: dict[str, Any]


class Penalty(NamedTuple):
    """What a parameter adds to the loss by itself."""

    operation: ModuleType
    parameter: str
    options: dict[str, Any]


def gradients(
    layers: list[Layer],
    loss: Loss | None,
    parameters: Values,
    inputs: Values,
    upstream: Array | None,
    penalties: Sequence[Penalty] = (),
) -> Trace:
    """The loss with its penalties, every output and every gradient, given the parameters.

    upstream is the gradient of what stands last: of the loss (1 if None), or of the last layer if there is no loss.
    """
    values, saved, loss_value, heads = _forward_backward(layers, loss, parameters, inputs, upstream)
    loss_value, of_penalties = _penalised(loss_value, penalties, parameters, upstream)
    trace = {} if loss_value is None else {"loss": loss_value}
    for layer in layers:
        trace |= {f"output.{name}": values[name] for name in (layer.name, *layer.buffers)}
    found = network.backward(layers, saved, heads)
    network.add(found, of_penalties)
    return trace | {f"gradient.{name}": gradient for name, gradient in found.items()}


def updates(
    optimizer: Optimizer,
    parameters: Values,
    given: list[Values],
    values: Array | None = None,
    counts: Sequence[int] | None = None,
) -> Trace:
    """Parameters and optimizer state after each step, given the gradients of each step.

    values: the loss at each, for rules and schedules that look at it; counts: how many examples each has.
    """
    stepper = Stepper(optimizer, parameters)
    trace: Trace = {}
    for k, grads in enumerate(given):
        value = None if values is None else values[k]
        made = stepper.step(grads, value, 1 if counts is None else counts[k])
        trace |= {_at_step(name, k + 1): x for name, x in made.items()}
    return trace


def _at_step(name: str, k: int) -> str:
    """update.w as update.<k>.w."""
    kind, dot, rest = name.partition(".")
    return f"{kind}.{k}{dot}{rest}"


def training(
    layers: list[Layer],
    loss: Loss,
    optimizer: Optimizer,
    parameters: Values,
    inputs: Values,
    batches: list[list[Array]],
    buffers: Values,
    penalties: Sequence[Penalty] = (),
) -> Trace:
    """Mini-batch training: batches holds, for each epoch, the rows of each step; the optimizer, a rate for each step.

    Each step finds the layers' buffers as they were given: training mode does not read them.
    """
    stepper = Stepper(optimizer, parameters)
    trace: Trace = {}
    for epoch, rows_of_epoch in enumerate(batches, start=1):
        steps: dict[str, list[Array]] = {"loss": [], **{name: [] for name in parameters}}
        for rows in rows_of_epoch:
            batch = {name: values[rows] for name, values in inputs.items()} | buffers
            loss_at = partial(loss_and_gradients, layers, loss, inputs=batch, penalties=penalties)
            value, grads = loss_at(stepper.parameters)
            stepper.step({name: grads[name] for name in parameters}, value, len(rows), loss_at)
            for name, now in {"loss": value, **stepper.parameters}.items():
                steps[name].append(now)
        trace |= {f"trajectory.{epoch}.{name}": np.stack(now) for name, now in steps.items()}
    return trace


def loss_and_gradients(
    layers: list[Layer], loss: Loss, parameters: Values, inputs: Values, penalties: Sequence[Penalty] = ()
) -> tuple[Array, Values]:
    """One forward and one backward pass: the loss, and by name the gradient of all but the network's inputs."""
    _, saved, value, heads = _forward_backward(layers, loss, parameters, inputs, None)
    value, of_penalties = _penalised(value, penalties, parameters, None)
    found = network.backward(layers, saved, heads, inputs=False)
    network.add(found, of_penalties)
    return value, found


def _forward_backward(
    layers: list[Layer], loss: Loss | None, parameters: Values, inputs: Values, upstream: Array | None
) -> tuple[Values, list[Any], Any, Values]:
    """Every value, what `backward` needs, the loss, and its gradient for each layer that it is made of."""
    values, saved = network.forward(layers, parameters, inputs)
    prediction = values[layers[-1].name]
    if loss is None:
        _check_upstream(prediction, upstream, "the last layer's output")
        assert upstream is not None
        return values, saved, None, {layers[-1].name: upstream}
    value, kept = loss.operation.forward(
        prediction, **{slot: values[name] for slot, name in loss.targets.items()}, **loss.options
    )
    if upstream is not None or value.ndim:
        _check_upstream(value, upstream, "the loss")
    found = loss.operation.backward(kept, upstream)
    return values, saved, value, _heads(layers, loss, found if isinstance(found, tuple) else (found,), inputs)


def _penalised(
    loss: Any, penalties: Sequence[Penalty], parameters: Values, upstream: Array | None
) -> tuple[Any, list[tuple[str, Array]]]:
    """The loss and its penalties together, and what each penalty adds to its parameter's gradient."""
    found = []
    for operation, name, options in penalties:
        penalty, saved = operation.forward(parameters[name], **options)
        loss = loss + penalty
        found.append((name, operation.backward(saved, upstream)))
    return loss, found


def _heads(layers: list[Layer], loss: Loss, found: tuple[Array | None, ...], inputs: Values) -> Values:
    """The gradient of each layer that the loss is made of: `found`, in the order of the loss's slots, by layer.

    Raises ValueError for a layer that the loss has no gradient for.
    """
    prediction, *slots = operations.inputs(loss.operation)
    by_slot = dict(zip((prediction, *slots), found, strict=False))  # slots without a gradient come last, and lack
    heads: Values = {}
    for slot, name in ((prediction, layers[-1].name), *loss.targets.items()):
        if name in inputs:
            continue
        gradient = by_slot.get(slot)
        if gradient is None:
            raise ValueError(f"[loss]: {slot} = {name!r} is a layer, but nothing flows back through {slot}")
        heads[name] = heads[name] + gradient if name in heads else gradient
    return heads


def _check_upstream(head: Array, upstream: Array | None, what: str) -> None:
    if upstream is None or upstream.shape != head.shape:
        got = "none" if upstream is None else str(upstream.shape)
        raise ValueError(f"upstream must have the shape of {what}, {head.shape}; got {got}")
