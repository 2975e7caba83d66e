"""A good case as a table, and what one change makes of it."""

import copy
import tomllib
from pathlib import Path
from typing import Any

import numpy as np

from backproof.cases import Case, solve
from backproof.cases.load import from_table

GOOD = """
question = "Is it?"
because = "a mistake of some kind"
[inputs]
x = { normal = [5, 4] }
target = { integers = [5], below = 3 }
[[network]]
op = "linear"
name = "hidden"
W = { normal = [4, 6] }
b = { normal = [6] }
[[network]]
op = "tanh"
[[network]]
op = "linear"
name = "logits"
W = { normal = [6, 3] }
[loss]
op = "cross_entropy"
[optimizer]
op = "sgd"
lr = [0.1, 0.1, 0.01]
[training]
epochs = 2
lr = 0.1
"""
TABLE: dict[str, Any] = tomllib.loads(GOOD)


def made(raw: dict[str, Any], folder: Path = Path()) -> Case:
    (case,) = from_table(raw, folder / "case.toml", "my/case")
    return case


def computed(raw: dict[str, Any], folder: Path = Path()) -> None:
    """Everything that can go wrong does so by here."""
    for case in from_table(raw, folder / "case.toml", "my/case"):
        assert len(case.hash) == 64
        for precision in case.file.precisions:
            problem = case.problem(precision)
            for check in problem.checks:
                with np.errstate(all="ignore"):
                    assert solve(problem, check, lambda x: x.astype(np.float64))


def changed(key: str, value: Any) -> dict[str, Any]:
    """The good case with one thing put at a dotted key; ... takes it out."""
    table: Any = copy.deepcopy(TABLE)
    *path, last = (int(part) if part.isdigit() else part for part in key.split("."))
    inner = table
    for part in path:
        inner = inner[part] if isinstance(part, int) else inner.setdefault(part, {})
    if value is ...:
        del inner[last]
    else:
        inner[last] = value
    return dict(table)
