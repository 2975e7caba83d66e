"""Vectors: they hold every bit, say nothing that would give an answer away, and believe nothing that they read."""

import hashlib
import json
import re
import shutil
import tomllib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import jsonschema
import ml_dtypes
import msgspec
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from safetensors.numpy import save_file
from typer.testing import CliRunner

from backproof import cases
from backproof import vectors as judging
from backproof.adapters.base import Asked, Broke, Refused, Traced
from backproof.adapters.compute import compute
from backproof.adapters.reference import Reference
from backproof.cases import Case, CaseError, Problem
from backproof.cases.load import from_table
from backproof.cases.problem import encode_hook
from backproof.cli import app
from backproof.reference import Array
from backproof.reports import answers, cache, stored, vectors
from backproof.reports.expect import Expectation
from backproof.reports.journal import read as read_record
from backproof.reports.judge import judge as judge_rows

from .good_case import TABLE, changed, made

ODD = """
question = "Do numbers that JSON has no name for arrive?"
because = "a test"
nonfinite = true
precisions = ["float64"]
upstream = [[1.0, 1.0], [1.0, 1.0]]
[inputs]
x = [[1.0, nan], [-inf, 0.1]]
[[network]]
op = "relu"
name = "a"
"""
WIDE = """
question = "Do arrays that are too large for JSON arrive?"
because = "a test"
precisions = ["float32", "bfloat16"]
[inputs]
x = { normal = [41, 30] }
target = { normal = [41, 2] }
[[network]]
op = "linear"
name = "h"
W = { normal = [30, 2] }
[loss]
op = "mean_squared_error"
"""
EXAMPLE = """
question = "Does a linear layer multiply in the right order?"
because = "x W and W x differ"
exact = true
precisions = ["float64"]
[inputs]
x = [[1.0, 2.0]]
target = [[0.5]]
[[network]]
op = "linear"
name = "h"
W = [[0.5], [0.25]]
[loss]
op = "mean_squared_error"
"""


def case_of(text: str, name: str) -> Case:
    (case,) = from_table(tomllib.loads(text), Path("case.toml"), name)
    return case


def some_cases() -> list[Case]:
    return [made(TABLE), case_of(ODD, "odd 100%/nan"), case_of(WIDE, "wide")]


@pytest.fixture(scope="module")
def exported(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Small, odd and large arrays, and all three checks; nobody may change it."""
    folder = tmp_path_factory.mktemp("vectors") / "v"
    assert vectors.export(some_cases(), [], folder) == 6
    return folder


@pytest.fixture
def own(exported: Path, tmp_path: Path) -> Path:
    """The same, to be spoiled."""
    return Path(shutil.copytree(exported, tmp_path / "own"))


@pytest.fixture(scope="module")
def right(exported: Path) -> list[Asked]:
    """What the reference answers."""
    reference = Reference()
    return [
        Asked(problem.case, problem.precision, check, compute(reference, problem, check))
        for problem in vectors.problems(exported)
        for check in problem.checks
    ]


@pytest.fixture
def results(right: list[Asked], tmp_path: Path) -> Path:
    return written(tmp_path / "results.jsonl", right)


def written(path: Path, right: Iterable[Asked], *others: bytes) -> Path:
    path.write_bytes(b"".join((*others, *map(answers.line, right))))
    return path


def contents(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def signed(folder: Path, name: str, content: bytes) -> None:
    """Replace a file, and let the manifest say that this is right."""
    (folder / name).write_bytes(content)
    manifest = json.loads((folder / "manifest.json").read_text())
    manifest["files"][name] = hashlib.sha256(content).hexdigest()
    (folder / "manifest.json").write_text(json.dumps(manifest))


# ---------------------------------------------------------------- what is written
BITS = {"float64": np.uint64, "float32": np.uint32, "float16": np.uint16, "bfloat16": np.uint16}


@pytest.mark.parametrize("name", BITS)
@given(data=st.data())
def test_every_number_is_read_back_to_the_last_bit(name: str, data: st.DataObject) -> None:
    size = np.dtype(BITS[name]).itemsize * 8
    bits = data.draw(st.lists(st.integers(0, 2**size - 1), max_size=20))
    dtype = np.dtype(ml_dtypes.bfloat16 if name == "bfloat16" else name)
    array: Array = np.array(bits, dtype=BITS[name]).view(dtype)
    message = json.loads(stored.text(stored.plain(array, {}, "")))
    names = {"NaN": np.nan, "Infinity": np.inf, "-Infinity": -np.inf}
    with np.errstate(invalid="ignore"):  # to narrow a NaN
        read = np.array([names.get(v, v) for v in message["values"]], dtype=np.float64).astype(
            dtype
        )  # as anybody would
        number = ~np.isnan(array.astype(np.float64))
    assert np.array_equal(read.view(BITS[name])[number], array.view(BITS[name])[number])
    again = stored.convert(message, Array, "here", Path())
    assert again.dtype == dtype
    assert np.array_equal(again.view(BITS[name]), read.view(BITS[name]))
    assert np.isnan(again.astype(np.float64)[~number]).all()


@pytest.mark.parametrize(
    ("dtype", "says"),
    [("float64", "[0.1,-0.0,5e-324,1.7976931348623157e308]"), ("float32", "[0.1,-0.0,0.0,null]"),
     (ml_dtypes.bfloat16, "[0.1,-0.0,0.0,null]"), ("int64", "[0,0,0,7]")],
    ids=["float64", "float32", "bfloat16", "int64"],
)  # fmt: skip
def test_decimals_are_as_short_as_can_be(dtype: Any, says: str) -> None:
    last = 7 if dtype == "int64" else np.finfo(np.float64).max if dtype == "float64" else None
    array = np.array([0.1, -0.0, 5e-324] + ([] if last is None else [last]), dtype=np.float64).astype(dtype)
    found = stored.text(stored.plain(array, {}, "")).decode()
    assert f'"values":{says.replace(",null", "")}' in found


@pytest.mark.parametrize("case", cases.load()[::60], ids=lambda case: case.name)
def test_problems_of_the_catalogue_read_back(case: Case, tmp_path: Path) -> None:
    problem = case.problem(case.file.precisions[-1])
    large: dict[str, Array] = {}
    text = stored.text(stored.plain(problem, large, "large.safetensors"))
    if large:
        save_file(large, tmp_path / "large.safetensors")
    raw = stored.restored(stored.decode(text, "here"))
    assert sent(stored.convert(raw, Problem, "here", tmp_path)) == sent(problem)


def sent(problem: Problem) -> bytes:
    return msgspec.json.encode(problem, enc_hook=encode_hook)


def test_problems_and_expected_values_come_back_as_they_were(exported: Path) -> None:
    found = {(problem.case, problem.precision): problem for problem in vectors.problems(exported)}
    read = vectors.read(exported)
    assert [case.name for case in read.cases] == sorted(case.name for case in some_cases())
    for case, original in zip(read.cases, sorted(some_cases(), key=lambda case: case.name), strict=True):
        assert (case.hash, case.operations, case.group) == (original.hash, original.operations, original.group)
        assert case.file.precisions == original.file.precisions
        assert case.file.network == original.file.network
        for precision in original.file.precisions:
            assert (
                sent(found[case.name, precision]) == sent(original.problem(precision)) == sent(case.problem(precision))
            )
            stands, computed = read.expectation(case, precision), cache.expectation(original, precision)
            assert stands.certificate == computed.certificate
            assert {check: list(tensors) for check, tensors in stands.checks.items()} == {
                check: list(tensors) for check, tensors in computed.checks.items()
            }
            for check, tensors in computed.checks.items():
                for name, expected in tensors.items():
                    for one, other in zip(stands.checks[check][name], expected, strict=True):
                        assert np.array_equal(one, other, equal_nan=True)
    assert len(found) == 6


def test_what_json_cannot_name_arrives(exported: Path) -> None:
    (odd,) = (case for case in vectors.read(exported).cases if case.name.startswith("odd"))
    assert "odd%20100%25/nan.float64.json" in odd.entries["float64"].problem
    assert np.array_equal(odd.file.inputs["x"], [[1.0, np.nan], [-np.inf, 0.1]], equal_nan=True)
    raw = json.loads((exported / odd.entries["float64"].problem).read_text())
    assert raw["inputs"]["x"]["values"] == [1.0, "NaN", "-Infinity", 0.1]


def test_large_arrays_lie_beside(exported: Path) -> None:
    raw = json.loads((exported / "problems" / "wide.bfloat16.json").read_text())
    where = {"dtype": "bfloat16", "shape": [41, 30], "file": "wide.bfloat16.safetensors", "key": "inputs.x"}
    assert raw["inputs"]["x"] == where
    assert "values" in raw["inputs"]["target"]


def test_a_problem_says_nothing_of_what_is_expected(exported: Path) -> None:
    for path in (exported / "problems").rglob("*.json"):
        assert list(json.loads(path.read_text())) == list(Problem.__struct_fields__)


def test_an_export_is_the_same_whenever_it_is_made(exported: Path, tmp_path: Path) -> None:
    vectors.export(reversed(some_cases()), [], tmp_path / "again")
    assert contents(tmp_path / "again") == contents(exported)


def test_an_export_takes_the_place_of_an_earlier_one(own: Path) -> None:
    assert vectors.export(some_cases()[:1], ["float32"], own) == 1
    assert sorted(contents(own)) == [
        "README.md", "expected/my/case.float32.json", "manifest.json", "problems/my/case.float32.json",
        "vectors.schema.json",
    ]  # fmt: skip
    assert [case.file.precisions for case in vectors.read(own).cases] == [["float32"]]


@pytest.mark.parametrize("stray", ["notes.txt", "problems/mine.json"])
def test_what_no_export_wrote_is_left_alone(own: Path, stray: str) -> None:
    (own / stray).write_text("mine")
    before = contents(own)
    with pytest.raises(ValueError, match=f"holds '{stray}', which no export wrote"):
        vectors.export(some_cases(), [], own)
    assert contents(own) == before


def test_a_folder_that_is_no_export_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("mine")
    with pytest.raises(ValueError, match="is not empty, and no earlier export"):
        vectors.export(some_cases(), [], tmp_path)
    with pytest.raises(ValueError, match="is no folder"):
        vectors.export(some_cases(), [], tmp_path / "file")
    assert contents(tmp_path) == {"file": b"mine"}


def test_a_case_that_cannot_be_judged_is_not_exported(own: Path) -> None:
    before = contents(own)
    tie = case_of(EXAMPLE.replace("[[0.5], [0.25]]", "[[0.1], [0.25]]"), "tie")
    with pytest.raises(CaseError, match="tie: exact = true, but"):
        vectors.export([made(TABLE), tie], [], own)
    with pytest.raises(ValueError, match="nothing to export"):
        vectors.export([tie], ["float16"], own)
    assert contents(own) == before


def test_file_names_are_distinct_whatever_the_file_system() -> None:
    names = [vectors.file_name(case.name) for case in cases.load()]
    assert len({name.casefold() for name in names}) == len(names)
    assert max(len(part) for name in names for part in name.split("/")) < 200
    assert vectors.file_name("a/../b:c=1,d=2/ü*?\\.") == "a/%2E%2E/b:c=1,d=2/%C3%BC%2A%3F%5C."


# ---------------------------------------------------------------- for whoever reads it
def test_the_schema_is_up_to_date() -> None:
    assert vectors.PATH.read_text(encoding="utf-8") == vectors.schema_text(), "run python -m backproof.reports.vectors"


def validator(kind: str) -> jsonschema.Draft202012Validator:
    schema = json.loads(vectors.PATH.read_text(encoding="utf-8"))
    jsonschema.Draft202012Validator.check_schema(schema)
    return jsonschema.Draft202012Validator({"$ref": f"#/$defs/{kind}", "$defs": schema["$defs"]})


def test_the_schema_accepts_what_there_is(exported: Path, results: Path) -> None:
    validator("Manifest").validate(json.loads((exported / "manifest.json").read_text()))
    for kind, folder in (("Problem", "problems"), ("ExpectedFile", "expected")):
        for name in ("my/case.float64.json", "odd%20100%25/nan.float64.json", "wide.bfloat16.json"):
            validator(kind).validate(json.loads((exported / folder / name).read_text()))
    for line in results.read_text().splitlines():
        validator("Computed").validate(json.loads(line))


@pytest.mark.parametrize(
    ("kind", "line"),
    [("Computed", {"kind": "trace", "precision": "float64", "check": "gradients", "trace": {}}),
     ("Computed", {"kind": "trace", "case": "a", "precision": "float64", "check": "loss", "trace": {}}),
     ("Computed", {"kind": "trace", "case": "a", "precision": "float64", "check": "updates",
                   "trace": {"loss": {"dtype": "float64", "shape": []}}}),
     ("Computed", {"kind": "trace", "case": "a", "precision": "float64", "check": "updates",
                   "trace": {"loss": {"dtype": "float64", "shape": [], "file": "a.safetensors"}}}),
     ("Unable", {"kind": "unsupported", "case": "a", "precision": "float64", "check": "updates"}),
     ("Described", {"kind": "description"})],
    ids=["no case", "no check", "no values", "no key", "no reason", "no name"],
)  # fmt: skip
def test_the_schema_refuses_what_is_none(kind: str, line: dict[str, Any]) -> None:
    assert not validator(kind).is_valid(line)


def test_the_readme_shows_what_is_so(tmp_path: Path) -> None:
    vectors.export([case_of(EXAMPLE, "example")], [], tmp_path / "v")
    readme = (tmp_path / "v" / "README.md").read_text()
    described, lines, problem, answer, expected = re.findall(r"```json\n(.*?)```", readme, re.DOTALL)
    assert (tmp_path / "v" / "problems" / "example.float64.json").read_text() == problem
    assert (tmp_path / "v" / "expected" / "example.float64.json").read_text() == expected
    validator("Described").validate(json.loads(described))
    for kind, line in zip(("Computed", "Unable", "Failed"), lines.splitlines(), strict=True):
        validator(kind).validate(json.loads(line))
    (tmp_path / "mine.jsonl").write_text(described + answer.replace("\n", "") + "\n")
    result = judging.judge(tmp_path / "v", tmp_path / "mine.jsonl")
    assert result.ok
    assert [(row.implementation, row.verdict) for row in result.record.rows] == [("mine", "exact")] * 5


# ---------------------------------------------------------------- an export that is not whole
def spoil(folder: Path, how: str) -> None:
    manifest = json.loads((folder / "manifest.json").read_text())
    problem = folder / "problems" / "my" / "case.float64.json"
    if how == "changed":
        problem.write_text(problem.read_text().replace("0.1", "0.2"))
    elif how == "missing":
        problem.unlink()
    elif how == "unlisted":
        (folder / "results.jsonl").write_text("")
    elif how == "link":
        problem.rename(folder.parent / "elsewhere.json")
        problem.symlink_to(folder.parent / "elsewhere.json")
    elif how == "linked folder":
        shutil.move(folder / "problems" / "my", folder.parent / "my")
        (folder / "problems" / "my").symlink_to(folder.parent / "my")
    elif how == "count":
        manifest["count"] += 1
    elif how == "twice":
        manifest["entries"].append(manifest["entries"][0])
        manifest["count"] += 1
    elif how == "format":
        manifest = {"format": 2}
    elif how == "no file":
        manifest["entries"][0]["problem"] = "problems/other.json"
    elif how in ("up", "absolute"):
        (folder.parent / "secret.json").write_text("{}")
        name = "../secret.json" if how == "up" else str(folder.parent / "secret.json")
        manifest["files"][name] = hashlib.sha256(b"{}").hexdigest()
    elif how == "catalogue":
        manifest["catalogue"] = "0" * 64
    elif how == "swapped":
        first, second = manifest["entries"][:2]
        first["expected"], second["expected"] = second["expected"], first["expected"]
    (folder / "manifest.json").write_text("[" if how == "no JSON" else json.dumps(manifest))
    if how == "no manifest":
        (folder / "manifest.json").unlink()


@pytest.mark.parametrize(
    ("how", "says"),
    [("changed", "problems/my/case.float64.json has changed"), ("missing", "no file 'problems/my/case.float64.json'"),
     ("unlisted", "'results.jsonl' is not listed"), ("link", "is a link, or leads out"),
     ("linked folder", "is a link, or leads out"), ("count", "counts 7 entries, but there are 6"),
     ("twice", "my/case in float64 twice"), ("format", "format 2; this version of backproof reads format 1"),
     ("no file", "'problems/other.json' of my/case is not among"), ("up", "is a link, or leads out"),
     ("absolute", "is a link, or leads out"), ("catalogue", "catalogue is not the hash"),
     ("swapped", "is about something else"), ("no JSON", "manifest.json: Input data was truncated"),
     ("no manifest", "there is no manifest.json; backproof export writes one")],
)  # fmt: skip
def test_an_export_that_is_not_whole_is_refused(own: Path, results: Path, how: str, says: str) -> None:
    spoil(own, how)
    with pytest.raises(ValueError, match=re.escape(says)) as refused:
        judging.plan(own, results)
    assert "\n" not in str(refused.value)


# ---------------------------------------------------------------- answers
def test_right_answers_agree_and_nothing_is_computed(
    exported: Path, results: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    read = vectors.read(exported)
    due = sorted((case.name, precision, name) for case in read.cases for precision in case.file.precisions
                 for tensors in read.expectation(case, precision).checks.values() for name in tensors)  # fmt: skip
    for name in ("expectation", "expect"):
        monkeypatch.setattr(cache, name, lambda *_, **__: pytest.fail("expected values were worked out"))
    monkeypatch.setattr(Case, "problem", lambda *_: pytest.fail("a problem was drawn"))
    result = judging.judge(exported, results)
    assert result.ok
    assert {row.implementation for row in result.record.rows} == {"results"}  # by the file's name
    assert {line.case for line in result.record.cases} == {case.name for case in some_cases()}
    assert sorted((row.case, row.precision, row.tensor) for row in result.record.rows) == due


GRADIENTS = ("my/case", "float64", "gradients")


def trace_of(right: list[Asked], key: tuple[str, str, str] = GRADIENTS) -> dict[str, Array]:
    (answer,) = (asked.answer for asked in right if (asked.case, asked.precision, asked.check) == key)
    assert isinstance(answer, Traced)
    return dict(answer.trace)


def replaced(right: list[Asked], raw: dict[str, Any] | None, key: tuple[str, str, str] = GRADIENTS) -> bytes:
    """The lines of the results, that of one check with other fields, or without it."""
    head = dict(zip(("case", "precision", "check"), key, strict=True))
    rest = [answers.line(asked) for asked in right if (asked.case, asked.precision, asked.check) != key]
    return b"".join([*rest, json.dumps(head | raw).encode() if raw else b""])


@pytest.mark.parametrize("written_as", ["values", "data", "safetensors"])
@pytest.mark.parametrize("wrong", [False, True])
def test_one_wrong_tensor_is_found(
    exported: Path, right: list[Asked], tmp_path: Path, written_as: str, wrong: bool
) -> None:
    trace = trace_of(right)
    if wrong:
        trace["gradient.hidden.W"] = trace["gradient.hidden.W"] * (1 + 1e-9)
    raw: dict[str, Any] = {name: msgspec.to_builtins(array, enc_hook=encode_hook) for name, array in trace.items()}
    if written_as == "values":
        raw = {
            name: {"dtype": "float64", "shape": list(a.shape), "values": a.ravel().tolist()}
            for name, a in trace.items()
        }
    if written_as == "safetensors":
        save_file({f"mine.{name}": array for name, array in trace.items()}, tmp_path / "mine.safetensors")
        raw = {name: {"dtype": "float64", "shape": list(a.shape), "file": "mine.safetensors", "key": f"mine.{name}"}
               for name, a in trace.items()}  # fmt: skip
    (tmp_path / "r.jsonl").write_bytes(replaced(right, {"kind": "trace", "trace": raw}))
    result = judging.judge(exported, tmp_path / "r.jsonl")
    outside = [(row.case, row.precision, row.tensor) for row in result.record.rows if row.verdict == "outside"]
    assert outside == ([("my/case", "float64", "gradient.hidden.W")] if wrong else [])
    assert result.ok is not wrong


def rows_of(exported: Path, path: Path, key: tuple[str, str, str] = GRADIENTS) -> set[tuple[str, str]]:
    """Verdict and reason of every row of one check; all others agree."""
    result = judging.judge(exported, path)
    columns = {"gradients": ("loss", "gradient"), "updates": ("update",), "training": ("trajectory",)}[key[2]]
    mine = [row for row in result.record.rows if (row.case, row.precision) == key[:2] and row.check in columns]
    others = [row for row in result.record.rows if row not in mine]
    assert {row.verdict for row in others} <= {"exact", "within", "inconclusive"}
    return {(row.verdict, row.reason) for row in mine}


def array(**fields: Any) -> dict[str, Any]:
    return {"kind": "trace", "trace": {"loss": {"dtype": "float64", "shape": [], **fields}}}


@pytest.mark.parametrize(
    ("raw", "verdict", "reason"),
    [(None, "error", "the results hold no answer"),
     ({"kind": "unsupported", "reason": "no networks"}, "unsupported", "no networks"),
     ({"kind": "error", "reason": "it\nbroke"}, "error", "it broke"),
     ({"kind": "trace"}, "error", "r.jsonl, line 12: Object missing required field `trace`"),
     ({"kind": "trace", "trace": []}, "error", "r.jsonl, line 12: Expected `object`, got `array` - at `$.trace`"),
     (array(), "error", "line 12: 'loss': an array has either values, or data, or file and key"),
     (array(values=[1], data=""), "error", "an array has either values, or data, or file and key"),
     (array(values=[1, 2]), "error", "'loss': cannot reshape array of size 2 into shape ()"),
     (array(values=[1], shape=[10**15, 10**15]), "error", "'loss': "),
     (array(values=[1], shape=[10**30]), "error", "'loss': "),
     (array(values=[1], shape=[-1]), "error", "'loss': shape [-1] has a negative length"),
     (array(values=[10**400]), "error", "line 12: "),
     (array(data="!"), "error", "'loss': "),
     (array(file="../secret.safetensors", key="loss"), "error", "'../secret.safetensors' is a link, or leads out of"),
     (array(file="link.safetensors", key="loss"), "error", "'link.safetensors' is a link, or leads out of"),
     (array(file="/etc/passwd", key="loss"), "error", "'/etc/passwd' is a link, or leads out of"),
     (array(file="none.safetensors", key="loss"), "error", "there is no file 'none.safetensors' in"),
     (array(file="r.jsonl", key="loss"), "error", "r.jsonl: Error while deserializing header"),
     (array(file="mine.safetensors", key="other"), "error", "File does not contain tensor other"),
     (array(file="mine.safetensors", key="loss", shape=[1]), "error", "loss is F64 [] there, not float64 [1]"),
     (array(file="mine.safetensors", key="loss", dtype="float32"), "error", "loss is F64 [] there, not float32 []")],
)  # fmt: skip
def test_what_is_no_answer_costs_one_check(
    exported: Path, right: list[Asked], tmp_path: Path, raw: dict[str, Any] | None, verdict: str, reason: str
) -> None:
    folder = tmp_path / "results"
    folder.mkdir()
    save_file({"loss": np.array(0.5)}, tmp_path / "secret.safetensors")
    save_file({"loss": np.array(0.5)}, folder / "mine.safetensors")
    (folder / "link.safetensors").symlink_to(tmp_path / "secret.safetensors")
    (folder / "r.jsonl").write_bytes(replaced(right, raw))
    ((found, why),) = rows_of(exported, folder / "r.jsonl")
    assert found == verdict
    assert reason in why
    assert "\n" not in why


def test_two_answers_are_none(exported: Path, right: list[Asked], tmp_path: Path) -> None:
    (first,) = (asked for asked in right if (asked.case, asked.precision, asked.check) == GRADIENTS)
    path = written(tmp_path / "r.jsonl", right, answers.line(first))
    again = 2 + right.index(first)
    assert rows_of(exported, path) == {
        ("error", f"the results answer this 2 times: r.jsonl, line 1; r.jsonl, line {again}")
    }


def test_what_answers_nothing_becomes_a_note(exported: Path, right: list[Asked], tmp_path: Path) -> None:
    stray = [
        b"Segmentation fault",
        b"",
        b'{"kind": "trace", "case": "other", "precision": "float64", "check": "gradients", "trace": {}}',
        b'{"kind": "run", "case": "my/case"}',
        b'{"kind": "description"}',
        b'{"kind": "description", "name": "two\\nlines"}',
        b'{"trace": ' + b"[" * 100_000,
        b'{"kind": "trace", "case": 3}',
        b"\xff\xfe\x00",
        b'{"kind": "trace", "case": "my/case"',
    ]
    path = written(tmp_path / "r.jsonl", right, b"\n".join(stray) + b"\n")
    plan = judging.plan(exported, path)
    for number, says in (
        (1, "JSON is malformed"), (3, "answers 'other float64 gradients', which the vectors do not ask"),
        (4, "a line of kind 'run' is no answer"), (5, "Object missing required field `name`"),
        (6, "name must be one line"), (7, "recursion"), (8, "Expected `str`, got `int` - at `$.case`"),
        (9, ""), (10, "truncated"),
    ):  # fmt: skip
        note = plan.notes[number - 1 - (number > 1)]
        assert note.startswith(f"r.jsonl, line {number}: ")
        assert says in note
    result = judging.judge(exported, path)
    assert result.ok
    assert len(result.record.footer.notes) == 9
    assert result.record.footer.notes == plan.notes


def test_many_notes_are_counted(tmp_path: Path) -> None:
    path = written(tmp_path / "r.jsonl", [], *([b"{\n"] * 50))
    notes = answers.read(path, set()).notes
    assert len(notes) == answers.SHOWN + 1
    assert notes[-1] == "r.jsonl: 30 more lines that are no answers"


def test_a_description_says_who_it_is_and_what_it_lacks(exported: Path, right: list[Asked], tmp_path: Path) -> None:
    double = [asked for asked in right if asked.precision == "float64" and asked.case == "my/case"]
    head = (b'\xef\xbb\xbf{"kind": "description", "name": "mine", "version": "7", "precisions": ["float64"], '
            b'"operations": ["linear", "tanh", "cross_entropy", "sgd"], "flags": {"threads": "1"}}\n')  # fmt: skip
    result = judging.judge(exported, written(tmp_path / "r.jsonl", double, head))
    assert result.ok
    (who,) = result.record.header.implementations
    assert (who.name, who.version, who.precisions, who.flags) == ("mine", "7", ["float64"], {"threads": "1"})
    reasons = {(row.case, row.reason) for row in result.record.rows if row.verdict == "unsupported"}
    assert reasons == {
        ("my/case", "mine has no float32"), ("my/case", "mine has no bfloat16"), ("odd 100%/nan", "mine has no relu"),
        ("wide", "mine has no float32"), ("wide", "mine has no bfloat16"),
    }  # fmt: skip


def test_tensors_that_are_not_offered_are_unsupported(exported: Path, right: list[Asked], tmp_path: Path) -> None:
    head = b'{"kind": "description", "name": "mine", "tensors": ["loss", "gradient.*.*"]}\n'
    trace = {name: a for name, a in trace_of(right).items() if name == "loss" or name.count(".") == 2}
    raw = {name: msgspec.to_builtins(a, enc_hook=encode_hook) for name, a in trace.items()}
    (tmp_path / "r.jsonl").write_bytes(head + replaced(right, {"kind": "trace", "trace": raw}))
    result = judging.judge(exported, tmp_path / "r.jsonl")
    assert result.ok
    assert "output.hidden" in {row.tensor for row in result.record.rows if row.verdict == "unsupported"}


def test_results_may_be_a_folder(exported: Path, right: list[Asked], tmp_path: Path) -> None:
    folder = tmp_path / "mine"
    folder.mkdir()
    with pytest.raises(ValueError, match=r"there is no \.jsonl file in it"):
        judging.plan(exported, folder)
    with pytest.raises(ValueError, match="there is no file or folder"):
        judging.plan(exported, tmp_path / "yours.jsonl")
    head = b'{"kind": "description", "name": "%s"}\n'
    written(folder / "a.jsonl", right[::2], head % b"one")
    written(folder / "b.jsonl", right[1::2], head % b"one")
    result = judging.judge(exported, folder)
    assert result.ok
    assert result.record.header.implementations[0].name == "one"
    written(folder / "b.jsonl", right[1::2], head % b"other")
    with pytest.raises(ValueError, match=r"a\.jsonl, line 1 and b\.jsonl, line 1 describe two implementations"):
        judging.plan(exported, folder)
    (folder / "b.jsonl").unlink()
    (folder / "b.jsonl").symlink_to(written(tmp_path / "elsewhere.jsonl", right))
    with pytest.raises(ValueError, match="is a link, or leads out"):
        judging.plan(exported, folder)


def test_the_command_that_asks_again_is_this_one(exported: Path, results: Path) -> None:
    again = judging.plan(exported, results).again
    assert again is not None
    assert again("my/case", "float64") == f"backproof judge {exported} {results}"


# ---------------------------------------------------------------- the commands
def command(*words: object) -> tuple[int, str]:
    """Exit code and output."""
    result = CliRunner().invoke(app, [str(word) for word in words])
    assert result.exception is None or isinstance(result.exception, SystemExit)
    return result.exit_code, " ".join(result.output.split())


def test_the_commands_export_check_and_judge(tmp_path: Path) -> None:
    case, folder, mine = tmp_path / "example.toml", tmp_path / "v", tmp_path / "mine.jsonl"
    case.write_text(EXAMPLE)
    assert command("export", folder, case) == (0, f"1 problems of 1 cases: {folder}")
    assert command("export", folder, case, "--check") == (0, f"{folder} comes out the same")
    case.write_text(EXAMPLE.replace("0.25", "0.75"))
    code, says = command("export", folder, case, "--check")
    assert code == 1
    assert "parameters.h.W differs: value 1 of 2 was 0.25, is 0.75" in says
    problem = next(vectors.problems(folder))
    asked = Asked("example", "float64", "gradients", compute(Reference(), problem, "gradients"))
    judge = ["judge", folder, mine, "-o", tmp_path / "record.jsonl"]
    written(mine, [asked])
    assert command(*judge, "--strict")[0] == 0
    written(mine, [asked], b"garbage\n")
    assert command(*judge)[0] == 0
    assert command(*judge, "--strict")[0] == 1
    assert read_record(tmp_path / "record.jsonl").footer.notes == [
        "mine.jsonl, line 1: JSON is malformed: invalid character (byte 0)"
    ]
    assert isinstance(asked.answer, Traced)
    asked.answer.trace["loss"] = np.array(0.5)
    written(mine, [asked])
    assert command(*judge)[0] == 1
    expect = tmp_path / "expect.toml"
    expect.write_text('[[known]]\ncase = "example"\ntensor = "loss"\nreason = "on purpose"')
    assert command(*judge, "--expect", expect)[0] == 0
    written(mine, [])
    assert command(*judge)[0] == 3
    assert command("judge", tmp_path, mine) == (
        2, f"backproof: {tmp_path}: there is no manifest.json; backproof export writes one"
    )  # fmt: skip


# ---------------------------------------------------------------- checking
def test_an_export_that_comes_out_the_same_has_no_differences(exported: Path) -> None:
    assert vectors.check(some_cases(), [], exported) == []


def test_a_check_says_which_tensor_differs(own: Path) -> None:
    path = own / "expected" / "my" / "case.float64.json"
    raw = json.loads(path.read_text())
    tolerance = raw["checks"]["updates"]["update.1.hidden.W"]["tolerance"]
    was = tolerance["values"][3]
    tolerance["values"][3] = 1.0
    del raw["checks"]["training"]["trajectory.2.loss"]
    path.write_text(json.dumps(raw))
    large = own / "problems" / "wide.float32.safetensors"
    large.write_bytes(large.read_bytes()[:-1] + b"\x00")
    (own / "README.md").write_text("")
    (own / "problems" / "wide.bfloat16.safetensors").write_bytes(b"")
    (own / "expected" / "wide.bfloat16.json").write_text("{")
    assert set(vectors.check(some_cases(), [], own)) == {
        "expected/my/case.float64.json: checks.updates.update.1.hidden.W.tolerance differs: "
        f"value 3 of 24 was 1.0, is {was}",
        "expected/my/case.float64.json: checks.training.trajectory.2.loss.value is new",
        "expected/my/case.float64.json: checks.training.trajectory.2.loss.tolerance is new",
        "expected/my/case.float64.json: checks.training.trajectory.2.loss.doubtful is new",
        "problems/wide.float32.safetensors: inputs.x differs",
        "README.md: text differs",
        "problems/wide.bfloat16.safetensors: cannot be read: Error while deserializing: header too small",
        "expected/wide.bfloat16.json: cannot be read: expected/wide.bfloat16.json: Input data was truncated",
    }


def test_a_check_says_which_cases_there_are_no_more_or_not_yet(own: Path) -> None:
    new = case_of(EXAMPLE, "example")
    (own / "problems" / "wide.bfloat16.safetensors").unlink()
    (own / "notes.txt").write_text("mine")
    assert vectors.check([new, *some_cases()[1:]], ["float64", "bfloat16"], own) == [
        "example float64: is missing",
        *(f"my/case {precision}: is not exported any more" for precision in ("float64", "float32", "bfloat16")),
        "wide float32: is not exported any more",
        "problems/wide.bfloat16.safetensors: is missing",
        "notes.txt: is not exported any more",
    ]


def test_a_check_sees_how_a_file_is_written_and_the_manifest(own: Path) -> None:
    manifest = json.loads((own / "manifest.json").read_text())
    (own / "manifest.json").write_text(json.dumps(manifest))
    assert vectors.check(some_cases(), [], own) == ["manifest.json: is written otherwise"]
    (own / "manifest.json").write_text(json.dumps(manifest | {"backproof": "0.0.1"}))
    assert vectors.check(some_cases(), [], own) == [
        f"manifest.json: backproof was '0.0.1', is '{manifest['backproof']}'"
    ]


def test_a_changed_option_is_seen(own: Path) -> None:
    faster = from_table(changed("optimizer.lr", [0.2, 0.1, 0.01]), Path("case.toml"), "my/case")
    found = vectors.check([*faster, *some_cases()[1:]], [], own)
    assert "problems/my/case.float64.json: optimizer.rates.0 was 0.1, is 0.2" in found
    assert any(line.startswith("expected/my/case.float64.json: hash was '") for line in found)


# ---------------------------------------------------------------- whatever is in a file
LEAF = (
    st.none() | st.booleans() | st.integers(-(10**20), 10**20) | st.floats(allow_nan=False, allow_infinity=False)
    | st.sampled_from(["", "NaN", "float64", "bfloat16", "../x", "/", "a\x00", "\n", "x" * 300, "loss"]) | st.text()
)  # fmt: skip
LISTS = st.lists(LEAF, max_size=3)
JSON = LEAF | LISTS | st.lists(LISTS, max_size=3) | st.dictionaries(st.text(max_size=3), LEAF | LISTS, max_size=3)


def mutated(data: st.DataObject, raw: Any) -> Any:
    """JSON with one thing in it replaced or left out, or some bytes changed."""
    kind = data.draw(st.sampled_from(["replaced", "replaced", "left out", "bytes", "other"]))
    if kind == "other":
        return data.draw(st.binary(max_size=30) | JSON.map(lambda value: json.dumps(value).encode()))
    if kind == "bytes":
        text = bytearray(json.dumps(raw).encode())
        at = data.draw(st.integers(0, len(text) - 1))
        text[at : at + data.draw(st.integers(0, 3))] = data.draw(st.binary(max_size=3))
        return bytes(text)
    raw = json.loads(json.dumps(raw))
    within, key = None, None
    inner = raw
    while isinstance(inner, dict | list) and inner and (within is None or data.draw(st.integers(0, 4))):
        within, key = inner, data.draw(st.sampled_from(list(inner) if isinstance(inner, dict) else range(len(inner))))
        inner = inner[key]
    if kind == "left out":
        del within[key]
    else:
        within[key] = data.draw(JSON)
    return json.dumps(raw).encode()


NAMES = [
    "manifest.json", "problems/my/case.float64.json", "expected/my/case.float64.json", "expected/wide.float32.json",
    "expected/odd%20100%25/nan.float64.json", "problems/wide.bfloat16.safetensors",
]  # fmt: skip
FUZZ = settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)


@pytest.fixture(scope="module")
def spoiled(exported: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return Path(shutil.copytree(exported, tmp_path_factory.mktemp("fuzz") / "v"))


@FUZZ
@given(data=st.data())
def test_whatever_is_in_an_export_it_is_read_or_refused_in_one_line(
    exported: Path, spoiled: Path, data: st.DataObject
) -> None:
    name = data.draw(st.sampled_from(NAMES))
    original = (exported / name).read_bytes()
    content = mutated(data, json.loads(original)) if name.endswith(".json") else data.draw(spoiled_bytes(original))
    if name == "manifest.json":
        (spoiled / name).write_bytes(content)
    else:
        signed(spoiled, name, content)
    with one_line():
        read = vectors.read(spoiled)
        for case in read.cases:
            for precision in case.file.precisions:
                problem = case.problem(precision)
                found = read.expectation(case, precision)
                assert list(found.checks) == problem.checks
                for check in problem.checks:
                    list(judge_rows("me", Asked(case.name, precision, check, Refused("no")), found))
                    list(judge_rows("me", Asked(case.name, precision, check, Traced({}, 0.0)), found))
    for restored in (name, "manifest.json"):
        (spoiled / restored).write_bytes((exported / restored).read_bytes())


@contextmanager
def one_line() -> Iterator[None]:
    """What is refused is refused in one line."""
    try:
        yield
    except ValueError as error:
        if len(str(error).splitlines()) != 1:
            raise


def spoiled_bytes(original: bytes) -> st.SearchStrategy[bytes]:
    def change(at: int, new: bytes) -> bytes:
        return original[:at] + new + original[at + len(new) :]

    return st.binary(max_size=20) | st.builds(change, st.integers(0, 300), st.binary(max_size=4))


@pytest.fixture(scope="module")
def asked(exported: Path) -> tuple[Problem, Expectation]:
    """The one problem that the results below are about, and what is expected of it."""
    read = vectors.read(exported)
    (case,) = (case for case in read.cases if case.name == "my/case")
    return case.problem("float64"), read.expectation(case, "float64")


@FUZZ
@given(data=st.data())
def test_whatever_is_in_results_it_is_an_answer_a_row_or_a_note(
    asked: tuple[Problem, Expectation], right: list[Asked], tmp_path: Path, data: st.DataObject
) -> None:
    problem, expectation = asked
    trace = {name: {"dtype": a.dtype.name, "shape": list(a.shape), "values": a.ravel().tolist()}
             for name, a in trace_of(right).items()}  # fmt: skip
    large = {"dtype": "float64", "shape": [2], "file": "mine.safetensors", "key": "a"}
    head = dict(zip(("case", "precision", "check"), GRADIENTS, strict=True))
    line = mutated(data, {"kind": "trace", **head, "trace": trace | {"output.more": large}, "lacking": ["state.*"]})
    save_file({"a": np.zeros(2)}, tmp_path / "mine.safetensors")
    (tmp_path / "r.jsonl").write_bytes(line)
    found = answers.read(tmp_path / "r.jsonl", {GRADIENTS})
    assert all(len(note.splitlines()) == 1 for note in found.notes)
    answer = found.ask(problem, "gradients")
    if isinstance(answer, Broke):
        assert len(answer.reason.splitlines()) == 1
    assert list(judge_rows("me", Asked(*GRADIENTS, answer), expectation))
