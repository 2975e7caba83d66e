"""Mistakes in the graph and in the training loop: what is added up, what is kept, and what is passed on."""

# ruff: noqa: ARG005 - each part takes what the right one takes, and leaves out what it gets wrong

from collections import Counter
from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np

from ...reference import network, program
from ...reference.optimizers import _step
from ..record import CheckName
from .planting import Fault, Patches, coarse, planted, single, ten_bits

Part = Callable[..., Any]


def walk(layers: Any, saved: Any, heads: Any, add: Part, start: dict[str, Any] | None = None) -> dict[str, Any]:
    """The way back through the graph, with an `add` of one's own for what arrives twice."""
    gradients: dict[str, Any] = (start or {}) | heads
    for layer, kept in zip(reversed(layers), reversed(saved), strict=True):
        found = layer.operation.backward(kept, gradients[layer.name])
        dx, dp = found if layer.parameters else (found, ())
        dx = dx if isinstance(dx, tuple) else (dx,)
        for name, gradient in [*zip(layer.parameters, dp, strict=True), *zip(layer.inputs, dx, strict=True)]:
            if name and gradient is not None:
                gradients[name] = add(gradients[name], gradient) if name in gradients else gradient
    return gradients


def graph(id: str, says: str, add: Part) -> Fault:
    def plant() -> Patches:
        return {(network, "backward"): lambda layers, saved, heads, **_: walk(layers, saved, heads, add)}

    return Fault(id, "network", says, "gradient", plant)


def around(id: str, says: str, change: Part, column: CheckName = "gradient") -> Fault:
    """change(right backward, layers, saved, heads) instead of the right way back."""

    def plant() -> Patches:
        right = network.backward
        return {(network, "backward"): lambda layers, saved, heads, **_: change(right, layers, saved, heads)}

    return Fault(id, "network", says, column, plant)


def _shifted(right: Part, layers: Any, saved: Any, heads: Any) -> Any:
    """Each layer finds what the next use of the same operation had kept."""
    last = {layer.operation: kept for layer, kept in zip(layers, saved, strict=True) if not layer.parameters}
    return right(layers, [last.get(la.operation, kept) for la, kept in zip(layers, saved, strict=True)], heads)


def _cut(right: Part, layers: Any, saved: Any, heads: Any) -> Any:
    found = right(layers, saved, heads)
    lowest = {name for name in layers[0].parameters if name}
    return {name: np.zeros_like(g) if name in lowest else g for name, g in found.items()}


def _lost(right: Part, layers: Any, saved: Any, heads: Any) -> Any:
    found = right(layers, saved, heads)
    return {name: g for name, g in found.items() if not name.endswith(".b")}


def _nonzero(dy: Any) -> Any:
    return np.where(dy == 0, np.asarray(1e-12, dy.dtype), dy)


def _piled() -> Patches:
    """Gradients of layer outputs are still there when the next backward pass begins."""
    before: dict[str, Any] = {}

    def backward(layers: Any, saved: Any, heads: Any, **_: Any) -> Any:
        outputs = {layer.name for layer in layers[:-1]}
        rows = len(heads[layers[-1].name])
        stale = {name: g for name, g in before.items() if name in outputs and len(g) == rows}
        found = walk(layers, saved, heads, np.add, stale)
        before.update(found)
        return found

    return {(network, "backward"): backward}


# ---------------------------------------------------------------- training
def loop(id: str, says: str, change: Part) -> Fault:
    """change(right training, its arguments) instead of the right training loop."""

    def plant() -> Patches:
        right = program.training
        return {(program, "training"): lambda *arguments: change(right, *arguments)}

    return Fault(id, "training", says, "trajectory", plant)


def rule(id: str, says: str, change: Part) -> Fault:
    """Training with change(move, layers, memory, optimizer, rates, grads, states, params) for the right `move`."""

    def changed(right: Part, layers: Any, *rest: Any) -> Any:
        memory: dict[str, Any] = {}
        with planted({(_step, "move"): partial(change, _step.move, layers, memory)}):
            return right(layers, *rest)

    return loop(id, says, changed)


def _pile_up(move: Part, layers: Any, memory: Any, optimizer: Any, rates: Any, grads: Any, *rest: Any) -> Any:
    for name, g in grads.items():
        memory[name] = memory[name] + g if name in memory else g
    return move(optimizer, rates, dict(memory), *rest)


def _twice(move: Part, layers: Any, memory: Any, optimizer: Any, rates: Any, grads: Any, states: Any,
           params: Any, *_: Any) -> Any:  # fmt: skip
    uses = Counter(name for layer in layers for name in layer.parameters if name)
    moved, after = move(optimizer, rates, grads, states, params)
    tied = {name: g for name, g in grads.items() if uses[name] > 1}
    again, after_again = move(optimizer, rates, tied, after, params | moved)
    return moved | again, after | after_again


def _momentum_dropped(move: Part, layers: Any, memory: Any, optimizer: Any, rates: Any, grads: Any, states: Any,
                      params: Any, *_: Any) -> Any:  # fmt: skip
    return move(optimizer, rates, grads, {}, params)


def _stale_parameters(move: Part, layers: Any, memory: Any, optimizer: Any, rates: Any, grads: Any,
                      *rest: Any) -> Any:  # fmt: skip
    return move(optimizer, rates, memory.setdefault("grads", grads), *rest)


def _rates(shift: Part) -> Part:
    def changed(right: Part, layers: Any, loss: Any, optimizer: Any, *rest: Any) -> Any:
        return right(layers, loss, optimizer._replace(rates=shift(optimizer.rates)), *rest)

    return changed


def _batches(cut: Part) -> Part:
    def changed(right: Part, *arguments: Any) -> Any:
        *before, batches, buffers, penalties = arguments
        return right(*before, [[cut(rows, epoch) for rows in epoch] for epoch in batches], buffers, penalties)

    return changed


def _next_rate() -> Patches:
    right = program.updates

    def updates(optimizer: Any, *rest: Any) -> Any:
        rates = optimizer.rates
        return right(optimizer._replace(rates=(*rates[1:], rates[-1])), *rest)

    return {(program, "updates"): updates}


def _everything(cut: Part) -> Patches:
    """All inputs and outputs in a coarser arithmetic, behind an interface that does not show it."""
    return {(program, "gradients"): coarse(program.gradients, cut)}


FAULTS = [
    graph("E30-last-use-wins", "the gradients of both uses add up; the one computed last overwrites",
          lambda old, new: new),
    graph("E30-first-use-wins", "the gradients of both uses add up; the first to arrive stays", lambda old, new: old),
    graph("E30-average", "the gradients of both uses add up; their mean", lambda old, new: (old + new) / 2),
    graph("E30-difference", "the gradients of both uses add up; are subtracted", np.subtract),
    graph("E30-counted-twice", "each use once; the last one twice", lambda old, new: old + 2 * new),
    around("C05-network", "the gradient from above; ones",
          lambda right, layers, saved, heads: right(layers, saved, {n: np.ones_like(g) for n, g in heads.items()})),
    around("C09-values-of-last-use", "each use of a layer keeps its own values; those of the last use serve all",
          _shifted),
    around("C27-first-layer-frozen", "every layer learns; the lowest gets nothing", _cut),
    around("C27-bias-untracked", "every parameter has a gradient; biases have none", _lost),
    around("network-zero-above-nothing", "zero above, zero below; 1e-12, so that nothing is divided by zero",
           lambda right, layers, saved, heads: right(layers, saved, {n: _nonzero(g) for n, g in heads.items()})),
    Fault("C09-outputs-not-zeroed", "network",
          "every backward pass starts from zero; layer outputs keep their gradients",
          "trajectory", _piled),
    rule("E29-pile-up", "each step its own gradient; the sum of all so far", _pile_up),
    rule("E29-first-gradient", "each step its own gradient; the first step's", _stale_parameters),
    rule("E30-stepped-twice", "a tied parameter is stepped once; once for each use", _twice),
    rule("training-momentum-dropped", "the buffer lasts from step to step; begins anew", _momentum_dropped),
    loop("training-rate-kept", "each epoch its own rate; the first", _rates(lambda rates: (rates[0],) * len(rates))),
    loop("training-rate-early", "each epoch its own rate; the next one's",
          _rates(lambda rates: (*rates[1:], rates[-1]))),
    loop("training-not-shuffled", "the rows of the batch; as they lie",
         _batches(lambda rows, epoch: np.sort(np.concatenate(epoch))[: len(rows)])),
    loop("training-row-left-out", "all rows of the batch; all but its last", _batches(lambda rows, epoch: rows[:-1])),
    loop("training-first-batch-again", "each batch its own rows; the first batch's",
         _batches(lambda rows, epoch: epoch[0][: len(rows)])),
    Fault("training-rate-of-next-step", "training", "each step its own rate; the next one's", "update", _next_rate),
    Fault("network-float32-inside", "network", "float64 arithmetic; float32 behind a float64 interface", "loss",
          lambda: _everything(single), "float32 is what it computes in"),
    Fault("network-ten-bits", "network", "the whole mantissa; ten bits of it", "loss", lambda: _everything(ten_bits)),
]  # fmt: skip
