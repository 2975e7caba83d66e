"""Answers that were written down: a file of lines, or a folder of such files, in the place of a process that is asked.

A line is a reply of the process protocol with case, precision and check in the place of its id; arrays are written as
`stored` has them. A line {"kind": "description", "name": ...} says whose answers they are. A line that is no answer
costs one row, or, if it does not say to what, a note; the rest is judged all the same.
"""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple, TypeAlias, get_args

import msgspec

from ..adapters import protocol, session
from ..adapters.base import Answer, Asked, Broke, Description
from ..adapters.protocol import Described, Reply
from ..cases.format import PrecisionName
from ..cases.problem import Check, Problem, encode_hook
from ..reference import Array
from .stored import convert, decode, within

ABSENT = "the results hold no answer"
SHOWN = 20  # notes; more are counted
LONGEST = 100  # characters of a name
Key: TypeAlias = tuple[str, str, str]
"""Case, precision and check."""


class _Head(msgspec.Struct):
    """What a line says it is."""

    kind: str
    case: str = ""
    precision: str = ""
    check: str = ""


class _Line(NamedTuple):
    file: Path
    number: int
    data: bytes

    def __str__(self) -> str:
        return f"{self.file.name}, line {self.number}"


@dataclass(frozen=True)
class Answers:
    """All that was found, by what it answers."""

    description: Description
    lines: dict[Key, list[_Line]]
    notes: list[str]  # what was found beside answers

    def describe(self) -> Description:
        """Whose answers these are."""
        return self.description

    def ask(self, problem: Problem, check: Check) -> Answer:
        """What was answered to one check. Never raises."""
        lines = self.lines.get((problem.case, problem.precision, check), [])
        if not lines:
            return session.refusal(self.description, problem, check) or Broke("error", ABSENT)
        if len(lines) > 1:
            return Broke("error", f"the results answer this {len(lines)} times: {'; '.join(map(str, lines[:SHOWN]))}")
        try:
            reply = _reply(lines[0])
        except ValueError as error:
            return Broke("error", str(error))
        assert not isinstance(reply, Described)  # those are not kept as answers
        return protocol.answer_of(reply)

    def close(self) -> None:
        """Nothing is open: what makes this a `Session` like that of a process."""


def read(path: Path, asked: Collection[Key]) -> Answers:
    """The answers of a file, or of the .jsonl files of a folder. What answers nothing that was asked becomes a note.

    Raises ValueError where there are no such files, or where they are the answers of two implementations.
    """
    described: dict[_Line, Description] = {}
    answers: dict[Key, list[_Line]] = {}
    notes: list[str] = []
    for line in _lines(path):
        try:
            head: _Head = decode(line.data, str(line), _Head)
            key = (head.case, head.precision, head.check)
            if head.kind == "description":
                described[line] = _description(line)
            elif head.kind not in ("trace", "unsupported", "error"):
                raise ValueError(f"{line}: a line of kind {head.kind!r:.40} is no answer")
            elif key not in asked:
                raise ValueError(f"{line}: answers {' '.join(key)!r:.200}, which the vectors do not ask")
            else:
                answers.setdefault(key, []).append(line)
        except ValueError as error:
            notes.append(str(error))
    if len(notes) > SHOWN:
        notes[SHOWN:] = [f"{path.name}: {len(notes) - SHOWN} more lines that are no answers"]
    return Answers(_one(described, path), answers, notes)


def line(asked: Asked) -> bytes:
    """An answer as a line."""
    reply = msgspec.to_builtins(protocol.reply_to(0, asked.answer), enc_hook=encode_hook)
    head = {"kind": reply.pop("kind"), "case": asked.case, "precision": asked.precision, "check": asked.check}
    del reply["id"]
    return msgspec.json.encode(head | reply) + b"\n"


def _lines(path: Path) -> Iterator[_Line]:
    if not path.exists():
        raise ValueError(f"there is no file or folder {path}")
    files = [within(path, file.name) for file in sorted(path.glob("*.jsonl"))] if path.is_dir() else [path]
    if not files:
        raise ValueError(f"{path}: there is no .jsonl file in it")
    for file in files:
        with file.open("rb") as opened:
            for number, data in enumerate(opened, start=1):
                if data := data.removeprefix(b"\xef\xbb\xbf").strip():  # some editors begin with such a mark
                    yield _Line(file, number, data)


def _reply(line: _Line) -> Reply:
    """A line as a reply. Raises ValueError, naming the line, and the tensor where it is one that is wrong."""
    raw = decode(line.data, str(line), dict[str, Any])
    trace, folder = raw.get("trace"), line.file.parent
    if isinstance(trace, dict):
        raw["trace"] = {name: convert(array, Array, f"{line}: {name!r:.80}", folder) for name, array in trace.items()}
    whole = {"version": "", **raw, "id": 0, "protocol": protocol.PROTOCOL}
    reply: Reply = convert(whole, Reply, str(line), folder)
    return reply


def _description(line: _Line) -> Description:
    reply = _reply(line)
    assert isinstance(reply, Described)  # it says so
    if not (reply.name.isprintable() and 0 < len(reply.name) <= LONGEST):
        raise ValueError(f"{line}: name must be one line of at most {LONGEST} characters")
    return reply.description()


def _one(described: dict[_Line, Description], path: Path) -> Description:
    """Whose answers these are: as they say, or by the name of the file."""
    if not described:
        return Description(path.stem, "", list(get_args(PrecisionName)))
    (first, one), *others = described.items()
    for line, other in others:
        if other != one:
            raise ValueError(f"{first} and {line} describe two implementations; have each judged by itself")
    return one
