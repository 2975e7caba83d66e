"""Losses over training steps, as the record holds them: expected, and of each implementation."""

import math
from collections import defaultdict
from typing import Any, NamedTuple

from .record import Record
from .tables import implementations


class Curves(NamedTuple):
    """The loss of every training step of a case at one precision."""

    case: str
    precision: str
    question: str
    series: dict[str, list[float]]  # name -> loss of each step; NaN and infinity may stand in it


def curves(record: Record) -> list[Curves]:
    """One for each case that trains, at the first of its precisions."""
    first: dict[str, str] = {}
    found: dict[tuple[str, str], dict[str, dict[int, list[float]]]] = defaultdict(lambda: defaultdict(dict))
    for case in record.cases:
        for tensor, values in case.expected.items():
            if (epoch := _epoch(tensor)) is not None:
                first.setdefault(case.case, case.precision)
                found[case.case, case.precision]["expected"][epoch] = _floats(values)
    for row in record.rows:
        if (epoch := _epoch(row.tensor)) is not None and row.values is not None:
            first.setdefault(row.case, row.precision)
            found[row.case, row.precision][row.implementation][epoch] = _floats(row.values)
    questions = {case.case: case.question for case in record.cases}
    order = ["expected", *implementations(record)]
    return [
        Curves(case, precision, questions.get(case, ""), _joined(found[case, precision], order))
        for case, precision in first.items()
        if len(_joined(found[case, precision], order).get("expected", ())) > 1  # one step is no curve
    ]


def _joined(epochs: dict[str, dict[int, list[float]]], order: list[str]) -> dict[str, list[float]]:
    return {
        name: [loss for epoch in sorted(epochs[name]) for loss in epochs[name][epoch]]
        for name in order
        if name in epochs
    }


def _epoch(tensor: str) -> int | None:
    """3 for "trajectory.3.loss", None for another tensor."""
    parts = tensor.split(".")
    return int(parts[1]) if len(parts) == 3 and parts[::2] == ["trajectory", "loss"] and parts[1].isdecimal() else None


def _floats(values: Any) -> list[float]:
    """Nested lists of numbers, with "nan" and "inf" as strings, made flat."""
    if isinstance(values, list):
        return [number for value in values for number in _floats(value)]
    try:
        return [float(values)]
    except (TypeError, ValueError):
        return [math.nan]
