"""First contact: each mistake of a newcomer is named, with what to do next; who makes none is sent on to check."""

import io
import sys
from pathlib import Path

import pytest
from rich.console import Console

from backproof.adapters.implementation import implementation
from backproof.smoke import ADVICE, OWN, smoke

DESCRIBED = '{"kind": "description", "id": r["id"], "protocol": 1, "name": "mine", "version": "1"}'
LOOP = """
import json, os, sys, time
def say(value): print(json.dumps(value) if not isinstance(value, str) else value, flush=True)
for line in sys.stdin:
    r = json.loads(line)
    if r["kind"] == "describe":
        {described}
    elif r["kind"] == "run":
        {ran}
    else:
        break
"""


def shown(*command: str, **limits: float) -> tuple[bool, str]:
    page = io.StringIO()
    well = smoke(command, Console(file=page, width=200), **limits)
    return well, page.getvalue()


def program(folder: Path, described: str = f"say({DESCRIBED})", ran: str = "pass") -> tuple[str, str]:
    file = folder / "mine.py"
    file.write_text(LOOP.format(described=described, ran=ran))
    return sys.executable, str(file)


def test_a_right_program_is_sent_on() -> None:
    command = implementation("reference").command
    well, text = shown(*command)
    assert well
    assert text.count("✓ valid") == 5
    assert '→ {"kind": "describe", "id": 1, "protocol": 1}' in text
    assert '← {"kind": "trace", "id": 2, "trace": {"loss": {"dtype": "float64", "shape": []' in text
    last = text.splitlines()[-1]
    assert last.startswith("It speaks the protocol; works: a linear layer and a loss, an activation, steps of an opti")
    assert last.endswith(f"next: backproof check -- {' '.join(command)}")


@pytest.mark.parametrize(
    ("described", "ran", "reason", "advice"),
    [
        ("sys.exit('no module named mylib')", "", "the process ended: exit status 1", "the process ended"),
        ("say('loading the model')", "", "not JSON: 'loading the model'", "not JSON"),
        ("time.sleep(60)", "", "no answer within 3 s", "no answer within"),
        (f"say({DESCRIBED} | {{'id': 7}})", "", "answered question 7 when asked question 1", "when asked question"),
        (f"say({DESCRIBED} | {{'protocol': 2}})", "", "speaks protocol 2", "speaks protocol"),
        ("say({'kind': 'trace', 'id': r['id'], 'trace': {}})", "", "answered a 'describe'", "answered a "),
        ("say(r)", "", "not valid: $.kind", "not valid"),
        ("say({'kind': 'error', 'id': r['id'], 'reason': 'no licence'})", "", "no licence", OWN),
        (None, "say({'kind': 'error', 'id': r['id'], 'reason': 'no such kernel'})", "no such kernel", OWN),
        (None, "os._exit(3)", "the process ended: exit status 3", "the process ended"),
        (None, "say({'kind': 'trace', 'id': r['id'], 'trace': {'gradient.y': 1}})",
         "$.trace['gradient.y']: nobody asked for this tensor; did you mean 'gradient.x'?", "nobody asked for"),
        (None, "say({'kind': 'trace', 'id': r['id'], 'trace': {'loss': 1}})", "not valid: $.trace.loss", "not valid"),
        (None, "say({'kind': 'trace', 'id': r['id'], 'trace': {}}); say('done')", "not JSON: 'done'",
         "after the answer"),
    ],
)  # fmt: skip
def test_a_mistake_is_named_with_what_to_do(
    tmp_path: Path, described: str | None, ran: str, reason: str, advice: str
) -> None:
    command = program(tmp_path, described or f"say({DESCRIBED})", ran or "pass")
    well, text = shown(*command, timeout=3.0, start_limit=3.0)
    assert not well
    assert reason in text
    told = [words for words in (*ADVICE.values(), OWN) if words in text]
    assert told == [ADVICE.get(advice, advice)]
    assert "no module named mylib" in text or "mylib" not in (described or "")
    assert ("✓ valid: it is called mine, version 1" in text) == (described is None)
    assert text.splitlines()[-1] == f"Mend this, then again: backproof smoke -- {' '.join(command)}"


def test_it_is_called_as_its_user_called_it() -> None:
    page = io.StringIO()
    assert not smoke(("/no/such/program",), Console(file=page, width=200), called="--with mine")
    assert page.getvalue().splitlines()[-1] == "Mend this, then again: backproof smoke --with mine"


def test_what_is_not_there_cannot_be_started() -> None:
    well, text = shown("/no/such/program")
    assert not well
    assert ADVICE["cannot be started"] in text


def test_who_declines_everything_speaks_the_protocol_all_the_same(tmp_path: Path) -> None:
    well, text = shown(*program(tmp_path, ran="say({'kind': 'unsupported', 'id': r['id'], 'reason': 'not yet'})"))
    assert well
    assert text.count("– unsupported: not yet") == 4
    assert "works:" not in text


def test_wrong_numbers_are_shown_and_are_not_well(tmp_path: Path) -> None:
    file = tmp_path / "mine.py"
    file.write_text(
        "from backproof.adapters.reference import Reference\n"
        "class Mine(Reference):\n"
        "    def gradients(self, problem):\n"
        "        trace = super().gradients(problem)\n"
        "        trace.pop('output.prediction', None)\n"
        "        return {k: v * 2 if k == 'gradient.x' else v for k, v in trace.items()}\n"
    )
    well, text = shown(*implementation(f"{file}:Mine").command)
    assert not well
    assert "✗ valid, but 2 of 6 tensors differ:" in text
    assert "gradient.x: outside; [" in text
    assert '"tensors": ["loss"' in text
    assert "works: steps of an optimizer; differs: a linear layer and a loss, an activation, single prec" in text


def test_hostile_text_does_not_reach_the_terminal(tmp_path: Path) -> None:
    well, text = shown(*program(tmp_path, described="say('\\x1b[31m[red]'); sys.stderr.write('\\x1b[31m')"))
    assert not well
    assert "\x1b" not in text
    assert "[red]" in text
