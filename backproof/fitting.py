"""The tables of cases, and what in one must fit what: names that are left out, arrays that share a length."""

import copy
from collections.abc import Callable, Iterable
from typing import Any, TypeAlias

import msgspec
import numpy as np

from .cases import Case, CaseError, Problem
from .cases.format import KINDS, CaseFile, convert
from .cases.solving import network_of
from .reference import Array, network

Table: TypeAlias = dict[str, Any]
SHAPED = ("normal", "uniform", "whole", "probabilities", "integers")
WORDS = ("source", "tags", "kills", "excuse", "claims")


# ---------------------------------------------------------------- tables
def plain(case: Case) -> Table:
    """The case's table, without what is said about it."""
    table: Table = msgspec.to_builtins(case.file)
    return {key: value for key, value in table.items() if key not in WORDS}


def without(table: Table, *names: str) -> Table:
    """The table without these keys."""
    return {key: value for key, value in table.items() if key not in names}


def put(table: Any, path: tuple[Any, ...], value: Any) -> None:
    """Change what stands at a path."""
    for part in path[:-1]:
        table = table.setdefault(part, {}) if isinstance(table, dict) else table[part]
    table[path[-1]] = value


def spelled(table: Table, problem: Problem, tied: bool = False) -> Table:
    """The table with each layer's name and inputs in words, and each target of the loss.

    Unless they stay tied, a layer that uses another has arrays of its own instead.
    """
    table = copy.deepcopy(table)
    raw = {layer.get("name", layer.get("op")): layer for layer in table.get("network", ())}
    whole: dict[str, Table] = {}
    for layer in problem.network:
        own = raw[layer.name]
        base = whole[own["uses"]] if "uses" in own and not tied else own
        whole[layer.name] = base | {"name": layer.name, "inputs": list(layer.inputs)}
    if whole:
        table["network"] = list(whole.values())
    if problem.loss is not None:
        table["loss"] |= problem.loss.targets
    return table


def used(table: Table) -> Table:
    """The table without layers and inputs that lead nowhere."""
    wanted = {str(value) for value in (table.get("loss") or {}).values()} | {table["network"][-1]["name"]}
    kept: list[Table] = []
    for layer in reversed(table["network"]):
        if layer["name"] in wanted:
            kept.insert(0, layer)
            wanted |= set(layer["inputs"])
    inputs = {name: raw for name, raw in table.get("inputs", {}).items() if name in wanted}
    return table | {"network": kept, "inputs": inputs}


# ---------------------------------------------------------------- arrays
def is_array(raw: Any) -> bool:
    """Whether this describes an array by its shape, or as a list of numbers."""
    if isinstance(raw, dict):
        return any(kind in raw for kind in KINDS)
    return isinstance(raw, list) and bool(raw) and not any(isinstance(entry, str | dict) for entry in raw)


def arrays_of(problem: Problem) -> Iterable[Array]:
    """Every array that is given."""
    upstream = [] if problem.upstream is None else [problem.upstream]
    steps = [array for step in problem.gradients for array in step.values()]
    return [*problem.inputs.values(), *problem.parameters.values(), *problem.buffers.values(), *upstream, *steps]


def fitted(raw: Any, shape: tuple[int, ...]) -> Any:
    """The description of an array, for another shape."""
    if isinstance(raw, dict):
        return {key: list(shape) if key in SHAPED else value for key, value in raw.items()}
    array = np.array(raw)
    return array[tuple(map(slice, shape))].tolist() if array.ndim == len(shape) else {"normal": list(shape)}


def resized(table: Table, length: Callable[[int], int], everywhere: bool) -> Table:
    """Each length n becomes length(n): in shapes, lists of numbers and classes, and everywhere also in options."""

    def again(value: Any, key: str = "") -> Any:
        if isinstance(value, dict):
            return {k: again(v, k) for k, v in value.items()}
        if key in SHAPED:
            return [length(n) for n in value]
        if key in ("below", "batch_size") and isinstance(value, int):
            return length(value)
        if key == "labels" or (is_array(value) and key not in ("lr", "values", "counts")):
            return _cut(value, length, everywhere)
        if isinstance(value, list):
            return [again(entry, key) for entry in value]
        option = everywhere and type(value) is int and key not in ("seed", "steps", "epochs", "low", "high")
        return length(value) if option else value

    return {key: again(value, key) for key, value in table.items()}


def _cut(value: Any, length: Callable[[int], int], everywhere: bool) -> Any:
    """A list of numbers, its axes cut to their new lengths; or a list of lengths, which an option may be."""
    array = np.array(value)
    if array.ndim == 1 and array.dtype.kind == "i" and everywhere and len(array) < 5:
        return [length(n) for n in value]
    return array[tuple(slice(length(n)) for n in array.shape)].tolist()


# ---------------------------------------------------------------- what the network gives
def fit(like: Case, table: Table) -> Case:
    """A case of this table. What has the shape of the output, or of the loss, in the case that it is like, has it here.

    Raises CaseError where it cannot be built.
    """
    case = Case(like.name, like.path, convert(table, CaseFile, like.name))
    before = like.problem("float64")
    if not before.network or not table.get("network"):
        return case
    inputs = dict(case.file.inputs)
    shape = output(before).shape
    for name in before.loss.targets.values() if before.loss and case.file.loss else ():
        if name in inputs and name in before.inputs and before.inputs[name].shape == shape:
            inputs[name] = fitted(inputs[name], output(case.problem("float64")).shape)
    case = Case(case.name, case.path, msgspec.structs.replace(case.file, inputs=inputs))
    upstream = case.file.upstream
    if upstream is not None:
        upstream = fitted(upstream, _head_shape(case.problem("float64")))
    return Case(case.name, case.path, msgspec.structs.replace(case.file, upstream=upstream))


def forward(problem: Problem) -> dict[str, Array]:
    """The output of every layer."""
    found, _ = network_of(problem)
    with np.errstate(all="ignore"):
        values, _saved = network.forward(found, problem.parameters, problem.inputs | problem.buffers)
    return values


def output(problem: Problem) -> Array:
    """What the last layer gives."""
    try:
        return forward(problem)[problem.network[-1].name]
    except (ValueError, IndexError) as error:
        raise CaseError(f"{problem.case}: {error}") from error


def _head_shape(problem: Problem) -> tuple[int, ...]:
    """The shape of what stands last: the loss, or the last layer's output."""
    prediction = output(problem)
    if problem.loss is None:
        return tuple(prediction.shape)
    _, loss = network_of(problem)
    assert loss is not None
    values = forward(problem)
    targets = {slot: values[name] for slot, name in problem.loss.targets.items()}
    try:
        with np.errstate(all="ignore"):
            value, _ = loss.operation.forward(prediction, **targets, **loss.options)
    except (ValueError, IndexError) as error:
        raise CaseError(f"{problem.case}: {error}") from error
    return tuple(np.shape(value))
