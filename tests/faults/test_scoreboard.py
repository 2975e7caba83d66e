"""The scoreboard that the report shows is what comes out:  python -m pytest tests/faults -k scoreboard -s"""

import zlib

import pytest

from backproof.reports import scoreboard
from backproof.reports.faults.all_faults import BY_ID

from .bench import Bench
from .scoreboard import line

LINES = {line.id: line for line in scoreboard.lines()}
ONE_IN = 100  # faults whose line is worked out anew here; make scoreboard works all of them out
HEAD = f"{'operation':33} {'fault':40} {'column':11} {'cases':>6} {'allclose':>9} placed named unaided"


def test_scoreboard() -> None:
    print("", HEAD, sep="\n")
    for one in LINES.values():
        said = {True: "yes", False: "no", None: ""}
        marks = " ".join(f"{said[mark]:>6}" for mark in (one.placed, one.named, one.unaided))
        print(f"{one.operation:33} {one.id:40} {one.column:11} {one.caught:6} {one.allclose or 'blind':>9} {marks}")
    print(scoreboard.sentence(tuple(LINES.values())))
    whole = scoreboard.share(list(LINES.values()))
    assert whole.caught == whole.in_column == whole.faults
    assert whole.named >= 0.9 * whole.faults
    assert whole.placed >= 0.9 * whole.faults
    assert whole.allclose < whole.caught


def test_scoreboard_has_every_fault() -> None:
    assert list(LINES) == list(BY_ID), "make scoreboard writes it anew"


@pytest.mark.parametrize("id", [id for id in BY_ID if zlib.crc32(id.encode()) % ONE_IN == 0])
def test_scoreboard_says_what_comes_out(id: str, bench: Bench) -> None:
    assert line(BY_ID[id], bench) == LINES[id]
