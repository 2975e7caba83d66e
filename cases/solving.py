"""Work a problem out with the reference, in whatever arithmetic its arrays are given."""

from collections.abc import Callable

import msgspec
import numpy as np

from ..reference import Array, operations, program
from ..reference.network import Layer
from ..reference.optimizers import _step
from ..reference.program import Loss, Penalty, Trace
from .format import CaseError
from .problem import Check, Head, OptimizerOf, Problem


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
    if check == "updates":
        dtype = next(iter(problem.parameters.values())).dtype
        values = array(np.array(problem.optimizer.values, dtype)) if problem.optimizer.values else None
        given = [floats(step) for step in problem.gradients]
        rule = optimizer_of(problem.optimizer, problem.optimizer.rates)
        return program.updates(rule, parameters, given, values, problem.optimizer.counts or None)
    assert problem.training is not None
    assert loss is not None
    rule = optimizer_of(problem.optimizer, problem.training.step_rates)
    inputs, buffers = floats(problem.inputs), floats(problem.buffers)
    return program.training(layers, loss, rule, parameters, inputs, problem.training.batches, buffers, penalties)


def optimizer_of(head: OptimizerOf, rates: list[float]) -> _step.Optimizer:
    """The update rule and what stands around it, with the reference's operations in place of their names."""

    def call(head: Head | None, kind: operations.Kind) -> _step.Call | None:
        return None if head is None else _step.Call(operations.find(head.op, kind), head.options)

    schedule = call(head.schedule, "schedules")
    after = {key: getattr(head.schedule, key) for key in ("first", "warmup", "warmup_from") if head.schedule}
    return _step.Optimizer(
        operations.find(head.op, "optimizers"),
        tuple(rates),
        head.options,
        tuple(_step.Group(tuple(g.parameters), tuple(g.rates), g.options) for g in head.groups),
        head.maximize,
        head.absent,
        None if schedule is None else _step.Schedule(*schedule, **after),
        call(head.clip, "clipping"),
        call(head.average, "averages"),
        None if head.accumulation is None else _step.Accumulation(**msgspec.structs.asdict(head.accumulation)),
        None if head.loss_scale is None else _step.LossScale(**msgspec.structs.asdict(head.loss_scale)),
    )


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
