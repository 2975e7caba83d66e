"""Smaller cases that are like a given one: the ways in which a case's table can lose something.

Each way yields tables. Whether one can be built, and still shows what it should, is for `shrink` to see.
"""

import copy
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any, TypeAlias

import numpy as np

from .cases import Problem
from .cases.format import KINDS
from .fitting import SHAPED, Table, arrays_of, forward, is_array, put, resized, spelled, used, without
from .reference import Array

Way: TypeAlias = Callable[[Table, Problem], Iterator[Table]]
"""Smaller tables, given one and the problem in float64 that it makes."""

KEPT = ("question", "because", "precisions")
SPOKEN = 64  # an array of at most so many numbers may be written out
DECIMALS = (0, 1, 2, 4)


# ---------------------------------------------------------------- whole parts
def parts(table: Table, problem: Problem) -> Iterator[Table]:
    """One of the checks alone."""
    optimizer = ("optimizer", "parameters", "gradients", "training")
    if table.get("network"):
        yield without(table, *optimizer)
        yield without(table, "training")
    if table.get("optimizer") and table.get("network"):
        layers = [pair for pair in zip(table["network"], problem.network, strict=True) if "uses" not in pair[0]]
        arrays = {name: raw[local] for raw, layer in layers for local, name in layer.parameters.items()}
        alone = without(table, "network", "inputs", "loss", "penalties", "upstream", "training")
        yield alone | {"parameters": arrays}


def alone(table: Table, problem: Problem) -> Iterator[Table]:
    """One layer alone, or the loss, given either random numbers or those that came to it."""
    if not problem.network:
        return
    values = forward(problem)
    spelled_out = spelled(table, problem)
    rest = without(spelled_out, "loss", "penalties", "optimizer", "training", "upstream", "gradients")
    for written in (False, True):

        def given(name: str, written: bool = written) -> Any:
            return table["inputs"][name] if name in problem.inputs else _as_array(values[name], written)

        for layer in spelled_out["network"]:
            inputs = {name: given(name) for name in layer["inputs"]}
            upstream = {"normal": list(values[layer["name"]].shape)}
            yield rest | {"inputs": inputs, "network": [layer], "upstream": upstream}
        if problem.loss is not None:
            last = problem.network[-1].name
            inputs = {name: given(name) for name in (last, *problem.loss.targets.values())}
            identity = {"op": "identity", "name": "prediction", "inputs": [last]}
            kept = {key: spelled_out[key] for key in ("loss", "upstream") if key in spelled_out}
            yield rest | kept | {"inputs": inputs, "network": [identity]}


def layers(table: Table, problem: Problem) -> Iterator[Table]:
    """One layer less: what it was given goes where its output went. Or no loss, but a gradient given from above."""
    if problem.network and problem.loss is not None:
        shape = list(forward(problem)[problem.network[-1].name].shape)
        yield without(table, "loss", "penalties", "training") | {"upstream": {"normal": shape}}
    for tied in (True, False):
        spelled_out = spelled(table, problem, tied)
        for i, layer in enumerate(spelled_out.get("network", ())):
            for source in dict.fromkeys(layer["inputs"]):
                rest = copy.deepcopy(spelled_out)
                del rest["network"][i]
                for other in rest["network"]:
                    other["inputs"] = [source if name == layer["name"] else name for name in other["inputs"]]
                if rest["network"]:
                    yield used(rest)


def keys(table: Table, _: Problem) -> Iterator[Table]:
    """One key less, or one entry of a list of tables or names, wherever it stands."""
    yield from _removals(table, KEPT)


# ---------------------------------------------------------------- lengths and numbers
def lengths(table: Table, problem: Problem) -> Iterator[Table]:
    """One length shorter, in every shape at once: most cases have each length for one thing alone."""
    found = {n for array in arrays_of(problem) for n in array.shape}
    for long in sorted(found, reverse=True):
        for short in sorted({1, 2, long // 2, long - 1}):
            if 0 < short < long:
                for length in (partial(_instead, long, short), partial(_multiples, long, short)):
                    yield resized(table, length, everywhere=True)
                    yield resized(table, length, everywhere=False)


def steps(table: Table, problem: Problem) -> Iterator[Table]:
    """Fewer steps and epochs, and one rate for all."""
    rule = table.get("optimizer")
    if problem.optimizer is not None and rule:
        count = len(problem.gradients)
        if isinstance(rule["lr"], list):
            yield table | {"optimizer": rule | {"lr": rule["lr"][0], "steps": count}}
        for fewer in sorted({1, 2, count // 2, count - 1}):
            if 0 < fewer < count:
                cut = {key: value[:fewer] for key, value in rule.items() if key in ("lr", "values", "counts")
                       and isinstance(value, list)}  # fmt: skip
                given = {name: _first(raw, fewer) for name, raw in table.get("gradients", {}).items()}
                yield table | {"optimizer": rule | cut | {"steps": fewer}} | ({"gradients": given} if given else {})
    if table.get("training"):
        epochs = table["training"]["epochs"]
        for fewer in sorted({1, epochs // 2, epochs - 1}):
            if 0 < fewer < epochs:
                lr = table["training"]["lr"]
                lr = lr[:fewer] if isinstance(lr, list) else lr
                yield table | {"training": table["training"] | {"epochs": fewer, "lr": lr}}


def numbers(table: Table, _: Problem) -> Iterator[Table]:
    """A plainer number in the place of one that an option has."""
    yield from _plainer(table)


def data(table: Table, problem: Problem) -> Iterator[Table]:
    """Arrays written out in few digits: all of them, and each. No new zeros and ties: there, conventions differ."""
    arrays = dict(_named_arrays(table, problem))
    for paths in (list(arrays), *([path] for path in arrays)):
        for decimals in DECIMALS:
            rounded = {path: _rounded(arrays[path], decimals) for path in paths}
            if _distinct(arrays | rounded) == _distinct(arrays):
                new = copy.deepcopy(table)
                for path, array in rounded.items():
                    put(new, path, _written(array))
                yield new


WAYS: tuple[Way, ...] = (parts, steps, alone, layers, keys, lengths, data, numbers)


# ---------------------------------------------------------------- parts
def _as_array(values: Array, written: bool) -> Any:
    floats = values.dtype.kind == "f"
    return {"normal": list(values.shape)} if floats and not written else _written(values)


def _written(values: Array) -> Any:
    return values.tolist() if values.dtype.kind == "f" else {"labels": values.astype(np.int64).tolist()}


def _removals(value: Any, kept: tuple[str, ...] = ("op", "name")) -> Iterator[Any]:
    """A table or a list of tables or names with one thing less, however deep it lies."""
    if isinstance(value, dict):
        for key, inner in value.items():
            if key not in kept and key not in KINDS:
                yield without(value, key)
            if key not in KEPT:
                yield from (value | {key: less} for less in _removals(inner))
    elif isinstance(value, list):
        for i, inner in enumerate(value):
            if isinstance(inner, dict | str):
                yield [*value[:i], *value[i + 1 :]]
            yield from ([*value[:i], less, *value[i + 1 :]] for less in _removals(inner))


def _instead(long: int, short: int, n: int) -> int:
    return short if n == long else n


def _multiples(long: int, short: int, n: int) -> int:
    return n // long * short if n % long == 0 else n


def _first(raw: Any, count: int) -> Any:
    """The array of the first so many steps."""
    if isinstance(raw, list):
        return raw[:count]
    return {key: [count, *value[1:]] if key in SHAPED else value for key, value in raw.items()}


def _plainer(value: Any, key: str = "") -> Iterator[Any]:
    if isinstance(value, dict):
        for k, inner in value.items():
            yield from (value | {k: new} for new in _plainer(inner, k))
    elif isinstance(value, list) and not is_array(value):
        for i, inner in enumerate(value):
            yield from ([*value[:i], new, *value[i + 1 :]] for new in _plainer(inner, key))
    elif isinstance(value, float):
        yield from (new for new in (1.0, 0.5, float(f"{value:.0e}")) if new != value)


def _named_arrays(table: Table, problem: Problem) -> Iterator[tuple[tuple[Any, ...], Array]]:
    """Where each array stands that is small enough to be written out, and its numbers."""
    found: dict[tuple[Any, ...], Array] = {("inputs", name): array for name, array in problem.inputs.items()}
    for i, layer in enumerate(problem.network):
        for local, name in (layer.parameters | layer.buffers).items():
            if "uses" not in table["network"][i]:
                found["network", i, local] = (problem.parameters | problem.buffers)[name]
    if not problem.network:
        found |= {("parameters", name): array for name, array in problem.parameters.items()}
    if problem.upstream is not None:
        found["upstream",] = problem.upstream
    for name in problem.parameters:
        if problem.gradients and all(name in step for step in problem.gradients):
            found["gradients", name] = np.stack([step[name] for step in problem.gradients])
    yield from ((path, array) for path, array in found.items() if 0 < array.size <= SPOKEN)


def _rounded(array: Array, decimals: int) -> Array:
    return np.round(array, decimals) + 0.0 if array.dtype.kind == "f" else array  # + 0: no minus zero


def _distinct(arrays: dict[tuple[Any, ...], Array]) -> tuple[int, int]:
    """How many sizes there are among all numbers, and how many zeros."""
    numbers = np.concatenate([np.abs(x.reshape(-1)) for x in arrays.values() if x.dtype.kind == "f"] or [np.zeros(0)])
    return len(np.unique(numbers)), int(np.sum(numbers == 0))
