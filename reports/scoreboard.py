"""The scoreboard of faults: which mistakes the oracle notices, where it puts them, and whether it names them.

The numbers come from `make scoreboard`, which asks every fault of `reports/faults` the whole catalogue and keeps what
became of it in scoreboard.json; tests/faults/scoreboard.py says what each word means.
"""

import json
from collections import defaultdict
from functools import cache
from pathlib import Path
from typing import NamedTuple


class Line(NamedTuple):
    """What became of one fault."""

    id: str
    operation: str
    says: str
    column: str
    caught: int  # cases in which it differs
    in_column: bool
    allclose: int  # cases in which numpy.allclose would have noticed
    placed: bool
    named: bool
    by: str  # the kind of hypothesis that named it
    unaided: bool | None  # named even by a diagnosis that does not know this mistake; None: not tried


class Share(NamedTuple):
    """Some faults together: how many there are, and of how many each thing holds."""

    faults: int
    caught: int
    in_column: int
    allclose: int
    placed: int
    named: int
    tried: int  # without knowing the mistake
    unaided: int  # and named all the same
    missed: list[Line]  # not caught, placed or named


@cache
def lines() -> tuple[Line, ...]:
    """Every fault's."""
    found = json.loads(Path(__file__).with_name("scoreboard.json").read_text(encoding="utf-8"))
    return tuple(Line(**one) for one in found)


def share(found: list[Line]) -> Share:
    """These together."""
    return Share(
        len(found),
        sum(line.caught > 0 for line in found),
        sum(line.in_column for line in found),
        sum(line.allclose > 0 for line in found),
        sum(line.placed for line in found),
        sum(line.named for line in found),
        sum(line.unaided is not None for line in found),
        sum(line.unaided is True for line in found),
        [line for line in found if not (line.in_column and line.placed and line.named)],
    )


def by_operation() -> dict[str, Share]:
    """operation -> what became of its faults."""
    found: dict[str, list[Line]] = defaultdict(list)
    for line in lines():
        found[line.operation].append(line)
    return {operation: share(found[operation]) for operation in sorted(found)}


def sentence(found: tuple[Line, ...]) -> str:
    """All of them, in a sentence."""
    whole = share(list(found))
    return (
        f"Of {whole.faults:,} deliberate faults {whole.caught:,} are caught, {whole.in_column:,} in their own column; "
        f"{whole.placed:,} are placed in their operation, and {whole.named:,} are named by the first hypothesis. A "
        f"diagnosis that has never heard of the mistake names {whole.unaided:,} of the {whole.tried:,} on which it was "
        f"tried. numpy.allclose would have noticed {whole.allclose:,}."
    )
