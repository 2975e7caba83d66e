"""What a framework has fixed by design, against what a problem asks for."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar

from ..cases.format import AccumulationOf
from ..cases.problem import OptimizerOf
from ..reference import operations
from .base import Unsupported

FORMULAS = ("tails",)
"""Options that choose how the reference computes, not what: frameworks never see them."""

MATTERS: dict[tuple[str, str], Callable[[Mapping[str, Any]], bool]] = {
    ("batch_norm", "variance"): lambda given: bool(given["training"]),
    ("sort", "ties"): lambda given: bool(given["descending"]),
    ("conv", "padding_mode"): lambda given: given["padding"] != 0,
    ("smooth_l1", "at_zero"): lambda given: given["beta"] == 0,
    ("triplet_margin", "eps_added"): lambda given: given["eps"] != 0,
    ("ctc", "mean"): lambda given: given["reduction"] == "mean",
    ("rmsprop", "rate_in_buffer"): lambda given: given["momentum"] != 0,
    ("nadam", "decoupled_weight_decay"): lambda given: given["weight_decay"] != 0,
    ("nadam", "momentum_decay"): lambda given: given["momentum"] == "rising",
    ("radam", "decoupled_weight_decay"): lambda given: given["weight_decay"] != 0,
    ("radam", "at_threshold"): lambda given: given["threshold"] != 5,  # which no β₂ comes to
    ("adamax", "decoupled_weight_decay"): lambda given: given["weight_decay"] != 0,
    ("adamax", "eps_at"): lambda given: given["eps"] != 0,
    ("adan", "decay"): lambda given: given["weight_decay"] != 0,
    ("sgd", "dampening"): lambda given: given["momentum"] != 0,
    ("lars", "norm"): lambda given: given["weight_decay"] != 0,
    ("lars", "rate"): lambda given: given["momentum"] != 0,
    ("adafactor", "decay"): lambda given: given["weight_decay"] != 0,
    ("muon", "eps_at"): lambda given: given["eps"] != 0,
    ("muon", "bias_correction"): lambda given: given["momentum"] != 0 and (given["nesterov"] or given["eps"] != 0),
    ("lbfgs", "first"): lambda given: given["scaled"],
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
    asked = {name: option.default for name, option in declared.items()} | dict(given)
    for name, value in fixed.get(op, {}).items():
        if asked[name] != value and _matters(op, name, asked):
            raise Unsupported(f"{framework}'s {op} always has {name} = {value!r}; asked for {asked[name]!r}")
    return {name: value for name, value in asked.items() if name not in (*FORMULAS, *fixed.get(op, {}))}


T = TypeVar("T")


def lookup(table: Mapping[str, T], op: str, lacking: Mapping[str, str], framework: str) -> T:
    """The framework's operation.

    Raises Unsupported, with the reason that `lacking` gives, where there is none.
    """
    if op not in table:
        raise Unsupported(lacking.get(op, f"the {framework} adapter has no {op}"))
    return table[op]


def no_foreign_defaults(head: OptimizerOf, framework: str) -> None:
    """Raises Unsupported for a problem that asks for the defaults of somebody else."""
    if head.defaults not in ("", framework):
        raise Unsupported(f"these are the defaults of {head.defaults}")


def shares(plan: AccumulationOf, counts: Sequence[int]) -> list[float]:
    """What the gradient of each micro-batch weighs in the sum that its step takes, given how many examples each has."""
    found: list[float] = []
    for start in range(0, len(counts), plan.every):
        together = counts[start : start + plan.every]
        weights = {
            "sum": [1.0] * len(together),
            "mean": [1 / plan.every] * len(together),
            "counts": [n / sum(together) for n in together],
        }
        found += weights[plan.by]
    return found


def _matters(op: str, option: str, asked: Mapping[str, Any]) -> bool:
    return (op, option) not in MATTERS or MATTERS[op, option](asked)
