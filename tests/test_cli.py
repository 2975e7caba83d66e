"""The command line as its users meet it: what it prints, what it leaves, and how it exits."""

import os
import re
import shlex
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import typer

from backproof import console
from backproof.adapters import known
from backproof.cases import load
from backproof.reports.journal import read
from backproof.reports.record import DIFFERS

ROOT = Path(__file__).parent.parent
CASES = "basics/layers/linear"
BROKEN = """
import os, time
import numpy as np
from backproof import Adapter, Description
from backproof.adapters.reference import Reference

class Wrong(Reference):
    name = "Wrong"
    def gradients(self, problem):
        return {k: v * 2 if k.startswith("gradient") else v for k, v in super().gradients(problem).items()}

class Dies(Reference):
    name = "Dies"
    def gradients(self, problem):
        os._exit(7)

class Slow(Reference):
    name = "Slow"
    def gradients(self, problem):
        time.sleep(0.15)
        return super().gradients(problem)
"""


@pytest.fixture(scope="module", autouse=True)
def own_cache(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Records of these tests do not become anybody's last run."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("BACKPROOF_CACHE", str(tmp_path_factory.mktemp("cache")))
        patch.setenv("COLUMNS", "120")
        yield


@pytest.fixture
def mine(tmp_path: Path) -> Path:
    file = tmp_path / "mine.py"
    file.write_text(BROKEN)
    return file


def backproof(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "backproof", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)


# ---------------------------------------------------------------- run
def test_agreement(tmp_path: Path) -> None:
    done = backproof("run", CASES, "--with", "reference", "-o", tmp_path / "out")
    assert done.returncode == 0, done.stderr
    assert "0 outside" in done.stdout
    assert {f.name for f in (tmp_path / "out").iterdir()} == {
        "record.jsonl", "report.html", "summary.md", "tensors.csv", "junit.xml",
    }  # fmt: skip
    assert str(tmp_path / "out" / "report.html") in done.stdout


def test_shards_are_the_whole_and_do_not_overlap() -> None:
    cases = load("basics")
    shards = [{case.name for case in console.share(cases, f"{i}/3")} for i in (1, 2, 3)]
    assert sorted(name for shard in shards for name in shard) == sorted(case.name for case in cases)
    assert min(map(len, shards)) > len(cases) / 5


def test_disagreement_names_case_tensor_and_element(mine: Path) -> None:
    done = backproof("run", CASES, "--with", f"{mine}:Wrong", "--precision", "float64")
    assert done.returncode == 1, done.stderr
    assert CASES in done.stdout
    assert "gradient.linear.W" in done.stdout


def test_a_crash_costs_its_rows_and_no_others(mine: Path) -> None:
    done = backproof(
        "run", CASES, "seed/rate*", "--with", f"{mine}:Dies", "--with", "reference", "--precision", "float64"
    )
    assert done.returncode == 3, done.stdout
    assert "Dies" in done.stdout


@pytest.mark.parametrize(
    ("arguments", "code", "says"),
    [
        (("run", "-k", "nothing/like/this"), 4, "no case matches"),
        (("run", "--with", "tensorflow"), 2, "reference, pytorch, jax"),
        (("run", "--precision", "float8"), 2, "float64, float32"),
        (("run", "--format", "pdf", CASES, "--with", "reference"), 2, "html, markdown"),
        (("run", "no_such_file.toml"), 2, "no_such_file.toml"),
        (("show", "basics/losses"), 2, "name one of them"),
        (("report", "nowhere.jsonl"), 2, "nowhere.jsonl"),
        (("run", "--no-such-option"), 2, "No such option"),
        (("run", "--shard", "5/4"), 2, "I/N with I from 1 to N"),
        (("run", "seed/chain", "--shard", "1/1000"), 4, "no case falls into shard 1/1000"),
    ],
)
def test_what_cannot_be_done_is_said(arguments: tuple[str, ...], code: int, says: str) -> None:
    done = backproof(*arguments)
    assert done.returncode == code, done.stderr
    assert says in re.sub(r"\s+", " ", done.stderr)
    assert "Traceback" not in done.stderr


def test_a_bad_case_of_ones_own(tmp_path: Path) -> None:
    file = tmp_path / "bad.toml"
    file.write_text('question="?"\nbecause="b"\nupstream=[1.0]\n[inputs]\nx=[1.0]\n[[network]]\nop="relu"\nslope=2\n')
    done = backproof("run", file, "--with", "reference")
    assert done.returncode == 2
    assert "at_zero" in done.stdout + done.stderr


def test_fail_fast_stops_and_says_so(mine: Path, tmp_path: Path) -> None:
    out = tmp_path / "r.jsonl"
    done = backproof("run", "basics/layers", "--with", f"{mine}:Wrong", "-x", "-o", out)
    assert done.returncode == 1
    record = read(out)
    assert not record.footer.complete
    assert len({row.case for row in record.rows if row.verdict in DIFFERS}) == 1


def test_interrupted_and_resumed(mine: Path, tmp_path: Path) -> None:
    out = tmp_path / "r.jsonl"
    command = [sys.executable, "-m", "backproof", "run", "basics/layers", "--with", f"{mine}:Slow", "-o", str(out)]
    process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True, start_new_session=True)
    while not (out.exists() and b'"row"' in out.read_bytes()):
        time.sleep(0.1)
        assert process.poll() is None
    os.kill(process.pid, signal.SIGINT)
    _, errors = process.communicate(timeout=30)
    assert process.returncode == 130
    assert "--resume" in errors
    before = read(out)
    assert not before.footer.complete
    assert before.rows

    again = shlex.split(re.sub(r"\s+", " ", errors).partition("To continue: backproof ")[2])
    assert again[-2:] == ["--resume", str(out)]
    whole = tmp_path / "whole.jsonl"
    done = backproof(*again, "-o", whole)
    assert done.returncode == 0, done.stderr
    after = read(whole)
    assert after.footer.complete
    assert len(after.rows) > len(before.rows)
    kept = [row for row in before.rows if row in after.rows]
    assert kept, "what the first run finished is taken over, bit for bit"
    other = backproof("run", "basics/losses", "--with", f"{mine}:Slow", "--resume", out, "-o", out)
    assert other.returncode == 2
    assert "cannot be resumed" in other.stderr
    assert read(out).rows == before.rows, "a refusal costs nothing"
    elsewhere = backproof("run", "basics/losses", "--with", f"{mine}:Slow", "--resume", out)
    assert elsewhere.returncode == 2
    assert read(out).rows == before.rows, "and moves nothing"
    in_place = backproof(*again, "-o", out)
    assert in_place.returncode == 0, in_place.stderr
    assert read(out).footer.complete
    assert list(out.parent.glob("*.interrupted")) == []


def test_a_record_that_cannot_be_read_stays_where_it_is(mine: Path, tmp_path: Path) -> None:
    out = tmp_path / "r.jsonl"
    out.write_text("no record\n", encoding="utf-8")
    done = backproof("run", "basics/layers", "--with", f"{mine}:Slow", "--resume", out, "-o", out)
    assert done.returncode == 2
    assert out.read_text(encoding="utf-8") == "no record\n"


def test_interrupted_before_it_began_it_gives_no_advice_that_fails(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(typer.Exit) as ended, console.interrupted(tmp_path / "none.jsonl"):
        raise KeyboardInterrupt
    assert ended.value.exit_code == 130
    assert "Nothing had been recorded yet." in capsys.readouterr().err


def test_a_precision_that_no_case_has_is_named() -> None:
    done = backproof("run", "seed/chain", "--precision", "float16")
    assert done.returncode == 4
    assert "no case that matches is asked in float16, only in float64, float32" in done.stderr


# ---------------------------------------------------------------- the others
def test_list_filters_and_can_be_cut_short() -> None:
    assert backproof("list", "-k", "seed/*").stdout.split()[0].startswith("seed/")
    shell = subprocess.run(
        f"{sys.executable} -m backproof list | head -1", shell=True, capture_output=True, text=True, check=True
    )
    assert shell.stdout.strip()
    assert not shell.stderr


def test_show_has_values_tolerances_and_certificate() -> None:
    text = backproof("show", "seed/chain").stdout
    assert "-0.5600000000000002" in text
    assert "-bit balls" in text
    assert "tolerance" in text


def test_one_choice_of_ones_own_matrix_can_be_named(tmp_path: Path) -> None:
    file = tmp_path / "mine.toml"
    file.write_text(
        'question="?"\nbecause="b"\nupstream=[1.5, 2.5]\n[inputs]\nx=[1.0, 2.0]\n[[network]]\nop="relu"\n'
        '[matrix]\n"network.relu.at_zero"=[0.0, 1.0]\n'
    )
    several = backproof("show", file)
    assert several.returncode == 2
    named = several.stderr.split()[-1]
    assert named == f"{file}:at_zero=1.0"
    assert backproof("show", named).returncode == 0
    assert backproof("run", named, "--with", "reference").returncode == 0


def test_explain_has_formula_numbers_and_code() -> None:
    text = backproof("explain", "seed/chain", "--with", "reference").stdout
    for part in (
        "y = x W + b",
        "dW = xᵀ dy",
        "gradient.hidden.W",
        "def backward",
        "reference/layers/linear.py",
        "step 1",
    ):
        assert part in text, part


@pytest.mark.frameworks
def test_explain_shows_three_codes() -> None:
    text = backproof("explain", "seed/chain").stdout
    for part in ("trajectory.1.hidden.W", "F.linear", "adapters/jax_operations.py", "optax", "torch.optim.SGD"):
        assert part in text, part


@pytest.mark.parametrize("format", ["html", "markdown", "csv", "json", "junit"])
def test_report_renders_the_last_run(format: str, tmp_path: Path) -> None:
    assert backproof("run", CASES, "--with", "reference").returncode == 0
    assert "basics/layers" in backproof("report", "--format", format).stdout
    assert "0 outside" in backproof("report").stdout


def test_doctor_mends(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    done = backproof("doctor")
    assert done.returncode == 0
    assert "catalogue" in done.stdout
    monkeypatch.setenv("BACKPROOF_CACHE", "/proc/nowhere")
    done = backproof("doctor")
    assert done.returncode == 2
    assert "BACKPROOF_CACHE" in done.stdout


def test_a_missing_framework_is_one_clear_row(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "torch.py").write_text("raise ModuleNotFoundError(\"No module named 'torch'\", name='torch')")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    done = backproof("run", CASES, "--with", "pytorch", "--precision", "float64")
    assert done.returncode == 3, done.stdout
    assert "pip install" in re.sub(r"\s+", " ", done.stdout)


def test_known_difference_files_that_ship_are_whole() -> None:
    for name in ("pytorch", "jax"):
        for entry in known.shipped(name).entries.values():
            assert entry.reason
            assert entry.link.startswith("https://") or "import" in entry.reproduction
