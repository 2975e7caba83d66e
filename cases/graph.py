"""The network and the loss of a case: every name checked against the reference, and nothing left over."""

import inspect
import math
import re
from collections.abc import Callable
from types import ModuleType
from typing import Any, TypeAlias

from ..reference import Array, operations
from .format import CaseError, CaseFile, convert
from .problem import LayerOf, LossOf, PenaltyOf

LAYER_KEYS = ("op", "name", "inputs", "uses")
NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_-]*")
Draw: TypeAlias = Callable[[str, Any], Array]
"""The array of a tensor, given its name and its description."""


def network(name: str, file: CaseFile, free_inputs: list[str], parameters: dict[str, Array],
            buffers: dict[str, Array], draw: Draw) -> list[LayerOf]:  # fmt: skip
    """The layers in order; what they carry is drawn into `parameters` and `buffers`."""
    layers: dict[str, LayerOf] = {}
    known = list(file.inputs)
    for raw in file.network:
        label, where = _label(name, raw, known)
        default = [list(layers)[-1]] if layers else free_inputs
        sources = convert(raw.get("inputs", default), list[str], f"{where}.inputs")
        if "uses" in raw:
            layer = _reuse(raw, label, sources, layers, where)
        else:
            layer = _layer(raw, label, sources, parameters, buffers, draw, where)
        _check_inputs(layer, where)
        for source in sources:
            if source not in known:
                raise CaseError(f"{where}: no input and no earlier layer is named {source!r}. There are: {known}")
        layers[label] = layer
        known.append(label)
    return list(layers.values())


def _check_inputs(layer: LayerOf, where: str) -> None:
    wanted = operations.inputs(operations.find(layer.op, *operations.NETWORK))
    least = sum(slot.default is slot.empty and slot.kind is not slot.VAR_POSITIONAL for slot in wanted.values())
    any_number = any(slot.kind is slot.VAR_POSITIONAL for slot in wanted.values())
    if len(layer.inputs) < max(least, 1) or (len(layer.inputs) > len(wanted) and not any_number):
        takes = "any number of inputs" if any_number else f"{least} input{'s' * (least > 1)}"
        got = f"({', '.join(wanted)}), got {layer.inputs}"
        raise CaseError(f"{where}: {layer.op} takes {takes} {got}; say inputs = [...]")


def loss(name: str, file: CaseFile, inputs: dict[str, Array]) -> LossOf | None:
    """The loss, with the inputs and layers that it is held against."""
    if file.loss is None:
        return None
    where = f"{name}: [loss]"
    if not file.network:
        raise CaseError(f'{where}: there is no prediction; a loss needs a [[network]], if only op = "identity"')
    operation = find(file.loss, where, "losses")
    slots = dict(list(operations.inputs(operation).items())[1:])
    wanted = [
        slot for slot, given in slots.items() if slot in file.loss or slot in inputs or given.default is given.empty
    ]
    targets = {slot: convert(file.loss.get(slot, slot), str, f"{where}.{slot}") for slot in wanted}
    there = [*inputs, *(raw.get("name", raw.get("op")) for raw in file.network)]
    for slot, source in targets.items():
        if source not in there:
            raise CaseError(f"{where}: {slot} = {source!r} is no input and no layer. There are: {there}")
    given = {key: value for key, value in file.loss.items() if key not in ("op", *slots)}
    return LossOf(file.loss["op"], options(operation, given, where, ("op", *slots)), targets)


def penalties(name: str, file: CaseFile, parameters: dict[str, Array]) -> list[PenaltyOf]:
    """What named parameters add to the loss: one for each parameter of each [[penalties]]."""
    found = []
    for i, raw in enumerate(file.penalties, 1):
        where = f"{name}: [[penalties]] {raw.get('op', i)}"
        operation = find(raw, where, "penalties")
        if file.loss is None or file.loss.get("reduction") == "none":
            raise CaseError(f"{where}: a penalty adds to a loss that is one number; give a [loss] with mean or sum")
        keys = ("op", "parameters")
        given = options(operation, {k: v for k, v in raw.items() if k not in keys}, where, keys)
        for parameter in convert(raw.get("parameters", []), list[str], f"{where}.parameters") or [None]:
            if parameter not in parameters:
                wrong = f"there is no parameter {parameter!r}" if parameter else "it names no parameter"
                raise CaseError(f"{where}: {wrong}; parameters = [...] may have: {list(parameters)}")
            found.append(PenaltyOf(raw["op"], given, parameter))
    return found


def nothing_unused(name: str, inputs: dict[str, Array], layers: list[LayerOf], head: LossOf | None) -> None:
    """Raises CaseError for an input or a layer that leads nowhere."""
    used = {source for layer in layers for source in layer.inputs} | set(head.targets.values() if head else ())
    for what in [*inputs, *(layer.name for layer in layers[:-1])]:
        if what not in used:
            raise CaseError(f"{name}: nothing uses {what!r}; take it out, or name it in some layer's inputs")


def find(raw: dict[str, Any], where: str, *kinds: operations.Kind) -> ModuleType:
    """The operation that a table names.

    Raises CaseError, naming those that exist.
    """
    if not isinstance(raw.get("op"), str):
        raise CaseError(f'{where}: op = "…" is missing. {operations.there_are(*kinds)}')
    try:
        return operations.find(raw["op"], *kinds)
    except operations.UnknownOperation as error:
        raise CaseError(f"{where}: {error}") from None


def options(operation: ModuleType, given: dict[str, Any], where: str, others: tuple[str, ...],
            whole: bool = True) -> dict[str, Any]:  # fmt: skip
    """The given options, as the operation's signature has them; if whole, none that it needs may lack."""
    short = operation.__name__.rpartition(".")[2]
    declared = operations.options(operation)
    found = {}
    for key, value in given.items():
        if key not in declared:
            has = ", ".join(declared) or "none"
            raise CaseError(f"{where}: {short} has no option {key!r}; it has: {has} (beside {', '.join(others)})")
        value = convert(value, declared[key].annotation, f"{where}: option {key}")
        if isinstance(value, float) and not math.isfinite(value):
            raise CaseError(f"{where}: option {key} must be a finite number, got {value}")
        found[key] = value
    lacks = [key for key, option in declared.items() if option.default is option.empty and key not in found]
    if whole and lacks:
        raise CaseError(f"{where}: {short} needs {lacks[0]} = …")
    return found


def check_name(label: Any, where: str) -> None:
    """Raises CaseError for a name that could not stand in a tensor's, such as gradient.<layer>.W."""
    if not isinstance(label, str) or not NAME.fullmatch(label):
        raise CaseError(f"{where}: a name is letters, digits, _ and -, and starts with a letter; got {label!r}")


def _label(name: str, raw: dict[str, Any], known: list[str]) -> tuple[str, str]:
    """A layer's name, by default its operation's, and the place for error messages."""
    label = raw.get("name", raw.get("op"))
    where = f"{name}: [[network]] {label or len(known) + 1}"
    if label is None:
        there_are = operations.there_are(*operations.NETWORK)
        missing = 'name = "…" is missing' if "uses" in raw else f'op = "…" is missing. {there_are}'
        raise CaseError(f"{where}: {missing}")
    check_name(label, where)
    if label in known:
        raise CaseError(f"{where}: the name {label!r} is taken; give this layer a name of its own")
    return str(label), where


def _layer(raw: dict[str, Any], label: str, sources: list[str], parameters: dict[str, Array],
           buffers: dict[str, Array], draw: Draw, where: str) -> LayerOf:  # fmt: skip
    operation = find(raw, where, *operations.NETWORK)
    declared = operations.parameters(operation) | dict.fromkeys(operations.buffers(operation), inspect.Parameter.empty)
    names: dict[str, dict[str, str]] = {"parameters": {}, "buffers": {}}
    for local, default in declared.items():
        kind, drawn = ("buffers", buffers) if local in operations.buffers(operation) else ("parameters", parameters)
        if local in raw:
            names[kind][local] = f"{label}.{local}"
            drawn[f"{label}.{local}"] = draw(f"{label}.{local}", raw[local])
        elif default is inspect.Parameter.empty:
            raise CaseError(f"{where}: {raw['op']} needs {local} = …")
    given = {key: value for key, value in raw.items() if key not in (*LAYER_KEYS, *declared)}
    given = options(operation, given, where, (*LAYER_KEYS, *declared))
    return LayerOf(raw["op"], given, label, sources, names["parameters"], names["buffers"])


def _reuse(raw: dict[str, Any], label: str, sources: list[str], layers: dict[str, LayerOf], where: str) -> LayerOf:
    """A layer with the operation, options and parameters of an earlier one: they are tied."""
    if set(raw) - {"name", "inputs", "uses"}:
        raise CaseError(f"{where}: a layer that uses another has only name and inputs besides")
    used = convert(raw["uses"], str, f"{where}.uses")
    if used not in layers:
        raise CaseError(f"{where}: no earlier layer is named {used!r}. There are: {list(layers)}")
    origin = layers[used]
    return LayerOf(origin.op, origin.options, label, sources, origin.parameters, origin.buffers)
