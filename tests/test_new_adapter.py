"""`backproof new-adapter`: what it writes runs as it is, is right in what it does, and refuses the rest."""

import shlex
import shutil
import subprocess
from pathlib import Path

import pytest

from backproof.adapters import protocol, runner
from backproof.adapters.base import Asked, Description, Refused, Traced
from backproof.adapters.known import NONE
from backproof.adapters.protocol import Describe, Described, Run, Stop
from backproof.adapters.runner import implementation
from backproof.cases import load
from backproof.new_adapter import SKELETONS, new_adapter
from backproof.reports import cache, judge
from backproof.reports.journal import read
from backproof.reports.record import BROKE, DIFFERS
from backproof.run import Plan, run

NEEDS = {"python": "python3", "javascript": "node", "c": "cc", "rust": "cargo"}
CASES = ["basics/losses/mean_squared_error:*", "basics/layers/linear*", "basics/activations/tanh:*"]


@pytest.mark.parametrize("language", NEEDS)
def test_a_skeleton_runs_as_it_is(language: str, tmp_path: Path) -> None:
    if shutil.which(NEEDS[language]) is None:
        pytest.skip(f"{NEEDS[language]} is not installed")
    written = new_adapter(language, tmp_path / SKELETONS[language].path)
    if written.build:
        subprocess.run(shlex.split(written.build), check=True, capture_output=True)
    _, found, command = written.check.partition("--with ")
    one = implementation(command if found else "mine=" + written.check.partition(" -- ")[2])
    (described,) = runner.describe([one])
    assert isinstance(described, Description), described
    assert set(described.operations) == {"linear", "mean_squared_error"}
    path = tmp_path / "record.jsonl"
    run(Plan(load(CASES), [one], ["float64"], known={one.name: NONE}, diagnose=False), path)
    rows = read(path).rows
    assert not [row for row in rows if row.verdict in (*DIFFERS, *BROKE)]
    agree = {row.tensor for row in rows if row.verdict in ("exact", "within")}
    assert agree >= {"loss", "output.prediction", "gradient.prediction.W", "gradient.prediction.b", "gradient.x"}
    assert {row.reason for row in rows if "tanh" in row.case} == {f"{described.name} has no tanh"}


@pytest.mark.parametrize("language", SKELETONS)
def test_the_commands_stand_in_the_file(language: str, tmp_path: Path) -> None:
    written = new_adapter(language, tmp_path / "here" / SKELETONS[language].path)
    text = "".join(file.read_text(encoding="utf-8") for file in written.files)
    assert "@" not in text.replace("x @ W", "").replace("dy @ W", "").replace("rows.T @ d", "")
    for command in (written.build, written.smoke, written.check):
        assert command in text


def test_nothing_is_overwritten(tmp_path: Path) -> None:
    mine = tmp_path / "adapter.py"
    mine.write_text("mine")
    (tmp_path / "adapter").mkdir()
    for language, path in (("python", mine), ("rust", tmp_path / "adapter")):
        with pytest.raises(ValueError, match="is there already, and nothing was written; name another place"):
            new_adapter(language, path)
    assert mine.read_text() == "mine"
    assert not list((tmp_path / "adapter").iterdir())


def test_a_language_without_a_skeleton_is_told_of_the_transcript(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"no skeleton in 'cobol'.* python, javascript, c, rust, any"):
        new_adapter("cobol", tmp_path / "adapter")
    assert not list(tmp_path.iterdir())


def test_a_file_has_the_ending_of_its_language(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"for c, name a file that ends in \.c"):  # or the program would replace it
        new_adapter("c", tmp_path / "adapter")
    assert not list(tmp_path.iterdir())


def test_without_a_path_it_is_the_working_directory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    written = new_adapter("c")
    assert (written.files, written.build) == ([Path("adapter.c")], "cc -O2 -o ./adapter adapter.c")
    assert written.check == "backproof check -- ./adapter"
    assert new_adapter("c", Path("a b.c")).smoke == "backproof smoke -- './a b'"


def test_the_transcript_is_a_real_exchange(tmp_path: Path) -> None:
    written = new_adapter("any", tmp_path / "transcript.txt")
    lines = [line for line in written.files[0].read_text(encoding="utf-8").splitlines() if line[:2] in ("->", "<-")]
    *pairs, last = zip(lines[::2], lines[1::2], strict=False), lines[-1]
    judged = []
    for sent, received in pairs[0]:
        assert (sent[:3], received[:3]) == ("-> ", "<- ")
        request = protocol.decode_request(sent[3:].encode())
        assert isinstance(request, Describe | Run)
        reply = protocol.decode_reply(received[3:].encode(), request)
        if isinstance(request, Describe):
            assert isinstance(reply, Described)
            continue
        assert not isinstance(reply, Described)
        case, answer = load([request.problem.case])[0], protocol.answer_of(reply)
        ours = protocol.encode(Run(request.id, request.check, case.problem(request.problem.precision)))
        assert protocol.encode(request) == ours, "the catalogue's case has changed since"
        expected = cache.expectation(case, request.problem.precision)
        asked = Asked(case.name, request.problem.precision, request.check, answer)
        verdicts = {row.verdict for row in judge.judge("mine", asked, expected)}
        assert verdicts <= {"exact", "within"} if isinstance(answer, Traced) else isinstance(answer, Refused)
        judged.append(request.check)
    assert judged == ["gradients", "updates", "training"]
    assert isinstance(protocol.decode_request(last[3:].encode()), Stop)
