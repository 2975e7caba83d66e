"""Every implementation that goes wrong gets its proper answer, and the next question is answered all the same."""

import contextlib
import copy
import functools
import json
import os
import subprocess
import sys
import time
import tomllib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import hypothesis
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backproof import cases
from backproof.adapters import protocol, schema
from backproof.adapters.base import Broke, Description, Refused, Traced
from backproof.adapters.protocol import Computed, Describe, Described, Garbled, Run, Stop
from backproof.adapters.reference import Reference
from backproof.adapters.runner import implementation
from backproof.adapters.session import LocalSession, ProcessSession
from backproof.cases import Problem
from backproof.cases.load import from_table

BROKEN = Path(__file__).with_name("broken")
CASE = """
question = "?"
because = "a test"
[inputs]
x = { normal = [4, 3] }
target = { normal = [4, 5] }
[[network]]
op = "linear"
W = { normal = [3, 5] }
[loss]
op = "mean_squared_error"
"""


def problem(folder: Path, name: str) -> Problem:
    path = folder / f"{name}.toml"
    path.write_text(CASE)
    (case,) = cases.load(path)
    return case.problem("float64")


@pytest.fixture
def trigger(tmp_path: Path) -> Problem:
    return problem(tmp_path, "trigger")


@pytest.fixture
def fine(tmp_path: Path) -> Problem:
    return problem(tmp_path, "fine")


Opener = Callable[..., ProcessSession]


@pytest.fixture
def opened() -> Iterator[Opener]:
    """Opens a session with a broken adapter, and closes it after the test."""
    sessions: list[ProcessSession] = []

    def open_session(name: str, *arguments: str, timeout: float = 30) -> ProcessSession:
        path = BROKEN / f"{name}.py"
        command = (sys.executable, str(path), *arguments)
        if not arguments:
            command = implementation(f"{path}:Broken").command
        sessions.append(ProcessSession(command, name, timeout=timeout))
        return sessions[-1]

    yield open_session
    for session in sessions:
        session.close()


def alive(pid: int) -> bool:
    """Whether the process runs; one that is dead but not yet collected does not."""
    try:
        os.kill(pid, 0)
        return subprocess.check_output(["ps", "-o", "stat=", "-p", str(pid)], text=True)[0] != "Z"
    except (ProcessLookupError, subprocess.CalledProcessError):
        return False


def ends(pid: int, within: float = 5.0) -> bool:
    deadline = time.monotonic() + within
    while alive(pid) and time.monotonic() < deadline:
        time.sleep(0.05)
    return not alive(pid)


# ---------------------------------------------------------------- what arrives as it is, for the judge
@pytest.mark.parametrize(
    ("name", "seen"),
    [
        ("nan_answer", lambda got, _: np.isnan(got["loss"])),
        ("missing_tensor", lambda got, _: "gradient.x" not in got),
        ("broadcasting_shape", lambda got, _: got["gradient.x"].shape == (1, 3)),
        ("wrong_dtype", lambda got, _: got["gradient.x"].dtype == np.float32),
        ("single_precision", lambda got, right: 1e-12 < abs(got["loss"] - right["loss"]) < 1e-5),
        ("ten_bits", lambda got, right: 1e-8 < abs(got["loss"] - right["loss"]) < 1e-1),
        ("prints", lambda got, right: got.keys() == right.keys() and got["loss"] == right["loss"]),
    ],
)
def test_a_wrong_answer_is_handed_on_unmended(opened: Opener, trigger: Problem, name: str, seen: Callable) -> None:
    answer = opened(name).ask(trigger, "gradients")
    assert isinstance(answer, Traced), answer
    assert seen(answer.trace, cases.solve(trigger, "gradients"))


# ---------------------------------------------------------------- what is no answer
@pytest.mark.parametrize(
    ("name", "arguments", "verdict", "reason", "details"),
    [
        ("raises", (), "error", "RuntimeError: no such kernel", "raises.py"),
        ("crash", (), "error", "the process ended: exit status 3", "last words"),
        ("hang", (), "timeout", "no answer within 2 s", ""),
        ("raw", ("garbage",), "error", "not JSON: 'Segmentation fault (not really)'", ""),
        ("raw", ("other_id",), "error", "answered question 1 when asked question 2", ""),
        ("raw", ("wrong_kind",), "error", "answered a 'run' with a 'description'", ""),
        ("raw", ("wrong_shape",), "error", "cannot reshape array of size 1 into shape (2,)", ""),
        ("raw", ("long",), "error", "the answer is longer than 1 MiB", ""),
    ],
)
def test_what_is_no_answer_costs_one_question(
    opened: Opener, monkeypatch: pytest.MonkeyPatch, trigger: Problem, fine: Problem,
    name: str, arguments: tuple[str, ...], verdict: str, reason: str, details: str,
) -> None:  # fmt: skip
    monkeypatch.setattr(protocol, "LONGEST", 2**20)
    session = opened(name, *arguments)
    assert isinstance(session.ask(fine, "gradients"), Traced) or arguments == ("other_id",)
    session.timeout = 2 if name == "hang" else 30
    if arguments == ("other_id",):
        session.close()
        session = opened(name, *arguments)
    broke = session.ask(trigger, "gradients")
    assert isinstance(broke, Broke)
    assert broke.verdict == verdict
    assert reason in broke.reason
    assert "\n" not in broke.reason
    assert details in broke.details
    session.timeout = 30
    assert isinstance(session.ask(fine, "gradients"), Traced)


def test_no_child_is_left_behind(opened: Opener, trigger: Problem) -> None:
    session = opened("leaves_child")
    answer = session.ask(trigger, "gradients")
    assert isinstance(answer, Traced)
    pid = int(answer.trace["output.pid"])
    assert alive(pid)
    session.close()
    assert ends(pid)


def test_a_closed_session_answers_that_it_is_closed(opened: Opener, fine: Problem) -> None:
    session = opened("prints")
    session.describe()
    session.close()
    answer = session.ask(fine, "gradients")
    assert isinstance(answer, Broke)
    assert "closed" in answer.reason


# ---------------------------------------------------------------- starting
def test_a_missing_framework_says_how_to_get_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fine: Problem) -> None:
    (tmp_path / "torch.py").write_text('raise ModuleNotFoundError("No module named \'torch\'", name="torch")')
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    session = ProcessSession(implementation("torch").command, "pytorch")
    reason = "pytorch is not installed (no module 'torch'); install it with: pip install 'backproof[torch]'"
    for answer in (session.describe(), session.ask(fine, "gradients")):
        assert isinstance(answer, Broke)
        assert answer.reason == reason


@pytest.mark.parametrize(
    ("command", "reason"),
    [
        (["/no/such/program"], "cannot be started"),
        ([sys.executable, "-c", "raise SystemExit(7)"], "did not start: the process ended: exit status 7"),
        ([sys.executable, "-c", "import time; time.sleep(600)"], "did not start: no answer within 1 s"),
    ],
)
def test_what_does_not_start_is_tried_once(fine: Problem, command: list[str], reason: str) -> None:
    session = ProcessSession(command, "mine", start_limit=1)
    first = session.describe()
    assert isinstance(first, Broke)
    assert reason in first.reason
    assert session.ask(fine, "gradients") is first


@pytest.mark.parametrize(
    ("spec", "reason"),
    [
        ("nowhere.py:Mine", "there is no file nowhere.py"),
        ("backproof.cases:Mine", "there is no 'Mine' in backproof.cases"),
        ("backproof.cases:Case", "TypeError"),
        ("no_such_module:Mine", "ModuleNotFoundError"),
    ],
)
def test_a_spec_that_leads_nowhere_says_so(spec: str, reason: str) -> None:
    session = ProcessSession(implementation(spec).command, "mine")
    described = session.describe()
    assert isinstance(described, Broke)
    assert reason in described.reason


def test_a_precision_that_an_implementation_lacks_is_refused(tmp_path: Path) -> None:
    class Double(Reference):
        def describe(self) -> Description:
            return Description("double", "1", ["float64"])

    (tmp_path / "case.toml").write_text(CASE)
    (case,) = cases.load(tmp_path / "case.toml")
    session = LocalSession(Double())
    assert session.ask(case.problem("float32"), "gradients") == Refused("double has no float32")
    assert isinstance(session.ask(case.problem("float64"), "gradients"), Traced)


# ---------------------------------------------------------------- lines
def test_a_problem_crosses_the_border_unchanged(trigger: Problem) -> None:
    request = protocol.decode_request(protocol.encode(Run(3, "gradients", trigger)))
    assert isinstance(request, Run)
    assert request.problem.network == trigger.network
    for name, value in trigger.inputs.items():
        assert np.array_equal(request.problem.inputs[name], value)


def test_values_may_be_written_as_numbers() -> None:
    line = (b'{"kind":"trace","id":1,"trace":{"loss":{"dtype":"float32","shape":[3],'
            b'"values":[1.5,"NaN","-Infinity"]}}}')  # fmt: skip
    reply = protocol.decode_reply(line, Run(1, "gradients", None))  # type: ignore[arg-type]
    assert isinstance(reply, Computed)
    assert reply.trace["loss"].dtype == np.float32
    assert np.array_equal(reply.trace["loss"], [1.5, np.nan, -np.inf], equal_nan=True)


@pytest.mark.parametrize(
    "array",
    [
        '{"dtype":"float64","shape":[-1],"values":[1]}',
        '{"dtype":"float64","shape":[1]}',
        '{"dtype":"float64","shape":[1],"data":"!!!!"}',
        '{"dtype":"float64","shape":[1],"data":"AAAA"}',
        '{"dtype":"complex128","shape":[1],"values":[1]}',
        '{"dtype":"float64","shape":[9223372036854775807,9223372036854775807],"values":[1]}',
        '{"dtype":"float64","shape":[99999999999999999999],"values":[1]}',
        "[1.5]",
        "null",
    ],
)
def test_an_array_that_is_none_is_garbled(array: str) -> None:
    line = f'{{"kind":"trace","id":1,"trace":{{"loss":{array}}}}}'.encode()
    with pytest.raises(Garbled):
        protocol.decode_reply(line, Run(1, "gradients", None))  # type: ignore[arg-type]


def test_another_version_of_the_protocol_is_refused() -> None:
    line = b'{"kind":"description","id":1,"protocol":2,"name":"mine","version":"1"}'
    with pytest.raises(Garbled, match="speaks protocol 2"):
        protocol.decode_reply(line, Describe(1, 1))


# ---------------------------------------------------------------- whatever comes
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=5)
    | st.sampled_from(["float64", "float16", "NaN", "AAAA", "run", "trace", "values", 10**400, -(2**63), 1e308]),
    lambda inner: st.lists(inner, max_size=3)
    | st.dictionaries(st.sampled_from(["shape", "values", "data", "dtype", "id", "kind", "x"]), inner, max_size=3),
    max_leaves=6,
)  # fmt: skip
MESSAGES: list[dict[str, Any]] = [
    {"kind": "description", "id": 1, "protocol": 1, "name": "mine", "version": "1", "flags": {"threads": "1"},
     "precisions": ["float64"], "tensors": ["*"], "operations": ["*"]},
    {"kind": "trace", "id": 1, "seconds": 0.5, "lacking": ["state.*"], "trace": {
        "loss": {"dtype": "float64", "shape": [], "values": [0.5]},
        "x": {"dtype": "int64", "shape": [2, 1], "data": "AAAAAAAAAAABAAAAAAAAAA=="}}},
    {"kind": "unsupported", "id": 1, "reason": "no convolutions"},
    {"kind": "error", "id": 1, "reason": "no", "details": "because"},
    {"kind": "describe", "id": 1, "protocol": 1},
    {"kind": "stop", "id": 1},
]  # fmt: skip


def places(value: Any, before: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    entries = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [before] * bool(before) + [place for key, inner in entries for place in places(inner, (*before, key))]


@st.composite
def changed(draw: st.DrawFn, messages: list[dict[str, Any]]) -> bytes:
    """A valid message with something else in one place, and perhaps some bytes of it lost, doubled or put in."""
    message: Any = copy.deepcopy(draw(st.sampled_from(messages)))
    *path, last = draw(st.sampled_from(places(message)))
    inner = message
    for part in path:
        inner = inner[part]
    inner[last] = draw(JSON)
    line = json.dumps(message).encode()
    if draw(st.booleans()):
        start, end = (draw(st.integers(0, len(line))) for _ in range(2))
        line = line[:start] + draw(st.binary(max_size=4)) + line[end:]
    return line


def read(line: bytes) -> None:
    """Every reader either reads it or says why not, in one line; and whoever validates says so without a fault."""
    problem = example()
    for asked in (Describe(1, 1), Run(1, "gradients", problem)):
        wrong = schema.violation(line, asked)
        assert wrong == "" or wrong.startswith("not valid: $")
        try:
            reply = protocol.decode_reply(line, asked)
        except Garbled:
            continue
        if isinstance(reply, Described):
            protocol.encode(reply)
        else:
            protocol.encode(protocol.reply_to(1, protocol.answer_of(reply)))
    with contextlib.suppress(Garbled):
        assert isinstance(protocol.decode_request(line), Describe | Run | Stop)


@functools.cache
def example() -> Problem:
    (case,) = from_table(tomllib.loads(CASE), Path("case.toml"), "example")
    return case.problem("float64")


@given(st.one_of(st.binary(), st.text().map(str.encode), JSON.map(lambda value: json.dumps(value).encode())))
@hypothesis.example(b"[" * 100_000)
@hypothesis.example(b'{"a":' * 100_000)
def test_no_line_breaks_the_reader(line: bytes) -> None:
    with pytest.raises(Garbled):
        protocol.decode_reply(line, Describe(1, 1))
    read(line)


@settings(max_examples=500, deadline=None)
@given(changed(MESSAGES))
@hypothesis.example(json.dumps(MESSAGES[1]).replace("[0.5]", f"[{10**400}]").encode())
def test_no_changed_message_breaks_the_reader(line: bytes) -> None:
    read(line)


@settings(max_examples=200, deadline=None)
@given(st.deferred(lambda: changed([json.loads(protocol.encode(Run(1, "gradients", example())))])))
def test_no_changed_problem_breaks_the_reader(line: bytes) -> None:
    read(line)
