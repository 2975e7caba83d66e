"""[matrix], as in CI files: one case for each combination of the choices."""

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
        expanded = raw
        for key, (_, value) in zip(matrix, combination, strict=True):
            expanded = _put(expanded, key.split("."), value, f"{stem}: [matrix] {key}")
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


def _put(table: Any, path: list[str], value: Any, where: str) -> Any:
    """A copy of the table with the value at the path; a layer is reached by its name ("network.hidden.op").

    Only what stands on the path is copied; the rest is shared, and nobody writes to it.
    """
    if not path:
        return value
    if isinstance(table, list):
        names = [entry.get("name", entry.get("op")) if isinstance(entry, dict) else None for entry in table]
        if path[0] not in names:
            raise CaseError(f"{where}: there is no layer named {path[0]!r}")
        at = names.index(path[0])
        return [*table[:at], _put(table[at], path[1:], value, where), *table[at + 1 :]]
    if not isinstance(table, dict):
        raise CaseError(f"{where}: what stands before {path[0]!r} is no table")
    return {**table, path[0]: _put(table.get(path[0], {}), path[1:], value, where)}
