"""[matrix], as in CI files: one case for each combination of the choices."""

import copy
import itertools
import json
import math
import re
from collections.abc import Iterator
from typing import Any

from .format import CaseError

MOST = 1000  # combinations of one file; more is a slip
SUFFIX = re.compile(r"[A-Za-z0-9_.,=+-]*")  # names are arguments on a command line


def expand(raw: dict[str, Any], matrix: dict[str, Any], stem: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """Each combination of the matrix: its suffix, and the file with the combination written into it."""
    axes = [_axis(key, choices, stem) for key, choices in matrix.items()]
    if math.prod(len(axis) for axis in axes) > MOST:
        raise CaseError(f"{stem}: [matrix] has more than {MOST} combinations")
    labels = _short(list(matrix))
    for combination in itertools.product(*axes):
        expanded = copy.deepcopy(raw)
        for key, (_, value) in zip(matrix, combination, strict=True):
            _put(expanded, key, value, stem)
        suffix = ",".join(f"{k}={label}" for k, (label, _) in zip(labels, combination, strict=True))
        if not SUFFIX.fullmatch(suffix):
            raise CaseError(f"{stem}: [matrix] would name a case {suffix!r}; give its choices short names of letters, "
                            "digits, _ and -, in a table from name to value")  # fmt: skip
        yield suffix, expanded


def _axis(key: str, choices: Any, stem: str) -> list[tuple[str, Any]]:
    if isinstance(choices, dict) and choices:
        return list(choices.items())
    if isinstance(choices, list) and choices and all(isinstance(c, str | int | float) for c in choices):
        return [(c if isinstance(c, str) else json.dumps(c), c) for c in choices]
    raise CaseError(f"{stem}: [matrix] {key} needs a list of plain values, or a table from label to value")


def _short(keys: list[str]) -> list[str]:
    """The last part of each dotted key, or the whole where two would be alike."""
    last = [key.rpartition(".")[2] for key in keys]
    return [short if last.count(short) == 1 else key for short, key in zip(last, keys, strict=True)]


def _put(table: Any, key: str, value: Any, stem: str) -> None:
    """Write value at a dotted key; a layer is reached by its name ("network.hidden.op")."""
    *path, last = key.split(".")
    for part in path:
        if isinstance(table, list):
            layers = [entry for entry in table if isinstance(entry, dict)]
            table = next((entry for entry in layers if entry.get("name", entry.get("op")) == part), None)
            if table is None:
                raise CaseError(f"{stem}: [matrix] {key}: there is no layer named {part!r}")
        elif isinstance(table, dict):
            table = table.setdefault(part, {})
    if not isinstance(table, dict):
        raise CaseError(f"{stem}: [matrix] {key}: what stands before {last!r} is no table")
    table[last] = copy.deepcopy(value)
