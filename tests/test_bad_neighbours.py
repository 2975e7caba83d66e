"""Whatever an implementation does on one question, every other result is kept, and the run ends with a whole record."""

import io
import sys
import time
import tracemalloc
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest
from rich.console import Console

from backproof import cases, terminal
from backproof.adapters import protocol
from backproof.adapters.base import Broke, Refused, Traced
from backproof.adapters.implementation import Implementation, implementation
from backproof.adapters.reference import Reference
from backproof.adapters.session import LocalSession, ProcessSession
from backproof.cases import Problem
from backproof.reports.journal import read
from backproof.reports.record import Record
from backproof.reports.render import FORMATS, render
from backproof.run import Plan, run

NEIGHBOUR = Path(__file__).parent / "broken" / "neighbour.py"
CASE = """
question = "Does a bad neighbour spoil the others' answers?"
because = "one process answers them all"
precisions = ["float64"]
upstream = { normal = [2, 3] }
[inputs]
x = { normal = [2, 3] }
[[network]]
op = "relu"
name = "relu"
"""
GOOD = {"exact"}

# way -> verdicts of the case "trigger", and words of the reason, as a reader is by default; None: as with validate
LENIENT: dict[str, tuple[set[str], str]] = {
    "honest": (GOOD, ""),
    "garbage_before": ({"error"}, "not JSON: 'loading the model'"),
    "later_id": ({"error"}, "answered question"),
    "other_case": ({"outside"}, ""),
    "endless_line": ({"error"}, "the answer is longer than 1 MiB"),
    "drips": ({"timeout"}, "no answer within 2 s"),
    "floods_stderr": (GOOD, ""),
    "hangs": ({"timeout"}, "no answer within 2 s"),
    "dies": ({"error"}, "the process ended: exit status 3"),
    "dies_in_a_line": ({"error"}, "the process ended: exit status 0"),
    "aborts": ({"error"}, "the process ended: killed by SIGABRT"),
    "closes_stdout": ({"error"}, "the process ended: it closed its output"),
    "leaves_child": ({"error"}, "the process ended: exit status 3"),
    "leaves_daemon": ({"error"}, "the process ended: exit status 3"),
    "nan": ({"nonfinite", *GOOD}, "nan where"),
    "hostile_reason": ({"unsupported"}, "<script>"),
    "long_reason": ({"unsupported"}, "no, no, "),
    "hostile_tensor": (GOOD, ""),
    "huge_shape": ({"error"}, "cannot reshape"),
    "huge_lengths": ({"error"}, "not a message"),
    "huge_and_empty": ({"shape", *GOOD}, "shape (0, 1000000000000), expected (2, 3)"),
    "many_axes": ({"error"}, "not a message"),
    "negative_shape": ({"error"}, "negative length"),
    "short_values": ({"error"}, "cannot reshape"),
    "short_data": ({"error"}, "cannot reshape"),
    "no_base64": ({"error"}, "ASCII"),
    "neither": ({"error"}, "data or values"),
    "deep": ({"error"}, "maximum recursion depth"),
    "too_large": ({"error"}, "out of range"),
    "huge_integer": ({"error"}, "too large"),
    "huge_int64": ({"error"}, "too large"),
    "twice": (GOOD, ""),
    "float32": ({"dtype", *GOOD}, "float32, expected float64"),
    "complex": ({"error"}, "complex128"),
    "booleans": ({"outside", *GOOD}, ""),
    "bad_utf8": ({"error"}, "not JSON"),
    "surrogate": ({"error"}, "not JSON"),
    "nul": ({"error"}, "not JSON"),
    "endless_seconds": (GOOD, ""),
    "unknown_field": (GOOD, ""),
    "null": ({"error"}, "not a message"),
    "blank": ({"error"}, "not JSON"),
    "unknown_kind": ({"error"}, "Invalid value 'guess'"),
}
# way -> what it is told with validate, where that is another thing
STRICT: dict[str, str] = {
    "garbage_after": "not valid: after the answer, asked to describe itself: not JSON: 'done'",
    "endless_lines": "not valid: after the answer, asked to describe itself: not JSON: 'xxx",
    "hostile_tensor": "nobody asked for this tensor",
    "huge_shape": "not valid: $.trace['output.relu'].values: 6 numbers, where shape [1000000000000] takes "
    "1,000,000,000,000",
    "negative_shape": "-2 is less than the minimum of 0",
    "short_values": "values: 1 numbers, where shape [2, 3] takes 6",
    "short_data": "data: 8 bytes, where shape [2, 3] of float64 takes 48",
    "no_base64": "data: no base64",
    "neither": "$.trace['output.relu']: an array has either data or values",
    "twice": "not valid: $: the field 'trace' stands there twice",
    "float32": "not valid: $.trace['output.relu'].dtype: float32, where float64 was asked for",
    "complex": "'complex128' is not one of",
    "booleans": "values: true or false, where float64 was asked for",
    "unknown_field": "not valid: $: Additional properties are not allowed ('hint' was unexpected)",
    "null": "not valid: $.kind: a reply is an object whose kind is one of: description, trace, unsupported, error",
    "unknown_kind": "not valid: $.kind",
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three cases: one before the one that triggers, and one after it."""
    folder = tmp_path_factory.mktemp("cases")
    for name in ("before", "trigger", "zulu"):
        (folder / f"{name}.toml").write_text(CASE)
    return folder


@pytest.fixture(autouse=True)
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(protocol, "LONGEST", 2**20)


def judged(folder: Path, out: Path, *arguments: str, validate: bool = False, beside: tuple[str, ...] = ()) -> Record:
    """The record of a run of the three cases."""
    mine = Implementation("neighbour", (sys.executable, str(NEIGHBOUR), *arguments), validate)
    run(Plan(cases.load(folder), [mine, *map(implementation, beside)], timeout=2.0), out / "record.jsonl")
    record = read(out / "record.jsonl")
    assert record.footer.complete
    return record


def of(record: Record, case: str) -> set[str]:
    return {row.verdict for row in record.rows if row.case == case}


def reasons(record: Record) -> list[str]:
    return [row.reason for row in record.rows if row.case == "trigger" and row.verdict != "exact"]


@pytest.mark.parametrize("way", LENIENT)
def test_every_other_result_is_kept(folder: Path, tmp_path: Path, way: str) -> None:
    record = judged(folder, tmp_path, way)
    verdicts, words = LENIENT[way]
    assert of(record, "trigger") == verdicts, reasons(record)
    assert all(words in reason for reason in reasons(record)), reasons(record)
    assert of(record, "before") == of(record, "zulu") == GOOD
    assert not any("\n" in reason or len(reason) > 2 * protocol.REASON for reason in reasons(record))


@pytest.mark.parametrize("way", [*STRICT, "honest", "hangs", "dies", "hostile_reason"])
def test_validated_a_violation_is_an_error_with_its_place(folder: Path, tmp_path: Path, way: str) -> None:
    record = judged(folder, tmp_path, way, validate=True)
    verdicts, words = ({"error"}, STRICT[way]) if way in STRICT else LENIENT[way]
    assert of(record, "trigger") == verdicts, reasons(record)
    assert all(words in reason for reason in reasons(record)), reasons(record)
    assert of(record, "before") == of(record, "zulu") == GOOD


def test_a_million_tensors_that_nobody_asked_for(folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(protocol, "LONGEST", 2**27)
    mine = ProcessSession((sys.executable, str(NEIGHBOUR), "many_tensors", "100000"), "neighbour", timeout=60.0)
    (trigger,) = [case.problem("float64") for case in cases.load(folder / "trigger.toml")]
    answer = mine.ask(trigger, "gradients")
    assert isinstance(answer, Traced)
    assert len(answer.trace) == 100_003
    mine.validate = True
    answer = mine.ask(trigger, "gradients")
    assert answer == Broke("error", "not valid: $.trace.t0: nobody asked for this tensor")
    mine.close()


def test_who_never_reads_costs_its_own_rows_alone(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    large = tmp_path / "large"
    large.mkdir()
    (large / "large.toml").write_text(CASE.replace("[2, 3]", "[100, 300]"))  # more than any pipe holds
    record = judged(large, tmp_path, "never_reads", beside=("reference",))
    verdicts = {who: {row.verdict for row in record.rows if row.implementation == who}
                for who in ("neighbour", "reference")}  # fmt: skip
    assert verdicts == {"neighbour": {"timeout"}, "reference": GOOD}


@pytest.mark.parametrize("way", ["endless_line", "endless_lines"])
def test_no_more_is_held_in_memory_than_a_few_lines(folder: Path, way: str) -> None:
    (trigger,) = [case.problem("float64") for case in cases.load(folder / "trigger.toml")]
    session = ProcessSession((sys.executable, str(NEIGHBOUR), way), "neighbour")
    session.describe()
    tracemalloc.start()
    try:
        answer = session.ask(trigger, "gradients")
        time.sleep(0.5)  # and it writes on
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
        session.close(0.0)
    assert isinstance(answer, Broke if way == "endless_line" else Traced)
    assert peak < 8 * protocol.LONGEST


def test_what_is_written_after_an_answer_does_not_count_as_the_next(folder: Path) -> None:
    trigger, after = (cases.load(folder / f"{name}.toml")[0].problem("float64") for name in ("trigger", "zulu"))
    session = ProcessSession((sys.executable, str(NEIGHBOUR), "garbage_after"), "neighbour")
    assert isinstance(session.ask(trigger, "gradients"), Traced)
    child, deadline = session._child, time.monotonic() + 10
    assert child is not None
    while not child.astray() and time.monotonic() < deadline:
        time.sleep(0.01)
    assert isinstance(session.ask(after, "gradients"), Traced)
    assert session._child is not child
    session.close(0.0)


def test_a_case_that_does_not_fit_together_is_no_violation(tmp_path: Path) -> None:
    (tmp_path / "trigger.toml").write_text(CASE.replace("upstream = { normal = [2, 3] }", "upstream = [1.0]"))
    record = judged(tmp_path, tmp_path, "neither", validate=True)
    assert [case.case for case in record.cases if case.problem] == ["trigger"]


# ---------------------------------------------------------------- hostile text
@pytest.mark.parametrize("way", ["hostile_reason", "hostile_error"])
def test_hostile_text_is_shown_as_text_everywhere(tmp_path: Path, way: str) -> None:
    (tmp_path / "trigger.toml").write_text(CASE)
    (tmp_path / "<script>alert(1) \x1b[31m |`=cmd`.toml").write_text(CASE)
    record = judged(tmp_path, tmp_path, way)
    assert len(record.cases) == 2
    shown = {format: render(record, format) for format in FORMATS}
    page = io.StringIO()
    terminal.show(record, Console(file=page, force_terminal=False))
    shown["terminal"] = page.getvalue()
    for format, text in shown.items():
        assert "\x1b" not in text, format
        assert "\x00" not in text, format
        assert "\u202e" not in text or format == "json", format
        assert "<script>" not in text or format in ("csv", "json", "terminal"), format
    assert ("<script>" in shown["terminal"]) == (way == "hostile_error")
    ET.fromstring(shown["junit"])
    assert not any(cell.startswith("=") for line in shown["csv"].splitlines() for cell in line.split(","))


def test_text_that_no_file_can_hold_is_an_error_and_not_the_end(folder: Path) -> None:
    half = "\ud800"

    class Odd(Reference):
        def gradients(self, problem: Problem) -> dict:
            if problem.case == "trigger":
                raise ValueError(half)
            if problem.case == "zulu":
                return {half: 1.0}
            sys.exit(half)

    session = LocalSession(Odd())
    answers = [session.ask(case.problem("float64"), "gradients") for case in cases.load(folder)]
    for answer in answers:
        assert isinstance(answer, Broke)
        (answer.reason + answer.details).encode()
    assert [answer.reason.partition(":")[0] for answer in answers if isinstance(answer, Broke)] == [
        "SystemExit", "ValueError", "TypeError",
    ]  # fmt: skip


def test_a_description_that_is_none_is_an_error(folder: Path) -> None:
    class Nobody(Reference):
        def describe(self):  # type: ignore[no-untyped-def, override]
            return {"name": "nobody"}

    described = LocalSession(Nobody()).describe()
    assert isinstance(described, Broke)
    assert "version" in described.reason


# ---------------------------------------------------------------- operations
@pytest.mark.parametrize(
    ("globs", "answer"),
    [(["relu"], Traced), (["re*", "adam"], Traced), (["*"], Traced), (["linear"], Refused), ([], Refused)],
)
def test_what_an_implementation_has_not_it_is_not_asked(folder: Path, globs: list[str], answer: type) -> None:
    class Some(Reference):
        def describe(self):  # type: ignore[no-untyped-def]
            return protocol.msgspec.structs.replace(super().describe(), name="some", operations=globs)

        def gradients(self, problem: Problem):  # type: ignore[no-untyped-def]
            assert answer is Traced
            return super().gradients(problem)

    (case,) = cases.load(folder / "trigger.toml")
    found = LocalSession(Some()).ask(case.problem("float64"), "gradients")
    assert type(found) is answer
    assert answer is Traced or found == Refused("some has no relu")
