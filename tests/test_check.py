"""backproof check: one program of somebody's own, from the command line."""

import subprocess
import sys
from pathlib import Path

import pytest

from backproof.cases import load
from backproof.reports.journal import read

CASES = "basics/activations/tanh:*"
WRONG = """
from backproof.adapters.base import Description
from backproof.adapters.reference import Reference


class Mine(Reference):
    name = "mine"

    def describe(self):
        return Description(self.name, "1", ["float64"], operations=["linear", "tanh"])

    def gradients(self, problem):
        trace = super().gradients(problem)
        y, dy = trace["output.tanh"], trace["gradient.tanh"]
        below = next(layer.inputs[0] for layer in problem.network if layer.op == "tanh")
        if below == "below":
            trace["gradient.below"] = dy * y * (1 - y)
        return trace
"""
EXPECTED = '[[known]]\ncase = "{}"\ntensor = "{}"\nreason = "so it is"\n'


def backproof(*arguments: object) -> subprocess.CompletedProcess[str]:
    words = [sys.executable, "-m", "backproof", *map(str, arguments)]
    return subprocess.run(words, capture_output=True, text=True, check=False)


@pytest.fixture(scope="module")
def mine(tmp_path_factory: pytest.TempPathFactory) -> list[object]:
    """The command of a program with one wrong line."""
    path = tmp_path_factory.mktemp("mine") / "mine.py"
    path.write_text(WRONG)
    return [sys.executable, "-m", "backproof.adapters.worker", f"{path}:Mine"]


def test_the_mistake_is_named_with_the_smallest_case_that_shows_it(mine: list[object], tmp_path: Path) -> None:
    done = backproof("check", CASES, "-o", tmp_path, "--name", "mine", "--", *mine)
    assert done.returncode == 1, done.stderr
    assert "What went wrong" in done.stdout
    assert "right: 1 − y²; yours: y (1 − y)" in done.stdout
    record = read(tmp_path / "record.jsonl")
    (found,) = record.diagnoses
    assert found.tensor == "gradient.below"
    small = tmp_path / "smallest" / "mine" / "tanh.toml"
    assert str(small) in found.command
    assert "-- " in found.command
    problem = load(small)[0].problem("float64")
    whole = load(found.case)[0].problem("float64")
    elements = [sum(x.size for x in (*p.inputs.values(), *p.parameters.values())) for p in (problem, whole)]
    assert elements[0] < elements[1] / 3
    again = backproof("check", small, "--", *mine)
    assert again.returncode == 1
    assert "gradient.below" in again.stdout


def test_what_it_has_not_is_counted_and_never_passed(mine: list[object], tmp_path: Path) -> None:
    done = backproof("check", "basics/activations/relu:*", "-o", tmp_path, "--name", "mine", "--", *mine)
    assert done.returncode == 4, "nothing was compared"
    assert {row.verdict for row in read(tmp_path / "record.jsonl").rows} == {"unsupported"}
    assert "mine has no relu" in {row.reason for row in read(tmp_path / "record.jsonl").rows}


def test_expected_differences_are_known_and_shown(mine: list[object], tmp_path: Path) -> None:
    expect = tmp_path / "mine.toml"
    expect.write_text(EXPECTED.format(CASES, "gradient.*"))
    done = backproof("check", CASES, "--expect", expect, "--strict", "--precision", "float64", "--", *mine)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "known difference" in done.stdout
    assert "What went wrong" not in done.stdout


@pytest.mark.parametrize(
    ("case", "tensor", "why"),
    [(CASES, "output.*", "it agrees now"), ("no/such/case", "*", "there is no such case")],
)
def test_an_expected_difference_that_does_not_show_is_reported_and_fails_if_strict(
    mine: list[object], tmp_path: Path, case: str, tensor: str, why: str
) -> None:
    expect = tmp_path / "mine.toml"
    expect.write_text(EXPECTED.format(CASES, "gradient.*") + EXPECTED.format(case, tensor))
    words = ("check", CASES, "--expect", expect)
    loose, strict = backproof(*words, "--", *mine), backproof(*words, "--strict", "--", *mine)
    assert (loose.returncode, strict.returncode) == (0, 1)
    assert why in loose.stdout


def test_a_reason_is_due(mine: list[object], tmp_path: Path) -> None:
    expect = tmp_path / "mine.toml"
    expect.write_text(EXPECTED.format("*", "*").replace("so it is", ""))
    done = backproof("check", CASES, "--expect", expect, "--", *mine)
    assert done.returncode == 2
    assert "give a reason" in done.stderr


def test_validate_says_what_is_not_valid(tmp_path: Path) -> None:
    program = tmp_path / "liar.py"
    program.write_text(
        "import json, sys\n"
        "for line in sys.stdin:\n"
        "    asked = json.loads(line)\n"
        "    if asked['kind'] == 'describe':\n"
        "        print(json.dumps(dict(kind='description', id=asked['id'], protocol=1, name='liar', version='1')))\n"
        "    elif asked['kind'] == 'run':\n"
        "        print(json.dumps(dict(kind='unsupported', id=asked['id'], reason='no', colour='red')))\n"
        "    sys.stdout.flush()\n"
    )
    words = ("check", "seed/chain", "--precision", "float64")
    assert backproof(*words, "--", sys.executable, program).returncode == 4, "unknown fields are for later versions"
    done = backproof(*words, "--validate", "--", sys.executable, program)
    assert done.returncode == 3
    assert "colour" in done.stdout


@pytest.mark.parametrize("words", [("check", "seed/chain"), ("check", "--with", "reference", "--", "true")])
def test_one_program_is_to_be_named(words: tuple[str, ...]) -> None:
    done = backproof(*words)
    assert done.returncode == 2
    assert "-- CMD ARGS..." in done.stderr
