"""The record as Markdown, small enough for a CI summary."""

import re
from collections.abc import Iterable, Sequence
from html import escape

from .findings import broken, certificates, claims, differences, reasons, told
from .record import Record
from .sentence import claims_sentence, notice, passed, remarks, sentence
from .tables import Cell, summary
from .words import count, element, glyph, line, margin, short

SHOWN = 40  # lines of each list
_MARKS = re.compile(r"[|`*\\\[\]~#]|(?<!\w)_|_(?!\w)|(?<=\w)@|@(?=\w)")


def render(record: Record) -> str:
    """Verdict, differences and errors, matrix, claims, known differences, what is unsupported."""
    parts = [
        "# backproof",
        *_verdict(record),
        *_diagnosed(record),
        *_different(record),
        *_broken(record),
        _remarks(record),
        *_matrix(record),
    ]
    parts += [*_claims(record), *_reasons(record), _certified(record)]
    return "\n\n".join(filter(None, parts)) + "\n"


def text(value: object, limit: int = 300) -> str:
    """Any text as one line of Markdown that means only itself."""
    quoted = escape(line(str(value), limit), quote=False)
    return _MARKS.sub(lambda mark: "".join(f"&#{ord(letter)};" for letter in mark.group()), quoted)


def table(head: Sequence[str], lines: Iterable[Sequence[object]]) -> str:
    """A table; every cell is quoted, and past SHOWN lines it says how many more there are."""
    body = [f"| {' | '.join(text(cell) for cell in cells)} |" for cells in lines]
    more = f"\n\n… and {len(body) - SHOWN:,} more." if len(body) > SHOWN else ""
    rule = f"|{' --- |' * len(head)}"
    return "\n".join([f"| {' | '.join(text(cell) for cell in head)} |", rule, *body[:SHOWN]]) + more


def _verdict(record: Record) -> list[str]:
    warning = f"> **{text(notice(record))}**" if notice(record) else ""
    mark = "✓" if passed(record) else "✗"
    return [warning, f"**{mark} {text(sentence(record), 0)}** {text(claims_sentence(record))}".strip()]


def _different(record: Record) -> list[str]:
    found = differences(record)
    head = (
        "case",
        "precision",
        "implementation",
        "tensor",
        "verdict",
        "worst element",
        "margin",
        "odd one out",
        "reason",
    )
    lines = [
        (r.case, r.precision, r.implementation, r.tensor or r.check, f"{glyph(r.verdict)} {r.verdict}",
         element(r), short(margin(r)), odd, r.reason)
        for r, odd in found
    ]  # fmt: skip
    return [f"## Differences ({len(found):,})", table(head, lines)] if found else []


def _diagnosed(record: Record) -> list[str]:
    parts = []
    for one in (told(diagnosis) for diagnosis in record.diagnoses[:SHOWN]):
        parts += [f"**{text(one.what)}**", "\n".join(f"- {text(more)}" for more in one.lines)]
    more = len(record.diagnoses) - SHOWN
    return (
        [f"## What went wrong ({len(record.diagnoses):,})", *parts, *([f"… and {more:,} more."] if more > 0 else [])]
        if parts
        else []
    )


def _broken(record: Record) -> list[str]:
    found = broken(record)
    lines = [(r.case, r.precision, r.implementation, r.check, f"! {r.verdict}", r.reason) for r in found]
    head = ("case", "precision", "implementation", "check", "verdict", "reason")
    return [f"## Errors ({len(found):,})", table(head, lines)] if found else []


def _remarks(record: Record) -> str:
    found = remarks(record)
    more = [f"… and {len(found) - SHOWN:,} more."] if len(found) > SHOWN else []
    return "\n".join(f"- {text(remark)}" for remark in (*found[:SHOWN], *more))


def _matrix(record: Record) -> list[str]:
    matrix = summary(record)
    head = ["group", *(": ".join(column) for column in matrix.columns)]
    lines = [
        [group or "(none)", *(cell.text if isinstance(cell, Cell) else "" for cell in cells)]
        for group, cells in matrix.iterrows()
    ]
    return ["## Matrix", table(head, lines), "Worst verdict and worst margin (error ÷ tolerance) of each group."]


def _claims(record: Record) -> list[str]:
    found = claims(record)
    lines = [(c.of, c.says, c.right, c.verdict, c.question) for c in found]
    head = ("source", "says", "true value", "verdict", "question")
    return ["## Claims", table(head, lines)] if found else []


def _reasons(record: Record) -> list[str]:
    parts = []
    for title, verdict in (("Known differences", "known"), ("Unsupported", "unsupported")):
        found = reasons(record, verdict)  # type: ignore[arg-type]
        lines = [(r.implementation, r.reason, r.link, f"{r.rows:,}", f"{len(r.cases):,}") for r in found]
        if found:
            parts += [f"## {title}", table(("implementation", "reason", "link", "rows", "cases"), lines)]
    return parts


def _certified(record: Record) -> str:
    found = certificates(record)
    if not found.tried:
        return ""
    digits = f", each element to at least {found.fewest_digits:.1f} digits" if found.fewest_digits else ""
    return (
        f"Expected values of {found.certified:,} of {count(found.cases, 'case')} (at each precision) certified{digits}."
    )
