"""What a framework has fixed by design, against what a problem asks for."""

from collections.abc import Callable, Mapping
from typing import Any

from ..reference import operations
from .base import Unsupported

FORMULAS = ("tails",)
"""Options that choose how the reference computes, not what: frameworks never see them."""

MATTERS: dict[tuple[str, str], Callable[[Mapping[str, Any]], bool]] = {
    ("batch_norm", "variance"): lambda given: bool(given["training"]),
    ("sort", "ties"): lambda given: bool(given["descending"]),
    ("conv", "padding_mode"): lambda given: given["padding"] != 0,
    ("smooth_l1", "at_zero"): lambda given: given["beta"] == 0,
    ("ctc", "mean"): lambda given: given["reduction"] == "mean",
    ("sgd", "dampening"): lambda given: given["momentum"] != 0,
    ("sgd", "first_step"): lambda given: given["momentum"] != 0 and given["dampening"] != 0,
}
"""Options that change something only beside certain others."""


def options(
    op: str,
    given: Mapping[str, Any],
    fixed: Mapping[str, Mapping[str, Any]],
    framework: str,
) -> dict[str, Any]:
    """The options to call a framework's operation with: all that it has, so that none of its defaults slips in.

    fixed: operation -> option -> the one value that the framework has. Raises Unsupported where the problem asks
    for another.
    """
    declared = operations.options(operations.find(op, *operations.KINDS))
    asked = {name: option.default for name, option in declared.items() if name != "lr"} | dict(given)
    for name, value in fixed.get(op, {}).items():
        if asked[name] != value and _matters(op, name, asked):
            raise Unsupported(f"{framework}'s {op} always has {name} = {value!r}; asked for {asked[name]!r}")
    return {name: value for name, value in asked.items() if name not in (*FORMULAS, *fixed.get(op, {}))}


def lookup(
    table: Mapping[str, Callable[..., Any]], op: str, lacking: Mapping[str, str], framework: str
) -> Callable[..., Any]:
    """The framework's operation.

    Raises Unsupported, with the reason that `lacking` gives, where there is none.
    """
    if op not in table:
        raise Unsupported(lacking.get(op, f"the {framework} adapter has no {op}"))
    return table[op]


def _matters(op: str, option: str, asked: Mapping[str, Any]) -> bool:
    return (op, option) not in MATTERS or MATTERS[op, option](asked)
