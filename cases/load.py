"""Find case files, and name and hash what is in them."""

import fnmatch
import hashlib
import json
import tomllib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from . import kept, matrices
from .format import CaseError, CaseFile, convert

if TYPE_CHECKING:
    from .problem import Problem

CATALOGUE = Path(__file__).parent / "catalogue"
HASH_VERSION = b"1"  # counts up when the streams, or what a key means, should ever have to change


@dataclass(frozen=True)
class Case:
    """One fully specified computation."""

    name: str  # of the file, with the matrix's choices: "basics/cross_entropy:reduction=mean"
    path: Path
    file: CaseFile

    @property
    def stem(self) -> str:
        """The name without the matrix's choices: it names the random streams, so that choices share their data."""
        return self.name.split(":")[0]

    @property
    def group(self) -> str:
        """The folder: "seed", "basics/losses" …"""
        return self.stem.rpartition("/")[0]

    @cached_property
    def hash(self) -> str:
        """SHA-256 of everything that decides the case's numbers, files beside it included."""
        digest = hashlib.sha256(HASH_VERSION)
        decisive = {key: getattr(self.file, key) for key in _DECISIVE}
        decisive |= {"penalties": self.file.penalties} if self.file.penalties else {}
        order = list(self.file.inputs)  # it decides what the first layer takes, and the sorted keys below lose it
        digest.update(json.dumps([self.stem, order, decisive], sort_keys=True, default=_plain).encode())
        for name in sorted(_files(_plain(self.file))):
            try:
                digest.update((self.path.parent / name).read_bytes())
            except (OSError, ValueError):
                raise CaseError(f"{self.name}: there is no file {name!r} beside the case") from None
        return digest.hexdigest()

    @cached_property
    def operations(self) -> tuple[str, ...]:
        """The names of the operations that it uses."""
        rule = self.file.optimizer or {}
        around = [rule.get(key) or {} for key in ("schedule", "clip", "average")]
        heads = [*self.file.network, self.file.loss or {}, *self.file.penalties, rule, *around]
        return tuple(sorted({str(head["op"]) for head in heads if "op" in head}))

    def problem(self, precision: str) -> "Problem":
        """Every number drawn, and rounded to this precision.

        Raises CaseError, naming the place and the way out.
        """
        from .build import build  # and with it NumPy, which naming cases does not need

        return build(self.name, self.stem, self.path, self.file, precision)


_DECISIVE = (
    "seed", "inputs", "network", "parameters", "loss", "upstream", "optimizer", "gradients", "training",
    "exact", "nonfinite",
)  # fmt: skip


def _plain(value: Any) -> Any:
    """A table as a dict, and what JSON does not know in its own words, for hashing."""
    if isinstance(value, msgspec.Struct):
        return {name: getattr(value, name) for name in value.__struct_fields__}
    return str(value)


def _files(raw: Any) -> set[str]:
    """The names of the files that a case's tables refer to."""
    if isinstance(raw, dict):
        own = {raw["file"]} if isinstance(raw.get("file"), str) and "array" in raw else set()
        return own.union(*(_files(value) for value in raw.values()))
    if isinstance(raw, list):
        return set().union(*(_files(value) for value in raw))
    return set()


def catalogue() -> list[Case]:
    """Every case that ships, by name.

    Raises CaseError for a file that cannot be read as a case.
    """

    def read() -> list[kept.Entry]:
        cases = read_folder(CATALOGUE)
        return [kept.Entry(case.name, case.path.relative_to(CATALOGUE).as_posix(), case.file) for case in cases]

    return [Case(entry.name, CATALOGUE / entry.path, entry.file) for entry in kept.entries(CATALOGUE, read)]


def catalogue_hash(cases: Iterable[Case]) -> str:
    """SHA-256 of the cases' names and hashes."""
    lines = sorted(f"{case.name} {case.hash}" for case in cases)
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()


def load(patterns: str | Path | Iterable[str | Path] = ()) -> list[Case]:
    """The cases that match: globs over the catalogue's names, or paths of case files and folders of one's own.

    A glob without wildcard also selects what lies below it ("basics") and its matrix ("basics/sgd"); behind the path of
    a file, one choice of its matrix ("my.toml:reduction=mean"). Nothing given: the whole catalogue.

    Raises CaseError for a file that cannot be read as a case.
    """
    patterns = [patterns] if isinstance(patterns, str | Path) else list(patterns)
    if not patterns:
        return catalogue()
    found: dict[str, Case] = {}
    shipped: list[Case] | None = None
    for pattern in patterns:
        file, chosen, choice = str(pattern).partition(".toml:")
        path = Path(f"{file}.toml" if chosen else pattern)
        if path.suffix == ".toml":
            cases: Iterable[Case] = [
                c for c in read_file(path, path.stem) if c.name == f"{path.stem}:{choice}" or not chosen
            ]
        elif path.is_dir() and any(path.rglob("*.toml")):
            cases = read_folder(path)
        else:
            shipped = shipped or catalogue()
            cases = [case for case in shipped if matches(case.name, str(pattern))]
        for case in cases:
            other = found.setdefault(case.name, case)
            if other.path.resolve() != case.path.resolve():
                raise CaseError(f"{case.name}: two files have this name: {other.path} and {case.path}")
    return list(found.values())


def matches(name: str, pattern: str) -> bool:
    """Whether a case's name is selected by a glob, a folder, or a file's name without its matrix."""
    return fnmatch.fnmatchcase(name, pattern) or name.startswith((f"{pattern}/", f"{pattern}:"))


def read_folder(folder: Path) -> Iterator[Case]:
    """Every case of every file below a folder, in the order of their names."""
    for path in sorted(folder.rglob("*.toml")):
        yield from read_file(path, path.relative_to(folder).with_suffix("").as_posix())


def read_file(path: Path, stem: str) -> list[Case]:
    """The cases of one file: one, or one for each combination of its matrix."""
    try:
        raw = tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except FileNotFoundError:
        raise CaseError(f"{stem}: there is no file {path}") from None
    except OSError as error:
        raise CaseError(f"{stem}: {path} cannot be read: {error.strerror}") from None
    except (ValueError, RecursionError) as error:  # tomllib lets some of int()'s and of the stack's own through
        raise CaseError(f"{stem}: {path} is not TOML: {error}") from None
    return from_table(raw, path, stem)


def from_table(raw: dict[str, Any], path: Path, stem: str) -> list[Case]:
    """The cases of a file's table. Arrays in files of their own are looked for beside `path`."""
    matrix = raw.get("matrix", {})
    if not isinstance(matrix, dict):
        raise CaseError(f"{stem}: [matrix] must be a table")
    rest = {key: value for key, value in raw.items() if key != "matrix"}
    cases = []
    for suffix, expanded in matrices.expand(rest, matrix, stem):
        name = f"{stem}:{suffix}" if suffix else stem
        file = convert(expanded, CaseFile, name)
        if not file.precisions:
            raise CaseError(f"{name}: precisions = [] leaves nothing to compute; leave it out for the usual ones")
        cases.append(Case(name, path, file))
    if len({case.name for case in cases}) < len(cases):
        raise CaseError(f"{stem}: two combinations of [matrix] have the same name")
    return cases
