"""How verdicts and numbers are written in every rendering: a glyph and a word, never a colour alone."""

import math
import re
from collections.abc import Iterator
from typing import Any, get_args

from .record import AGREES, BROKE, DIFFERS, CheckName, Row, Verdict

VERDICTS: tuple[Verdict, ...] = get_args(Verdict)
CHECKS: tuple[CheckName, ...] = get_args(CheckName)
RANK = {verdict: rank for rank, verdict in enumerate(VERDICTS)}  # the record lists them best first
GLYPHS = {"exact": "=", "within": "✓", "inconclusive": "?", "known": "≠", "unsupported": "–"}
CERTIFIED_ULP = 0.25
FEW = 4  # numbers of a tensor on one line

# C0 and C1 controls but newline, and what turns the direction of text: fit for neither terminal, XML nor page.
_UNPRINTABLE = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufffe\uffff]")
_NUMBER = re.compile("[-+]?(inf|nan)", re.IGNORECASE)


def glyph(verdict: str) -> str:
    """One character for a verdict; ✗ for each that differs, ! for each that broke."""
    return GLYPHS.get(verdict, "✗" if verdict in DIFFERS else "!")


def state(verdict: str) -> str:
    """The verdict's class: agrees, unsure, known, unsupported, differs or broke."""
    if verdict == "inconclusive":
        return "unsure"
    if verdict in AGREES:
        return "agrees"
    return "differs" if verdict in DIFFERS else "broke" if verdict in BROKE else verdict


def clean(text: str, limit: int = 0) -> str:
    """Text without control characters; longer than the limit, it is cut, and says by how much."""
    text = _UNPRINTABLE.sub("\ufffd", text.replace("\t", "    ").replace("\r\n", "\n"))
    if limit and len(text) > limit:
        return f"{text[:limit]} … ({len(text) - limit:,} more characters)"
    return text


def line(text: str, limit: int = 0) -> str:
    """Text cleaned and brought on one line."""
    return clean(" ".join(text.split()), limit)


def number(value: float | str | None) -> str:
    """A number with all its digits."""
    if value is None:
        return ""
    if isinstance(value, str):
        return value.lower() if _NUMBER.fullmatch(value) else line(value, 40)
    return repr(float(value))


def numbers(values: Any) -> str:
    """A small tensor's numbers on one line, the first few if there are many."""
    flat = list(_flat(values))
    few = " ".join(number(v) for v in flat[:FEW])
    return f"{few} …" if len(flat) > FEW else few


def _flat(values: Any) -> Iterator[Any]:
    if isinstance(values, list):
        for value in values:
            yield from _flat(value)
    else:
        yield values


def short(value: float | None) -> str:
    """A number to two digits, where only its size matters."""
    if value is None:
        return ""
    if value != value or math.isinf(value):
        return "∞" if value == math.inf else str(value)
    return f"{value:.2g}"


def index(place: list[int] | None) -> str:
    """An element's place in its tensor."""
    return "" if not place else f"[{', '.join(map(str, place))}]"


def element(row: Row) -> str:
    """The worst element of a tensor, in words."""
    if row.expected is None and row.actual is None:
        return ""
    place = f"{index(row.index)}: " if row.index else ""
    return f"{place}expected {number(row.expected)}, got {number(row.actual)}"


def margin(row: Row) -> float | None:
    """The row's margin; infinite where no error at all is tolerated, which JSON cannot say."""
    if row.margin is None and row.tolerance == 0 and row.error:
        return math.inf
    return row.margin


def count(n: int, word: str) -> str:
    """3 cases, 1 case, 12,000 cases."""
    return f"{n:,} {word}{'' if n == 1 else 's'}"
