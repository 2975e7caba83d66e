"""Differences of an implementation that are known beforehand, each with its reason and a link.

What they excuse is that digits are lost, up to all of them: the judge holds every error under the tensor's largest
value. Beyond that, such as an overflow to infinity, an entry excuses only if it calls itself a bug.

They belong to the implementation, in `<name>.known.toml` beside its adapter:

    [[known]]
    case = "activations/sigmoid*"      # glob over case names
    tensor = "gradient.x"              # glob over tensor names
    precision = "float64"              # glob; "*" if not given
    reason = "1 - y from the rounded y: nothing is left of it beyond 37"
    bug = true                         # the whole tensor is wrong, not only its digits; false if not given
    link = "https://…"                 # or reproduction = "…", a few lines that show it

Whoever brings an implementation of his own may bring such a file too: `--expect FILE`. Its entries excuse whatever
differs, by any amount, since it is their own implementation of which they speak; a reason is all they need.
"""

import fnmatch
import tomllib
from collections.abc import Collection, Iterable
from pathlib import Path

import msgspec


class Known(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One entry."""

    case: str
    reason: str
    tensor: str = "*"
    precision: str = "*"
    bug: bool = False  # wrong by any amount, infinite and undefined included
    link: str = ""
    reproduction: str = ""  # a few lines that show it, where nobody has reported it yet

    @property
    def verifiable(self) -> bool:
        """Whether somebody else can see that it is so."""
        return bool(self.link or self.reproduction)


class File(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The file."""

    known: list[Known] = []


class KnownDifferences:
    """The entries of one implementation, and which of them have been met.

    anything: they excuse any difference, of shapes and types too, not only lost digits and bugs.
    """

    def __init__(self, source: str, entries: Iterable[Known], anything: bool = False) -> None:
        self.anything = anything
        self.entries = {f"{source}#{number}": entry for number, entry in enumerate(entries, start=1)}
        self._met: set[str] = set()

    def match(self, case: str, precision: str, tensor: str, *, digits: bool = True) -> Known | None:
        """The first entry that excuses this tensor; from now on it counts as met. digits: only digits are lost."""
        for name, entry in self.entries.items():
            excuses = (digits or entry.bug or self.anything) and fnmatch.fnmatchcase(tensor, entry.tensor)
            if excuses and _covers(entry, case, precision):
                self._met.add(name)
                return entry
        return None

    def unmet(self, asked: Collection[tuple[str, str]], there: Collection[tuple[str, str]] = ()) -> dict[str, bool]:
        """The ids of entries that did not show, and whether each matches any case at all.

        asked: the (case, precision) pairs that were asked; there: all that there are. An entry that covers more than
        was asked may show elsewhere, and is left out.
        """
        found = {}
        for name, entry in self.entries.items():
            covered = {pair for pair in {*asked, *there} if _covers(entry, *pair)}
            if name not in self._met and covered <= set(asked):
                found[name] = bool(covered)
        return found


NONE = KnownDifferences("nothing", [])
"""Of an implementation from elsewhere, nothing is known beforehand."""


def read(path: Path, *, anything: bool = False) -> KnownDifferences:
    """The known differences of a file.

    Raises ValueError, naming the file and the place, if it is not one, or has an entry that nobody can verify; of one's
    own implementation (anything) a reason will do.
    """
    try:
        file = msgspec.convert(tomllib.loads(path.read_text(encoding="utf-8")), File)
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, msgspec.ValidationError) as error:
        raise ValueError(f"{path}: {error}") from None
    for entry in file.known:
        if not entry.reason or not (anything or entry.verifiable):
            lacks = "a link or a reproduction" if entry.reason else "a reason"
            raise ValueError(f"{path}: known difference {entry.case} {entry.tensor}: give {lacks}")
    return KnownDifferences(path.name, file.known, anything)


def shipped(implementation: str) -> KnownDifferences:
    """The known differences that ship with a built-in adapter."""
    path = Path(__file__).with_name(f"{implementation}.known.toml")
    return read(path) if path.is_file() else NONE


def _covers(entry: Known, case: str, precision: str) -> bool:
    return fnmatch.fnmatchcase(case, entry.case) and fnmatch.fnmatchcase(precision, entry.precision)
