"""A network as a graph of named layers: forward, and backward with every gradient.

Values are kept by name: an input's by its own, a layer's output by the layer's, a parameter's as "layer.parameter".
A gradient bears the name of what it belongs to. Where a value or a parameter is used twice, its gradients add up:

    L(u, u)  with both arguments the same u:    du = ∂L/∂first + ∂L/∂second          (the chain rule's sum over paths)
"""

from collections.abc import Iterable
from types import ModuleType
from typing import Any, NamedTuple, TypeAlias

from . import Array

Values: TypeAlias = dict[str, Array]


class Layer(NamedTuple):
    """One node of the graph."""

    name: str
    operation: ModuleType
    inputs: tuple[str, ...]  # inputs of the network, or earlier layers
    parameters: tuple[str | None, ...]  # full names, in the order of the operation's Params; None where absent
    options: dict[str, Any]
    buffers: tuple[str, ...] = ()  # likewise, of its Buffers; their values stand among the inputs


def forward(layers: list[Layer], parameters: Values, inputs: Values) -> tuple[Values, list[Any]]:
    """Compute every layer in order.

    Returns the inputs and each layer's output by name, and what `backward` needs. A buffer stands among the inputs
    under its full name, and among what is returned under the same one as it is after the step: a layer that uses
    another's finds it as the other left it.
    Raises ValueError, naming the layer, where shapes do not fit.
    """
    values = dict(inputs)
    saved = []
    for output, operation, sources, names, options, buffers in layers:
        arguments = [values[source] for source in sources]
        if buffers:
            arguments.append(operation.Buffers(*[values[name] for name in buffers]))
        if names:
            arguments.insert(0, operation.Params(*[parameters[name] if name else None for name in names]))
        try:
            values[output], kept = operation.forward(*arguments, **options)
        except (ValueError, IndexError) as error:
            raise ValueError(f"layer {output!r}: {error}") from error
        if buffers:
            values |= zip(buffers, operation.buffers(kept), strict=True)
        saved.append(kept)
    return values, saved


def backward(layers: list[Layer], saved: list[Any], heads: Values, *, inputs: bool = True) -> Values:
    """The gradient of every input, layer output and parameter, given those of what the loss is made of, by layer.

    With `inputs` off, those of the network's inputs may be missing: training has no use for them, and the first
    layer's takes as long as its forward pass.
    """
    gradients: Values = dict(heads)
    outputs = {layer.name for layer in layers}
    for (name, operation, sources, parameters, _, _), kept in zip(reversed(layers), reversed(saved), strict=True):
        if name not in gradients:
            raise ValueError(f"layer {name!r}: no gradient comes back to it; what uses it gives none")
        dy = gradients[name]
        if not inputs and outputs.isdisjoint(sources) and hasattr(operation, "backward_parameters"):
            add(gradients, zip(parameters, operation.backward_parameters(kept, dy), strict=True))
            continue
        if parameters:
            dx, dp = operation.backward(kept, dy)
            add(gradients, zip(parameters, dp, strict=True))
        else:
            dx = operation.backward(kept, dy)
        dx = dx[: len(sources)] if isinstance(dx, tuple) else (dx,)  # optional ones may lack
        add(gradients, zip(sources, dx, strict=True))
    return gradients


def add(gradients: Values, found: Iterable[tuple[str | None, Array | None]]) -> None:
    """Add what was found to the gradients, each under its name."""
    for name, gradient in found:
        if name and gradient is not None:
            gradients[name] = gradients[name] + gradient if name in gradients else gradient
