"""First contact: start a program, ask it a few tiny cases, show every line to and fro, and say what to do next."""

import json
import shlex
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

from rich.console import Console
from rich.text import Text

from .adapters.base import Answer, Asked, Broke, Description, Refused
from .adapters.schema import PATH as SCHEMA
from .adapters.session import ProcessSession
from .cases import Case, Check, load
from .reports import cache, judge
from .reports.record import DIFFERS, Row
from .reports.words import clean, count, element, line

TIMEOUT, START_LIMIT = 20.0, 60.0  # seconds: whoever waits longer here has a program that does not answer
LONGEST = 1200  # characters of a line that is shown
STDERR = 20  # lines of it that are shown


class Step(NamedTuple):
    """One question."""

    title: str
    case: str
    check: Check
    precision: str


STEPS = (
    Step("A linear layer and a loss", "basics/losses/mean_squared_error:reduction=mean,upstream=1.0",
         "gradients", "float64"),
    Step("An activation", "basics/activations/tanh:scale=0.5", "gradients", "float64"),
    Step("Steps of an optimizer", "basics/optimizers/sgd:momentum=0.0,weight_decay=0.0", "updates", "float64"),
    Step("Single precision", "basics/losses/mean_squared_error:reduction=mean,upstream=1.0", "gradients", "float32"),
)  # fmt: skip
ADVICE = {  # words of a reason -> what to do; the first that fits
    "cannot be started": "Is the path right, and the file executable? The same words must work in your shell.",
    "after the answer": "One line for each request, and nothing else on stdout; then wait for the next line on stdin.",
    "the process ended": "It must read line after line, and end only when told to stop or when stdin is closed.",
    "no answer within": "Does it answer each line as it comes, without waiting for the end of stdin? Does it flush "
    "stdout after each answer?",
    "not JSON": "Did it print something else to stdout? Only replies belong there, one JSON object a line; whatever "
    "else there is to say belongs on stderr.",
    "when asked question": "A reply repeats the id of its request.",
    "answered a ": 'A "describe" is answered by a "description"; a "run" by a "trace", "unsupported" or "error".',
    "speaks protocol": 'Say "protocol": 1 in the description.',
    "longer than": "A reply is one line, and ends with a newline.",
    "nobody asked for": "A trace holds the tensors of the case, named after its layers and parameters.",
    "not valid": f"The reply above has something else in that place than the protocol's schema: {SCHEMA}",
}
MISSING = 'What it never gives it can say in its description: "tensors": ["loss", "gradient.*.*"], or so.'
OWN = "That is what your program itself answered."


def smoke(
    command: Sequence[str],
    console: Console,
    timeout: float = TIMEOUT,
    start_limit: float = START_LIMIT,
    called: str = "",
) -> bool:
    """Have a command answer a few tiny cases, step by step. Stops where it goes wrong; says how to go on.

    called: how its user named it to the command line, if not as "-- CMD ARGS".

    Whether every answer was valid, and none differs from the reference.
    """
    session = ProcessSession(command, Path(command[0]).name, timeout, start_limit)
    session.validate = True
    talk = _Talk(console, session, called or f"-- {shlex.join(command)}")
    try:
        return talk.all()
    finally:
        session.close()


class _Talk:
    """What has been asked so far, and what came of it."""

    def __init__(self, console: Console, session: ProcessSession, called: str) -> None:
        self.console, self.session, self.called = console, session, called
        self.lines: list[bytes] = []
        session.overhear = self.lines.append
        self.works: list[str] = []
        self.declined: list[str] = []
        self.differs: list[str] = []

    def all(self) -> bool:
        """Every step, and the last line."""
        self.say(f"starting: {shlex.join(self.session.command)}", style="bold")
        described = self.session.describe()
        self._title(1, "Who are you?")
        self._show("describe")
        if isinstance(described, Broke):
            return self._stop(described)
        self.say(f"   ✓ valid: it is called {line(described.name, 80)}, version {line(described.version, 80)}", "green")
        for i, step in enumerate(STEPS, 2):
            (case,) = load(step.case)
            self._title(i, f"{step.title}: {step.check} of {case.name} in {step.precision}")
            self.say(f"   {case.file.question}")
            answer = self._ask(case, step)
            if isinstance(answer, Broke):
                return self._stop(answer)
            self._judge(case, step, described, answer)
        return self._end()

    def _ask(self, case: Case, step: Step) -> Answer:
        self.lines.clear()
        answer = self.session.ask(case.problem(step.precision), step.check)
        self._show("run")
        return answer

    def _judge(self, case: Case, step: Step, described: Description, answer: Answer) -> None:
        """Say what a valid answer is worth."""
        title = step.title.lower()
        if isinstance(answer, Refused):
            self.say(f"   – unsupported: {line(answer.reason, LONGEST)}", "yellow")
            self.declined.append(title)
            return
        asked = Asked(case.name, step.precision, step.check, answer)
        expectation = cache.expectation(case, step.precision)
        rows = list(judge.judge(line(described.name), asked, expectation, offered=described.tensors))
        wrong = [row for row in rows if row.verdict in DIFFERS]
        if wrong:
            self.say(f"   ✗ valid, but {len(wrong)} of {count(len(rows), 'tensor')} differ:", "red")
            for row in wrong:
                self.say(f"     {_sentence(row)}", "red")
            if any(row.verdict == "missing" for row in wrong):
                self.say(f"     {MISSING}")
            self.differs.append(title)
        else:
            given = sum(row.verdict != "unsupported" for row in rows)
            self.say(f"   ✓ valid, and all {count(given, 'tensor')} agree with the reference", "green")
            self.works.append(title)

    def _title(self, number: int, title: str) -> None:
        self.say(f"\n{number}. {title}", style="bold")

    def _show(self, kind: str) -> None:
        """The last request of a kind, and the line that came back."""
        opening = f'{{"kind":"{kind}"'.encode()
        at = max((i for i, sent in enumerate(self.lines[:2] if kind == "describe" else self.lines)
                  if sent.startswith(opening)), default=None)  # fmt: skip
        if at is None:
            return
        self.say(f"   → {_abridged(self.lines[at])}", "dim")
        for reply in self.lines[at + 1 : at + 2]:
            self.say(f"   ← {_abridged(reply)}", "dim")

    def _stop(self, broke: Broke) -> bool:
        """Say what went wrong and what to do, and end."""
        self.say(f"   ✗ {line(broke.reason, LONGEST)}", "red")
        self.say(f"     {next((advice for words, advice in ADVICE.items() if words in broke.reason), OWN)}")
        if details := clean(broke.details).rstrip().splitlines()[-STDERR:]:
            self.say("     Its last words:")
            for words in details:
                self.say(f"       {words[:LONGEST]}", "dim")
        works = f"So far works: {', '.join(self.works)}. " if self.works else ""
        self.say(f"\n{works}Mend this, then again: backproof smoke {self.called}", style="bold")
        return False

    def _end(self) -> bool:
        said = (("works", self.works), ("differs", self.differs), ("unsupported", self.declined))
        parts = [f"{word}: {', '.join(titles)}" for word, titles in said if titles]
        parts = ["It speaks the protocol", *parts, f"next: backproof check {self.called}"]
        self.say(f"\n{'; '.join(parts)}", style="bold")
        return not self.differs

    def say(self, text: str, style: str = "") -> None:
        """A line, as it is."""
        self.console.print(Text(clean(text), style), soft_wrap=True)


def _sentence(row: Row) -> str:
    return line("; ".join(filter(None, (f"{row.tensor}: {row.verdict}", element(row), row.reason))), LONGEST)


def _abridged(sent: bytes) -> str:
    """A line of the protocol with its long parts cut short."""
    try:
        return line(json.dumps(_cut(json.loads(sent)), ensure_ascii=False), LONGEST)
    except (ValueError, RecursionError):
        return line(sent[:LONGEST].decode(errors="replace"), LONGEST)


def _cut(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _cut(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [*map(_cut, value[:4]), "…"] if len(value) > 4 else [_cut(inner) for inner in value]
    return f"{value[:12]}…" if isinstance(value, str) and len(value) > 80 else value
