"""Vectors: problems and what is expected of them, as a folder of files that any language reads, without Python.

    manifest.json                           what there is, and the SHA-256 of every other file
    README.md, vectors.schema.json          how to read it, and what to write
    problems/<case>.<precision>.json        what an implementation is given; no expected value is in it
    expected/<case>.<precision>.json        what its answers are held against

`stored.py` says how arrays are written, `answers.py` reads what comes back, `changes.py` says where two files differ.
Every file is there, listed, and what its hash says, or a ValueError says in one line what is wrong.

    python -m backproof.reports.vectors        writes the schema anew
"""

import hashlib
import inspect
import json
import shutil
import tempfile
import urllib.parse
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from importlib import metadata
from itertools import chain
from pathlib import Path, PurePosixPath
from typing import Any, TypeAlias, get_args

import msgspec
import numpy as np

from ..adapters import schema as protocol_schema
from ..cases import Case, CaseError, Problem, catalogue_hash
from ..cases.format import CaseFile, PrecisionName
from ..cases.problem import Check
from ..reference import Array
from . import cache, judge
from .changes import changes
from .expect import Expectation, Expected
from .record import Certificate
from .stored import StoredArray, convert, decode, plain, restored, text, within

FORMAT = 1
MANIFEST, README, SCHEMA = "manifest.json", "README.md", "vectors.schema.json"
PATH = Path(__file__).with_name(SCHEMA)
TEMPLATE = Path(__file__).parent / "templates" / "vectors.README.md"
Progress: TypeAlias = Callable[[int, int], None]
"""Is told how many problems are done, of how many."""
Pair: TypeAlias = tuple[Case, PrecisionName]


# ---------------------------------------------------------------- format
class Entry(msgspec.Struct, frozen=True):
    """A case at one precision."""

    case: str
    precision: PrecisionName
    checks: list[Check]
    operations: list[str]  # that it uses
    problem: str  # path below the folder
    expected: str  # likewise


class Manifest(msgspec.Struct, frozen=True):
    """What there is."""

    format: int
    backproof: str  # the version that wrote it
    catalogue: str  # SHA-256 over the cases
    count: int  # of entries
    entries: list[Entry]
    files: dict[str, str]  # path below the folder -> SHA-256


class Tensor(msgspec.Struct, frozen=True):
    """What is expected of one tensor: float64 arrays, whatever the precision under test."""

    value: Array
    tolerance: Array  # of each element: |answer - value| is at most this
    doubtful: bool  # whether the tolerance is so wide that agreement says little


class Origin(msgspec.Struct, frozen=True):
    """Of which case these are the expected values."""

    case: str
    precision: PrecisionName
    file: dict[str, Any]  # the case's own table, with the choices of its matrix made
    hash: str  # SHA-256 of all that decides the case's numbers


class ExpectedFile(Origin, frozen=True):
    """What is expected of a case at one precision."""

    certificate: Certificate | None  # None where balls could not enclose the values
    checks: dict[Check, dict[str, Tensor]]  # for each check, tensor name -> what is expected


# ---------------------------------------------------------------- writing
def export(cases: Iterable[Case], precisions: Sequence[str], folder: Path, progress: Progress | None = None) -> int:
    """Write the vectors of these cases, at these precisions or else their own, and say how many there are.

    Raises ValueError for a folder that holds anything else than an earlier export, and CaseError for a case that cannot
    be computed or is not well posed; the folder is then as it was.
    """
    _only_ours(folder)
    with tempfile.TemporaryDirectory() as made:
        for name, data in files(cases, precisions, progress):
            path = Path(made, name)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data)
        for old in folder.iterdir() if folder.exists() else ():
            shutil.rmtree(old) if old.is_dir() else old.unlink()
        shutil.copytree(made, folder, dirs_exist_ok=True)
    return _manifest(folder).count


def files(
    cases: Iterable[Case], precisions: Sequence[str] = (), progress: Progress | None = None
) -> Iterator[tuple[str, bytes]]:
    """Every file of an export, its path and content, the manifest last. The order of the cases does not matter."""
    return _files(_pairs(cases, precisions), progress)


def _pairs(cases: Iterable[Case], precisions: Sequence[str]) -> list[Pair]:
    """Every case with each of its precisions that is wanted."""
    pairs: list[Pair] = [
        (case, precision)
        for case in sorted(cases, key=lambda case: case.name)
        for precision in case.file.precisions
        if not precisions or precision in precisions
    ]
    if not pairs:
        raise ValueError("nothing to export: no case is asked in these precisions")
    return pairs


def _files(pairs: Sequence[Pair], progress: Progress | None) -> Iterator[tuple[str, bytes]]:
    """See `files`."""
    entries: list[Entry] = []
    sums: dict[str, str] = {}
    around = ((README, TEMPLATE.read_bytes()), (SCHEMA, PATH.read_bytes()))
    for name, data in chain(around, _problems(pairs, entries, progress)):
        sums[name] = hashlib.sha256(data).hexdigest()
        yield name, data
    catalogue = catalogue_hash({case.name: case for case, _ in pairs}.values())
    version = metadata.version("backproof")
    manifest = Manifest(FORMAT, version, catalogue, len(entries), entries, dict(sorted(sums.items())))
    yield MANIFEST, text(msgspec.to_builtins(manifest))


def _problems(pairs: Sequence[Pair], entries: list[Entry], progress: Progress | None) -> Iterator[tuple[str, bytes]]:
    """The files of every pair, each of which is entered in `entries`."""
    for done, (case, precision) in enumerate(pairs):
        if progress:
            progress(done, len(pairs))
        problem, found = case.problem(precision), cache.expectation(case, precision)
        if found.ill_posed:
            raise CaseError(found.ill_posed)
        checks = {check: {name: _tensor(expected) for name, expected in tensors.items()}
                  for check, tensors in found.checks.items()}  # fmt: skip
        table = msgspec.to_builtins(case.file)
        expected = ExpectedFile(case.name, precision, table, case.hash, found.certificate, checks)
        name = f"{file_name(case.name)}.{precision}.json"
        entry = Entry(case.name, precision, problem.checks, [*case.operations], f"problems/{name}", f"expected/{name}")
        entries.append(entry)
        yield from _written(entry.problem, problem)
        yield from _written(entry.expected, expected)


def _tensor(expected: Expected) -> Tensor:
    """As arrays, also where what was worked out just now is a number and what was kept is not."""
    return Tensor(np.asarray(expected.value), np.asarray(expected.tolerance), expected.doubtful)


def file_name(case: str) -> str:
    """The path of a case's files, without their ending. What a file system may refuse is percent-encoded."""
    parts = urllib.parse.quote(case, safe="/:=,").split("/")
    return "/".join(part.replace(".", "%2E") if part in (".", "..") else part for part in parts)


def _written(path: str, content: msgspec.Struct) -> Iterator[tuple[str, bytes]]:
    """A file, and the one beside it that its large arrays are in, if it has any."""
    large: dict[str, Array] = {}
    beside = PurePosixPath(path).with_suffix(".safetensors")
    yield path, text(plain(content, large, beside.name))
    if large:
        from safetensors.numpy import save

        yield str(beside), save(large)


def _present(folder: Path) -> list[str]:
    """All that lies below a folder and is no folder itself; a link is none."""
    paths = (path for path in folder.rglob("*") if path.is_symlink() or not path.is_dir())
    return sorted(path.relative_to(folder).as_posix() for path in paths)


def _only_ours(folder: Path) -> None:
    """Raises ValueError unless the folder is not there, empty, or an export with nothing else in it."""
    if folder.exists() and not folder.is_dir():
        raise ValueError(f"{folder} is no folder")
    if not folder.exists() or not any(folder.iterdir()):
        return
    try:
        ours = {MANIFEST, *_manifest(folder).files}
    except ValueError as error:
        raise ValueError(f"{folder} is not empty, and no earlier export ({error}); name another folder") from None
    if strangers := sorted({*_present(folder)} - ours):
        raise ValueError(f"{folder} holds {strangers[0]!r}, which no export wrote; move it, or name another folder")


# ---------------------------------------------------------------- reading
@dataclass(frozen=True)
class Vectors:
    """An export whose files are what its manifest says."""

    folder: Path
    manifest: Manifest

    def problem(self, entry: Entry) -> Problem:
        """One problem, as an implementation is given it. Raises ValueError for a file that holds another, or none."""
        problem: Problem = self._read(entry.problem, Problem)
        if (problem.case, problem.precision, problem.checks) != (entry.case, entry.precision, entry.checks):
            raise ValueError(f"{entry.problem}: holds another problem than {MANIFEST} says")
        return problem

    @cached_property
    def cases(self) -> list["VectorCase"]:
        """The cases, each with the precisions that there are. Raises ValueError for what does not belong together."""
        by_case: dict[str, dict[str, Entry]] = {}
        for entry in self.manifest.entries:
            by_case.setdefault(entry.case, {})[entry.precision] = entry
        cases = [self._case(name, entries) for name, entries in by_case.items()]
        if catalogue_hash(cases) != self.manifest.catalogue:
            raise ValueError(f"{MANIFEST}: catalogue is not the hash of its cases")
        return cases

    def expectation(self, case: Case, precision: str) -> Expectation:
        """What is expected of one of `cases`, as it stands in its file: nothing is computed."""
        assert isinstance(case, VectorCase)
        entry = case.entries[precision]
        stored: ExpectedFile = self._read(entry.expected, ExpectedFile)
        if list(stored.checks) != entry.checks:
            raise ValueError(f"{entry.expected}: has other checks than {MANIFEST} says")
        checks = {check: {name: _expected(tensor, f"{entry.expected}: {name}") for name, tensor in tensors.items()}
                  for check, tensors in stored.checks.items()}  # fmt: skip
        for tensors in checks.values():
            try:
                list(judge.claims("", case, {name: tensor.value for name, tensor in tensors.items()}, tensors))
            except (ArithmeticError, LookupError, TypeError, ValueError) as error:
                raise ValueError(f"{entry.expected}: no number to hold a claim against: {error}") from None
        return Expectation(checks, stored.certificate, "")

    def _case(self, name: str, entries: dict[str, Entry]) -> "VectorCase":
        origins: list[Origin] = [self._read(entry.expected, Origin) for entry in entries.values()]
        for origin, entry in zip(origins, entries.values(), strict=True):
            if (origin.case, origin.precision, origin.hash) != (name, entry.precision, origins[0].hash):
                raise ValueError(f"{entry.expected}: is about something else than {MANIFEST} says")
        file: CaseFile = convert(origins[0].file, CaseFile, entry.expected, self.folder)
        file = msgspec.structs.replace(file, precisions=list(entries))
        return VectorCase(name, self.folder, file, self, entries, origins[0].hash)

    def _read(self, name: str, kind: Any) -> Any:
        path = within(self.folder, name)
        return convert(restored(decode(path.read_bytes(), name)), kind, name, path.parent)


@dataclass(frozen=True)
class VectorCase(Case):
    """A case of an export: what it asks is read, not drawn."""

    vectors: Vectors
    entries: dict[str, Entry]  # by precision
    stored_hash: str

    @cached_property
    def hash(self) -> str:
        """As the export says: files beside the case are not there to be hashed."""
        return self.stored_hash

    @cached_property
    def operations(self) -> tuple[str, ...]:
        """As the manifest says."""
        return tuple(next(iter(self.entries.values())).operations)

    def problem(self, precision: str) -> Problem:
        """As it stands in its file. Raises ValueError where it is none."""
        return self.vectors.problem(self.entries[precision])


def read(folder: Path) -> Vectors:
    """An export, once every file is found to be there, listed, and what its hash says.

    Raises ValueError, naming the file, where one is not.
    """
    manifest = _manifest(folder)
    for name, digest in manifest.files.items():
        with within(folder, name).open("rb") as file:
            if hashlib.file_digest(file, "sha256").hexdigest() != digest:
                raise ValueError(f"{folder}: {name} has changed: its SHA-256 is not the one in {MANIFEST}")
    if strangers := sorted({*_present(folder)} - {MANIFEST, *manifest.files}):
        raise ValueError(f"{folder}: {strangers[0]!r} is not listed in {MANIFEST}; keep what is yours elsewhere")
    if manifest.count != len(manifest.entries):
        raise ValueError(f"{folder}: {MANIFEST} counts {manifest.count} entries, but there are {len(manifest.entries)}")
    seen: set[tuple[str, str]] = set()
    for entry in manifest.entries:
        if (entry.case, entry.precision) in seen:
            raise ValueError(f"{folder}: {MANIFEST} has {entry.case} in {entry.precision} twice")
        seen.add((entry.case, entry.precision))
        if absent := sorted({entry.problem, entry.expected} - {*manifest.files}):
            raise ValueError(f"{folder}: {absent[0]!r} of {entry.case} is not among the files of {MANIFEST}")
    return Vectors(folder, manifest)


def problems(folder: Path) -> Iterator[Problem]:
    """Every problem of an export, as an implementation is given it. Raises ValueError for what is none."""
    vectors = read(folder)
    return map(vectors.problem, vectors.manifest.entries)


def _manifest(folder: Path) -> Manifest:
    """The manifest by itself. Raises ValueError for one of another format, or none."""
    if not (folder / MANIFEST).exists():
        raise ValueError(f"{folder}: there is no {MANIFEST}; backproof export writes one")
    where = f"{folder}: {MANIFEST}"
    raw = decode(within(folder, MANIFEST).read_bytes(), where)
    if isinstance(raw, dict) and isinstance(written := raw.get("format"), int) and written != FORMAT:
        raise ValueError(f"{where}: format {written}; this version of backproof reads format {FORMAT}")
    manifest: Manifest = convert(raw, Manifest, where, folder)
    return manifest


def _expected(tensor: Tensor, where: str) -> Expected:
    """A tensor as the judge takes it. Raises ValueError for one that it cannot."""
    kind = where.rpartition(": ")[2].partition(".")[0]
    if kind not in judge.COLUMN_OF:
        raise ValueError(f"{where}: there is no such tensor; their names begin with {', '.join(judge.COLUMN_OF)}")
    if not tensor.value.dtype == tensor.tolerance.dtype == np.float64:
        raise ValueError(f"{where}: value and tolerance must be float64")
    if tensor.value.shape != tensor.tolerance.shape:
        raise ValueError(f"{where}: value has shape {tensor.value.shape}, tolerance {tensor.tolerance.shape}")
    return Expected(tensor.value, tensor.tolerance, tensor.doubtful)


# ---------------------------------------------------------------- checking
def check(
    cases: Iterable[Case], precisions: Sequence[str], folder: Path, progress: Progress | None = None
) -> list[str]:
    """What differs between an export and what `export` would write now: a line for each case, tensor, or other thing.

    Raises ValueError for a folder that is no export, and what `export` raises.
    """
    there = {(entry.case, entry.precision): entry for entry in _manifest(folder).entries}
    pairs = {(case.name, precision): (case, precision) for case, precision in _pairs(cases, precisions)}
    found = [f"{' '.join(pair)}: is missing" for pair in pairs if pair not in there]
    found += [f"{' '.join(pair)}: is not exported any more" for pair in there if pair not in pairs]
    both = [pair for name, pair in pairs.items() if name in there]
    left = set(_present(folder)) - set().union(*(_of(there[name]) for name in there if name not in pairs))
    for name, now in _files(both, progress):
        if name not in left:
            found.append(f"{name}: is missing")
        elif (was := within(folder, name).read_bytes()) != now and (name != MANIFEST or not found):
            found += [f"{name}: {change}" for change in changes(name, was, now)]  # the manifest comes last
        left.discard(name)
    return found + [f"{name}: is not exported any more" for name in sorted(left)]


def _of(entry: Entry) -> set[str]:
    """The files of an entry, those for large arrays included."""
    names = [entry.problem, entry.expected]
    return {*names, *(str(PurePosixPath(name).with_suffix(".safetensors")) for name in names)}


# ---------------------------------------------------------------- schema
LINES = ("Described", "Computed", "Unable", "Failed")


def schema() -> dict[str, Any]:
    """The JSON Schema (draft 2020-12) of the files of an export, and of the lines that come back."""
    definitions = protocol_schema.schema()["$defs"]
    for request in ("Request", "Reply", "Describe", "Run", "Stop"):
        del definitions[request]
    definitions |= msgspec.json.schema_components(
        [Manifest, ExpectedFile], schema_hook=lambda _: {"$ref": "#/$defs/ArrayMessage"}, ref_template="#/$defs/{name}"
    )[1]
    array = definitions["ArrayMessage"]
    array["description"] = inspect.getdoc(StoredArray)
    array["properties"] |= {"file": {"type": "string"}, "key": {"type": "string"}}
    array["oneOf"] = [{"required": ["values"]}, {"required": ["data"]}, {"required": ["file", "key"]}]
    for name in LINES:
        _line(definitions[name], described=name == "Described")
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "backproof vectors",
        "description": "manifest.json, a file of problems/ or expected/, or a line of results.",
        "anyOf": [{"$ref": f"#/$defs/{name}"} for name in ("Manifest", "Problem", "ExpectedFile", *LINES)],
        "$defs": dict(sorted(definitions.items())),
    }


def _line(definition: dict[str, Any], *, described: bool) -> None:
    """Make a reply of the protocol a line of results: it names the check that it answers, where that has an id."""
    names = {"case": {"type": "string"}, "precision": {"enum": [*get_args(PrecisionName)]},
             "check": {"enum": [*get_args(Check)]}}  # fmt: skip
    own = {key: value for key, value in definition["properties"].items() if key not in ("id", "protocol")}
    definition["properties"] = own if described else names | own
    optional = ("id", "protocol", "version")
    required = [key for key in definition["required"] if key not in optional]
    definition["required"] = required if described else [*names, *required]


def schema_text() -> str:
    """The schema as it stands in the file."""
    return json.dumps(schema(), indent=2, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    PATH.write_text(schema_text(), encoding="utf-8")
