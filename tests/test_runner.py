"""Many questions at once: all are answered, processes are few, and none stays behind."""

import os
import signal
import subprocess
import sys
import textwrap
import time
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

import pytest

from backproof import cases
from backproof.adapters import known, pool, runner
from backproof.adapters.base import Broke, Description, Traced
from backproof.adapters.runner import Implementation, implementation
from backproof.adapters.session import ProcessSession
from backproof.cases import Problem

BROKEN = Path(__file__).with_name("broken")
CASE = """
question = "?"
because = "a test"
upstream = { normal = [4, 5] }
[inputs]
x = { normal = [4, 3] }
[[network]]
op = "linear"
W = { normal = [3, 5] }
[optimizer]
op = "sgd"
lr = 0.1
"""


def problem(folder: Path, name: str) -> Problem:
    (folder / f"{name}.toml").write_text(CASE)
    (case,) = cases.load(folder / f"{name}.toml")
    return case.problem("float64")


def broken(name: str) -> Implementation:
    return implementation(f"{name}={BROKEN / name}.py:Broken")


def children() -> list[str]:
    """The command lines of this process's children that still run."""
    lines = subprocess.check_output(["ps", "-A", "-o", "ppid=,stat=,command="], text=True).splitlines()
    mine = [line.split(maxsplit=2) for line in lines]
    return [c for parent, state, c in mine
            if int(parent) == os.getpid() and state[0] != "Z" and "adapters.worker" in c]  # fmt: skip


@pytest.mark.parametrize("jobs", [1, 2, 5])
def test_every_question_is_answered_once(tmp_path: Path, jobs: int) -> None:
    batches = [[problem(tmp_path, f"p{i}{j}") for j in range(3)] for i in range(4)]
    who = [implementation("reference"), broken("prints"), broken("raises")]
    asked = [
        (by.name, a.case, a.check)
        for by, answers in runner.run(who, batches, jobs=jobs)
        for a in answers
        if isinstance(a.answer, Traced)
    ]
    assert sorted(asked) == sorted(
        (by.name, p.case, check) for by in who for batch in batches for p in batch for check in ("gradients", "updates")
    )
    assert not children()


def test_one_process_each_where_there_are_as_many_implementations_as_jobs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    started: list[str] = []

    def counted(command: tuple[str, ...], name: str) -> ProcessSession:
        started.append(name)
        return ProcessSession(command, name)

    monkeypatch.setattr(pool, "ProcessSession", counted)
    who = [implementation("reference"), broken("prints")]
    described = runner.describe(who)
    assert all(isinstance(one, Description) for one in described)
    list(runner.run(who, [[problem(tmp_path, f"p{i}")] for i in range(8)], jobs=2))
    assert sorted(started) == ["prints", "reference"]


def test_a_crash_costs_a_question_and_not_the_run(tmp_path: Path) -> None:
    batch = [problem(tmp_path, name) for name in ("before", "trigger", "after")]
    ((_, answers),) = runner.run([broken("crash")], [batch], jobs=1)
    kinds = {(a.case, a.check): type(a.answer) for a in answers}
    assert kinds.pop(("trigger", "gradients")) is Broke
    assert set(kinds.values()) == {Traced}


def test_closed_early_it_leaves_nothing(tmp_path: Path) -> None:
    batches = [[problem(tmp_path, "fine")], [problem(tmp_path, "trigger")]]
    results = runner.run([implementation("reference"), broken("hang")], batches, jobs=2, timeout=600)
    next(results)
    start = time.monotonic()
    results.close()
    assert time.monotonic() - start < 10
    assert not children()


def test_a_batch_that_begins_after_the_close_starts_no_process(tmp_path: Path) -> None:
    pool.close("over")
    answers = runner.ask_batch(broken("hang"), [problem(tmp_path, "trigger")], timeout=600, owner="over")
    assert [a.answer for a in answers] == [Broke("error", "hang: the session is closed")] * 2
    assert not children()


def test_the_work_goes_on_while_an_answer_is_being_judged(tmp_path: Path) -> None:
    results = runner.run([implementation("reference")], [[problem(tmp_path, f"p{i}")] for i in range(4)], jobs=1)
    next(results)
    time.sleep(1.0)
    start = time.monotonic()
    assert len(list(results)) == 3
    assert time.monotonic() - start < 0.5  # all that is left is to end the process


def test_ctrl_c_ends_it_and_its_processes(tmp_path: Path) -> None:
    problem(tmp_path, "trigger")
    script = tmp_path / "script.py"
    script.write_text(
        textwrap.dedent(f"""
        from backproof import cases
        from backproof.adapters import runner
        (case,) = cases.load({str(tmp_path / "trigger.toml")!r})
        who = [runner.implementation({f"{BROKEN / 'hang'}.py:Broken"!r})]
        list(runner.run(who, [[case.problem("float64")]], timeout=600))
        """)
    )
    told = tmp_path / "pid"
    process = subprocess.Popen(
        [sys.executable, str(script)],
        stderr=subprocess.PIPE,
        env={**os.environ, "TELL_PID": str(told)},
    )
    deadline = time.monotonic() + 30
    while not (told.exists() and told.read_text()) and time.monotonic() < deadline:
        time.sleep(0.05)
    pid = told.read_text()
    process.send_signal(signal.SIGINT)
    _, stderr = process.communicate(timeout=10)
    assert b"KeyboardInterrupt" in stderr
    state = subprocess.run(["ps", "-o", "stat=", "-p", pid], capture_output=True, text=True).stdout
    assert state.strip()[:1] in ("", "Z")


def test_it_runs_in_another_executor(tmp_path: Path) -> None:
    batches = [[problem(tmp_path, f"p{i}")] for i in range(2)]
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as executor:
        results = list(runner.run([implementation("reference")], batches, executor=executor, jobs=2))
    assert [a.case for _, answers in results for a in answers if a.check == "updates"] == ["p0", "p1"]
    assert all(isinstance(a.answer, Traced) for _, answers in results for a in answers)


# ---------------------------------------------------------------- names
def test_the_names_of_implementations() -> None:
    assert implementation("torch") == implementation("pytorch")
    assert implementation("mine=./check --fast") == Implementation("mine", ("./check", "--fast"))
    assert implementation("my.module:Thing").name == "Thing"
    assert implementation("some/where.py:Thing").command[-1] == "some/where.py:Thing"
    assert implementation("mine=jax") == Implementation("mine", implementation("jax").command)
    with pytest.raises(ValueError, match="There are: reference, pytorch, jax"):
        implementation("tensorflow")


# ---------------------------------------------------------------- known differences
def test_known_differences_match_and_report_what_they_did_not(tmp_path: Path) -> None:
    path = tmp_path / "mine.known.toml"
    entry = '[[known]]\ncase = "{}"\ntensor = "gradient.*"\nprecision = "{}"\nreason = "r"\nlink = "l"\n'
    path.write_text(entry.format("a/*", "*") + entry.format("b", "float32"))
    differences = known.read(path)
    found = differences.match("a/x", "float64", "gradient.x")
    assert found is not None
    assert found.reason == "r"
    assert differences.match("a/x", "float64", "loss") is None
    assert differences.match("b", "float64", "gradient.x") is None
    assert differences.unmet([("b", "float32")]) == {"mine.known.toml#2": True}, "asked, and it did not show"
    assert differences.unmet([("b", "float64")], [("b", "float32")]) == {}, "it may show where nobody asked"
    assert differences.unmet([("b", "float64")]) == {"mine.known.toml#2": False}, "there is no such case"


def test_an_entry_without_a_reason_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "mine.known.toml"
    path.write_text('[[known]]\ncase = "a"\ntensor = "b"\nlink = "l"\n')
    with pytest.raises(ValueError, match="reason"):
        known.read(path)


def test_an_implementation_from_elsewhere_has_none() -> None:
    assert not known.shipped("mine").entries
