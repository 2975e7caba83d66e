"""Random cases: the same ones each time, of all kinds, and a fault among what they ask is found and shrunk."""

import dataclasses
import json
import textwrap
from pathlib import Path

import numpy as np
import pytest

from backproof.adapters.runner import implementation
from backproof.cases import load, solve
from backproof.drawing import MOST, draw
from backproof.fitting import arrays_of
from backproof.fuzz import Finding, Found, Fuzz, fuzz, lines
from backproof.reference import operations
from backproof.reports.journal import read
from backproof.reports.record import Row
from backproof.run import Outcome
from backproof.writing import toml, write

DRAWN = [draw(7, number) for number in range(60)]


def test_a_case_depends_on_seed_and_number_alone() -> None:
    assert toml(draw(7, 41).case) == toml(DRAWN[41].case)
    assert len({toml(drawn.case).split("because")[1] for drawn in DRAWN}) == len(DRAWN)
    assert toml(draw(8, 41).case) != toml(DRAWN[41].case)


def test_every_case_can_be_computed_and_is_small() -> None:
    for case, _ in DRAWN:
        problem = case.problem("float64")
        assert sum(array.size for array in arrays_of(problem)) <= MOST, case.file.because
        for check in problem.checks:
            with np.errstate(all="ignore"):
                trace = solve(problem, check)
            assert all(np.isfinite(value).all() for value in trace.values()), case.file.because


def test_what_is_written_is_the_case_that_was_drawn(tmp_path: Path) -> None:
    for case, _ in DRAWN[:20]:
        (again,) = load(write(case, tmp_path))
        assert (again.name, again.hash) == (case.name, case.hash)


def test_cases_are_of_all_kinds() -> None:
    used = {name for drawn in DRAWN for name in drawn.case.operations}
    kinds = {operations.kind(name, *operations.KINDS) for name in used}
    assert kinds >= {"layers", "activations", "losses", "optimizers", "schedules"}
    files = [drawn.case.file for drawn in DRAWN]
    assert {precision for file in files for precision in file.precisions} >= {"float64", "float32", "bfloat16"}
    assert max(len(file.network) for file in files) >= 5
    assert any(file.training for file in files)
    assert any("uses" in layer for file in files for layer in file.network)
    assert not any(file.optimizer and file.optimizer.get("defaults") for file in files)
    assert {reason.rpartition(": ")[2] for drawn in DRAWN for reason in drawn.rejected} >= {"does not fit", "too large"}


# ---------------------------------------------------------------- what comes of asking
WRONG = """
    from unittest import mock
    from backproof.adapters.reference import Reference
    from backproof.reference.layers import linear

    right = linear.backward_parameters

    def wrong(saved, dy):
        dp = right(saved, dy)
        return dp if dp.b is None else dp._replace(b=2 * dp.b)

    class Wrong(Reference):
        def gradients(self, problem):
            with mock.patch.object(linear, "backward_parameters", wrong):
                return super().gradients(problem)
"""
BREAKS = """
    from backproof.adapters.reference import Reference

    class Breaks(Reference):
        def gradients(self, problem):
            raise RuntimeError("no such kernel")
"""


@pytest.fixture
def wrong(tmp_path: Path) -> str:
    path = tmp_path / "wrong.py"
    path.write_text(textwrap.dedent(WRONG), encoding="utf-8")
    return f"{path}:Wrong"


def plan(folder: Path, *names: str, count: int = 10) -> Fuzz:
    return Fuzz([implementation(name) for name in names], folder, seed=3, count=count, shrinking=600.0, jobs=1)


def test_the_reference_agrees_with_itself(tmp_path: Path) -> None:
    found = fuzz(plan(tmp_path, "reference", count=8))
    assert (found.outcome, found.findings, found.late) == (Outcome.AGREEMENT, [], False)
    assert found.drawn == 8
    assert 0 < found.judged <= 8
    record = read(tmp_path / "records" / "3-0.jsonl")
    assert len(record.cases) == 8
    assert sum(found.verdicts["reference"].values()) == len(record.rows)
    *_, counts, summary = lines(found)
    assert counts.startswith("reference: ")
    assert summary.startswith(f"8 cases drawn, {found.judged} judged")


def test_a_fault_is_found_shrunk_and_written(tmp_path: Path, wrong: str) -> None:
    found = fuzz(plan(tmp_path, wrong))
    assert found.outcome is Outcome.DISAGREEMENT
    first, *rest = found.findings
    assert first.operations == ("linear",)
    assert (first.known, first.like) == ("", "")
    assert first.path == tmp_path / "Wrong" / f"{first.case}.toml"
    (case,) = load(first.path)
    assert case.file.because.startswith(f"Wrong in {first.row.precision}: outside at [0]: expected ")
    assert sum(array.size for array in arrays_of(case.problem("float64"))) == 4  # x, W, b and what comes from above
    assert rest
    assert all(it.like == first.case for it in rest if it.row.precision == first.row.precision)


def test_it_goes_on_where_it_stopped(tmp_path: Path, wrong: str) -> None:
    asked = plan(tmp_path, wrong)
    once = fuzz(asked)
    record = tmp_path / "records" / "3-0.jsonl"
    written = {path: path.read_bytes() for path in tmp_path.rglob("*.toml")}
    again = fuzz(asked)
    assert again == once
    assert {path: path.read_bytes() for path in tmp_path.rglob("*.toml")} == written

    kept = record.read_bytes().splitlines(keepends=True)
    record.write_bytes(b"".join(kept[: len(kept) // 2]))  # as a killed run leaves it
    rows = [line for line in kept if json.loads(line)["kind"] == "row"]
    assert fuzz(asked) == once
    new = [line for line in record.read_bytes().splitlines(keepends=True) if json.loads(line)["kind"] == "row"]
    assert sorted(new) == sorted(rows)
    assert list(record.parent.iterdir()) == [record]


def test_time_ends_it(tmp_path: Path) -> None:
    found = fuzz(dataclasses.replace(plan(tmp_path, "reference"), seconds=-1.0))
    assert (found.drawn, found.late, found.outcome) == (0, True, Outcome.NOTHING_COMPARED)


def test_an_implementation_that_breaks_is_a_finding(tmp_path: Path) -> None:
    path = tmp_path / "breaks.py"
    path.write_text(textwrap.dedent(BREAKS), encoding="utf-8")
    found = fuzz(plan(tmp_path, f"{path}:Breaks", count=4))
    assert found.outcome is Outcome.BROKE
    assert {finding.row.verdict for finding in found.findings} == {"error"}
    assert load(found.findings[0].path)[0].file.because.endswith("error: RuntimeError: no such kernel")


def test_what_is_known_does_not_count(tmp_path: Path) -> None:
    row = Row("0-1", "float64", "it", "loss", "loss", "outside")
    known = Finding("0-1", tmp_path, row, ("tanh",), known="digits are lost")
    found = Found(findings=[known])
    found.verdicts["it"]["within"] = 3
    assert found.outcome is Outcome.AGREEMENT
    assert "known: digits are lost" in next(lines(found))
    found.findings.append(dataclasses.replace(known, known=""))
    assert found.outcome is Outcome.DISAGREEMENT
