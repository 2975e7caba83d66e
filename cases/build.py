"""From a case file to a problem: check every name against the reference, draw every array, round it."""

import math
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np

from ..reference import Array, operations
from ..reference.arithmetic.precision import PRECISIONS
from . import arrays, graph, streams
from .format import AROUND, CaseError, CaseFile, OptimizerTable, Training, WarmUp, convert
from .problem import Check, GroupOf, Head, LossOf, OptimizerOf, Problem, ScheduleOf, TrainingOf

MOST_STEPS = 10_000  # of an optimizer, or epochs of a training; more is a slip


def build(name: str, stem: str, path: Path, file: CaseFile, precision: str) -> Problem:
    """See `Case.problem`."""
    if precision not in PRECISIONS:
        raise CaseError(f"{name}: there is no precision {precision!r}. There are: {', '.join(PRECISIONS)}")
    dtype = PRECISIONS[precision].dtype

    def draw(tensor: str, raw: Any) -> Array:
        where = f"{name}: {tensor}"
        with np.errstate(over="ignore", invalid="ignore"):  # reported below, in words
            array = arrays.make(raw, streams.stream(stem, tensor, str(file.seed)), path.parent, where)
            if array.dtype.kind == "f":
                array = array.astype(dtype)
        if array.dtype.kind != "i" and not file.nonfinite and not np.isfinite(array).all():
            raise CaseError(f"{where} is not finite in {precision}; if that is wanted, say nonfinite = true")
        array = np.asarray(array)
        array.flags.writeable = False  # every implementation is given the same numbers
        return array

    for tensor in file.inputs:
        graph.check_name(tensor, f"{name}: [inputs]")
    _nothing_idle(name, file)
    inputs = {tensor: draw(tensor, raw) for tensor, raw in file.inputs.items()}
    loss = graph.loss(name, file, inputs)
    parameters = {tensor: draw(tensor, raw) for tensor, raw in file.parameters.items()}
    free = [i for i in inputs if loss is None or i not in loss.targets.values()]
    buffers: dict[str, Array] = {}
    network = graph.network(name, file, free, parameters, buffers, draw)
    graph.nothing_unused(name, inputs, network, loss)
    penalties = graph.penalties(name, file, parameters)
    optimizer, gradients = _optimizer(name, file, parameters, draw)
    training = _training(name, stem, file, inputs, loss, optimizer)
    upstream = None if file.upstream is None else draw("upstream", file.upstream)
    if network and loss is None and upstream is None:
        raise CaseError(f"{name}: without [loss], the last layer's output needs an upstream = … gradient of its shape")
    checks: list[Check] = ["gradients"] if network else []
    checks += ["updates"] if optimizer and not _searches(optimizer, training, f"{name}: [optimizer]") else []
    checks += ["training"] if training else []
    return Problem(
        name, precision, checks, network, loss, optimizer, training, inputs, parameters, upstream, gradients, buffers,  # type: ignore[arg-type]
        penalties,
    )  # fmt: skip


def _nothing_idle(name: str, file: CaseFile) -> None:
    """Raises CaseError for a table that nothing would come of."""
    if not file.network and file.optimizer is None:
        raise CaseError(f"{name}: nothing to compute: a case needs a [[network]] or an [optimizer]")
    if file.network and file.parameters:
        raise CaseError(f"{name}: [parameters] is for cases without [[network]]; a layer's stand in the layer itself")
    if file.optimizer is None and (file.parameters or file.gradients):
        raise CaseError(f"{name}: [parameters] and [gradients] need an [optimizer]")
    if not file.network and file.upstream is not None:
        raise CaseError(f"{name}: upstream = … needs a [[network]] that it can flow into")


def _optimizer(
    name: str, file: CaseFile, parameters: dict[str, Array], draw: graph.Draw
) -> tuple[OptimizerOf | None, list[dict[str, Array]]]:
    """The update rule with what stands around it, and the gradients of each of its steps: given, or drawn."""
    if file.optimizer is None:
        return None, []
    where = f"{name}: [optimizer]"
    operation = graph.find(file.optimizer, where, "optimizers")
    if not parameters:
        raise CaseError(f"{where}: there is nothing to update: give [parameters], or a layer that has some")
    table = convert({key: file.optimizer[key] for key in AROUND if key in file.optimizer}, OptimizerTable, where)
    if table.lr is None:
        raise CaseError(f"{where}: lr = … is missing: one learning rate, or one for each step")
    steps = table.steps if table.steps is not None else len(table.lr) if isinstance(table.lr, list) else 3
    rates = _rates(table.lr, steps, where, "steps")
    given = {key: value for key, value in file.optimizer.items() if key not in ("op", *AROUND)}
    options = graph.options(operation, given, where, ("op", *AROUND))
    for what, numbers in (("values", table.values), ("counts", table.counts)):
        if len(numbers) not in (0, steps):
            raise CaseError(f"{where}: {what} lists {len(numbers)} numbers for {steps} steps")
    if table.accumulate and table.accumulate.every < 1:
        raise CaseError(f"{where}: accumulate.every must be at least 1, got {table.accumulate.every}")
    if table.loss_scale and not 0 < table.loss_scale.init < math.inf:
        raise CaseError(f"{where}: loss_scale.init must be above 0, and finite; got {table.loss_scale.init}")
    if table.schedule and isinstance(table.lr, list):
        raise CaseError(f"{where}: a schedule starts from one lr, got {table.lr}")
    head = OptimizerOf(
        file.optimizer["op"], options, rates, _groups(table, operation, parameters, steps, where),
        table.maximize, table.absent, table.defaults, table.values, table.counts,
        _schedule(table, f"{where}.schedule"),
        _call(table.clip, f"{where}.clip", "clipping"),
        _call(table.average, f"{where}.average", "averages"),
        table.accumulate, table.loss_scale,
    )  # fmt: skip
    _values_where_needed(head, where)
    return head, _given_gradients(name, file, table, parameters, steps, draw)


def _groups(
    table: OptimizerTable, operation: ModuleType, parameters: dict[str, Array], steps: int, where: str
) -> list[GroupOf]:
    """The groups, each with the optimizer's own rates where it gives none."""
    found: list[GroupOf] = []
    for i, raw in enumerate(table.groups, 1):
        place = f"{where}.groups {i}"
        names = convert(raw.get("parameters", []), list[str], f"{place}.parameters")
        taken = {parameter for group in found for parameter in group.parameters}
        for parameter in names or ["parameters = [...] is missing"]:
            if parameter not in parameters or parameter in taken:
                raise CaseError(f"{place}: {parameter!r} is no parameter that is free. There are: {list(parameters)}")
        lr = convert(raw.get("lr", table.lr), float | list[float], f"{place}.lr")
        keys = ("parameters", "lr")
        options = graph.options(operation, {k: v for k, v in raw.items() if k not in keys}, place, keys, whole=False)
        found.append(GroupOf(names, _rates(lr, steps, place, "steps"), options))
    return found


def _schedule(table: OptimizerTable, where: str) -> ScheduleOf | None:
    if table.schedule is None:
        return None
    keys = ("first", "warmup", "warmup_from")
    own = convert({key: table.schedule[key] for key in keys if key in table.schedule}, WarmUp, where)
    head = _call({key: value for key, value in table.schedule.items() if key not in keys}, where, "schedules")
    assert head is not None
    return ScheduleOf(head.op, head.options, own.first, own.warmup, own.warmup_from)


def _call(raw: dict[str, Any] | None, where: str, kind: operations.Kind) -> Head | None:
    """An operation with its options."""
    if raw is None:
        return None
    operation = graph.find(raw, where, kind)
    given = {key: value for key, value in raw.items() if key != "op"}
    return Head(raw["op"], graph.options(operation, given, where, ("op",)))


def _values_where_needed(head: OptimizerOf, where: str) -> None:
    rule = operations.find(head.op, "optimizers")
    plan = head.schedule and operations.find(head.schedule.op, "schedules")
    if (getattr(rule, "NEEDS_VALUE", False) or getattr(plan, "NEEDS_VALUES", False)) and not head.values:
        raise CaseError(f"{where}: it looks at the loss: give values = [...], one for each step")


def _searches(head: OptimizerOf, training: TrainingOf | None, where: str) -> bool:
    """Whether the rule asks for the loss at points of its own choice, so that given gradients tell it too little."""
    kind = head.options.get("line_search", "off")
    if kind == "off":
        return False
    if training is None:
        raise CaseError(f"{where}: line_search = {kind!r} asks for the loss at points of its choice: give [training]")
    for what in ("clip", "accumulation", "loss_scale", "maximize"):
        if getattr(head, what):
            raise CaseError(f"{where}: {what} changes the gradients, and line_search = {kind!r} knows them as they are")
    return True


def _given_gradients(
    name: str, file: CaseFile, table: OptimizerTable, parameters: dict[str, Array], steps: int, draw: graph.Draw
) -> list[dict[str, Array]]:
    """The gradients of each step, without those that are missing there."""
    for what, names in (("[gradients]", set(file.gradients)), ("[optimizer].missing", set(table.missing))):
        if names - set(parameters):
            wrong = sorted(names - set(parameters))
            raise CaseError(f"{name}: {what} {wrong} are no parameters. There are: {list(parameters)}")
    drawn: dict[str, Array] = {}
    for parameter, value in parameters.items():
        raw = file.gradients.get(parameter, {"normal": [steps, *value.shape]})
        drawn[parameter] = draw(f"gradients.{parameter}", raw)
        if drawn[parameter].shape != (steps, *value.shape):
            raise CaseError(f"{name}: [gradients] {parameter} has shape {drawn[parameter].shape}; {steps} steps of a "
                            f"parameter {value.shape} need {(steps, *value.shape)}")  # fmt: skip
    return [
        {
            parameter: np.asarray(values[k])
            for parameter, values in drawn.items()
            if k + 1 not in table.missing.get(parameter, ())
        }
        for k in range(steps)
    ]


def _training(
    name: str,
    stem: str,
    file: CaseFile,
    inputs: dict[str, Array],
    loss: LossOf | None,
    optimizer: OptimizerOf | None,
) -> TrainingOf | None:
    """The rows of every mini-batch: each epoch shuffles all rows anew, and its last batch takes what is left."""
    if file.training is None:
        return None
    where = f"{name}: [training]"
    plan: Training = file.training
    if loss is None or optimizer is None:
        raise CaseError(f"{where} needs a [loss] and an [optimizer]")
    if any(not values.ndim for values in inputs.values()) or len({len(v) for v in inputs.values()}) != 1:
        shapes = {tensor: values.shape for tensor, values in inputs.items()}
        raise CaseError(f"{where}: the inputs have different numbers of rows: {shapes}")
    rows = len(next(iter(inputs.values())))
    size = plan.batch_size or rows
    if plan.epochs < 1 or not 0 < size <= rows:
        raise CaseError(f"{where}: epochs must be at least 1, and batch_size between 1 and the {rows} rows")
    rates = _rates(plan.lr, plan.epochs, where, "epochs")
    batches = []
    for epoch in range(plan.epochs):
        shuffled = np.arange(rows)
        if size < rows:
            shuffled = streams.order(streams.stream(stem, "epoch", str(epoch), str(file.seed)), rows)
        batches.append([shuffled[start : start + size] for start in range(0, rows, size)])
    return TrainingOf(batches, rates)


def _rates(lr: float | list[float], count: int, where: str, what: str) -> list[float]:
    if not 1 <= count <= MOST_STEPS:
        raise CaseError(f"{where}: {what} must be between 1 and {MOST_STEPS}, got {count}")
    rates = lr if isinstance(lr, list) else [lr] * count
    if len(rates) != count:
        raise CaseError(f"{where}: lr lists {len(rates)} rates for {count} {what}")
    if not all(math.isfinite(rate) for rate in rates):
        raise CaseError(f"{where}: lr must be a finite number, got {lr}")
    return [float(rate) for rate in rates]
