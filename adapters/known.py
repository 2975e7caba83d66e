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
"""

import fnmatch
import tomllib
from collections.abc import Iterable
from pathlib import Path

import msgspec


class Known(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One entry."""

    case: str
    tensor: str
    reason: str
    precision: str = "*"
    bug: bool = False  # wrong by any amount, infinite and undefined included
    link: str = ""
    reproduction: str = ""  # a few lines that show it, where nobody has reported it yet

    def __post_init__(self) -> None:
        """Raises ValueError for an entry that nobody can verify."""
        if not self.link and not self.reproduction:
            raise ValueError(f"known difference {self.case} {self.tensor}: give a link or a reproduction")


class File(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The file."""

    known: list[Known] = []


class KnownDifferences:
    """The entries of one implementation, and which of them have been met."""

    def __init__(self, source: str, entries: Iterable[Known]) -> None:
        self.entries = {f"{source}#{number}": entry for number, entry in enumerate(entries, start=1)}
        self._met: set[str] = set()

    def match(self, case: str, precision: str, tensor: str, *, digits: bool = True) -> Known | None:
        """The first entry that excuses this tensor; from now on it counts as met. digits: only digits are lost."""
        for name, entry in self.entries.items():
            excuses = (digits or entry.bug) and fnmatch.fnmatchcase(tensor, entry.tensor)
            if excuses and _covers(entry, case, precision):
                self._met.add(name)
                return entry
        return None

    def unmet(self, asked: Iterable[tuple[str, str]] | None = None) -> list[str]:
        """The ids of entries that matched nothing; only of those for the (case, precision) pairs asked, if given."""
        left = [name for name in self.entries if name not in self._met]
        if asked is None:
            return left
        pairs = list(asked)
        return [name for name in left if any(_covers(self.entries[name], *pair) for pair in pairs)]


NONE = KnownDifferences("nothing", [])
"""Of an implementation from elsewhere, nothing is known beforehand."""


def read(path: Path) -> KnownDifferences:
    """The known differences of a file.

    Raises ValueError, naming the file and the place, if it is not one.
    """
    try:
        file = msgspec.convert(tomllib.loads(path.read_text(encoding="utf-8")), File)
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, msgspec.ValidationError) as error:
        raise ValueError(f"{path}: {error}") from None
    return KnownDifferences(path.name, file.known)


def shipped(implementation: str) -> KnownDifferences:
    """The known differences that ship with a built-in adapter."""
    path = Path(__file__).with_name(f"{implementation}.known.toml")
    return read(path) if path.is_file() else NONE


def _covers(entry: Known, case: str, precision: str) -> bool:
    return fnmatch.fnmatchcase(case, entry.case) and fnmatch.fnmatchcase(precision, entry.precision)
