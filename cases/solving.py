"""Work a problem out with the reference, in whatever arithmetic its arrays are given."""

from collections.abc import Callable

import numpy as np

from ..reference import Array, operations, program
from ..reference.network import Layer
from ..reference.program import Loss, Optimizer, Penalty, Trace
from .format import CaseError
from .problem import Check, Problem


def solve(problem: Problem, check: Check, array: Callable[[Array], Array] = np.asarray) -> Trace:
    """The reference's trace for one check. `array` turns each array of floats into the arithmetic wanted.

    Raises CaseError where shapes do not fit.
    """
    try:
        return _solve(problem, check, array)
    except (ValueError, IndexError) as error:
        raise CaseError(f"{problem.case}: {error}") from error


def _solve(problem: Problem, check: Check, array: Callable[[Array], Array]) -> Trace:
    def floats(values: dict[str, Array]) -> dict[str, Array]:
        return {name: value if value.dtype.kind in "iub" else array(value) for name, value in values.items()}

    parameters = floats(problem.parameters)
    layers, loss = network_of(problem)
    penalties = [Penalty(operations.find(p.op, "penalties"), p.parameter, p.options) for p in problem.penalties]
    if check == "gradients":
        upstream = None if problem.upstream is None else array(problem.upstream)
        inputs = floats(problem.inputs | problem.buffers)
        return program.gradients(layers, loss, parameters, inputs, upstream, penalties)
    assert problem.optimizer is not None
    rule = operations.find(problem.optimizer.op, "optimizers")
    if check == "updates":
        optimizer = Optimizer(rule, tuple(problem.optimizer.rates), problem.optimizer.options)
        return program.updates(optimizer, parameters, [floats(step) for step in problem.gradients])
    assert problem.training is not None
    assert loss is not None
    optimizer = Optimizer(rule, tuple(problem.training.rates), problem.optimizer.options)
    inputs, buffers = floats(problem.inputs), floats(problem.buffers)
    return program.training(layers, loss, optimizer, parameters, inputs, problem.training.batches, buffers, penalties)


def network_of(problem: Problem) -> tuple[list[Layer], Loss | None]:
    """The problem's graph and loss, with the reference's operations in place of their names."""
    layers = []
    for layer in problem.network:
        operation = operations.find(layer.op, *operations.NETWORK)
        names = tuple(layer.parameters.get(name) for name in operations.parameters(operation))
        buffers = tuple(layer.buffers[name] for name in operations.buffers(operation))
        layers.append(Layer(layer.name, operation, tuple(layer.inputs), names, layer.options, buffers))
    if problem.loss is None:
        return layers, None
    return layers, Loss(operations.find(problem.loss.op, "losses"), problem.loss.targets, problem.loss.options)
