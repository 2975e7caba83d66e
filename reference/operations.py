"""Which operations there are, and what each one asks for. The folders are the list."""

import difflib
import importlib
import inspect
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any, Literal, TypeAlias, get_args

Kind: TypeAlias = Literal[
    "layers", "activations", "losses", "penalties", "optimizers", "schedules", "clipping", "averages"
]

KINDS: tuple[Kind, ...] = get_args(Kind)
NETWORK: tuple[Kind, ...] = ("layers", "activations")
"""The folders whose operations stand in a network."""


PARTS = ("update", "rate", "clip", "forward")
"""The function that options stand in: of an optimizer or an average, a schedule, a clipping, any other operation."""

MANY = 12  # names that a message would not list


class UnknownOperation(LookupError):
    """No module of that name in the folder asked."""


@cache
def names(*kinds: Kind) -> tuple[str, ...]:
    """The operations of these folders, without importing any."""
    here = Path(__file__).parent
    return tuple(sorted(f.stem for kind in kinds for f in (here / kind).glob("*.py") if not f.stem.startswith("_")))


@cache
def find(name: str, *kinds: Kind) -> ModuleType:
    """The module of an operation.

    Raises UnknownOperation, naming those that exist.
    """
    if name not in names(*kinds):
        near = difflib.get_close_matches(name, names(*kinds), n=1)
        guess = f"; did you mean {near[0]!r}?" if near else "."
        raise UnknownOperation(f"there is no operation {name!r}{guess} {there_are(*kinds)}")
    return importlib.import_module(f"{__package__}.{kind(name, *kinds)}.{name}")


def there_are(*kinds: Kind) -> str:
    """What there is, in words: by name, or where the names stand if they are many."""
    found = names(*kinds)
    if len(found) > MANY:
        return f"There are {len(found)}, one file each, in {' and '.join(f'reference/{kind}' for kind in kinds)}"
    return f"There are: {', '.join(found)}"


def kind(name: str, *kinds: Kind) -> Kind:
    """The folder among `kinds` that an operation stands in."""
    return next(kind for kind in kinds if name in names(kind))


@cache
def options(operation: ModuleType) -> dict[str, inspect.Parameter]:
    """The named options of an operation: its keyword-only arguments, with types and defaults."""
    function = next(f for part in PARTS if (f := getattr(operation, part, None)))
    parameters = inspect.signature(function, eval_str=True).parameters.values()
    # a rule is told the rate and the loss of each step
    given = ("lr", "value", "objective") if hasattr(operation, "init") else ()
    return {p.name: p for p in parameters if p.kind is p.KEYWORD_ONLY and p.name not in given}


@cache
def inputs(operation: ModuleType) -> dict[str, inspect.Parameter]:
    """The arrays that `forward` takes, parameters and buffers not counted: x, or prediction and target.

    One with a default may be left out; one of kind VAR_POSITIONAL stands for any number.
    """
    parameters = inspect.signature(operation.forward, eval_str=True).parameters.values()
    kinds = (inspect.Parameter.POSITIONAL_OR_KEYWORD, inspect.Parameter.VAR_POSITIONAL)
    return {p.name: p for p in parameters if p.kind in kinds and p.name not in ("p", "running")}


def parameters(operation: ModuleType) -> dict[str, Any]:
    """The parameters of a layer, name to default; a parameter without a default is required."""
    if not hasattr(operation, "Params"):
        return {}
    fields: tuple[str, ...] = operation.Params._fields
    defaults: dict[str, Any] = operation.Params._field_defaults
    return {name: defaults.get(name, inspect.Parameter.empty) for name in fields}


def buffers(operation: ModuleType) -> tuple[str, ...]:
    """What a layer keeps beside its parameters, without a gradient, such as running statistics; all are required."""
    return operation.Buffers._fields if hasattr(operation, "Buffers") else ()
