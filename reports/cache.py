"""Expectations are worked out once: kept in the user's cache folder, by the content that decides them."""

import hashlib
import os
import re
import threading
from functools import cache
from importlib import metadata
from pathlib import Path

import msgspec
import numpy as np

from .. import cases, reference
from ..cases import Case, Check
from ..cases.folders import cache_folder
from .expect import Expectation, Expected, expect
from .record import Certificate

VERSIONS = 3  # of a case and of the code, whose expectations are kept
NO_NUMBERS = ("lint.py", "schema.py", "kept.py", "folders.py", "choices.py")  # decide none
IMPORT = re.compile(r"^from \.[^\n]*?import (?:\([^)]*\)|[^\n]*)", re.MULTILINE)


class _Stored(msgspec.Struct, frozen=True):
    """An Expectation as it lies on disk: shape, then the values and tolerances as bytes of float64."""

    checks: dict[str, dict[str, tuple[list[int], bytes, bytes, bool]]]
    certificate: Certificate | None
    ill_posed: str


def expectation(case: Case, precision: str) -> Expectation:
    """What is expected of a case at one precision, from the cache or worked out now.

    Raises CaseError where the case cannot be computed.
    """
    name = hashlib.sha256(f"{case.name} {precision}".encode()).hexdigest()[:32]
    code = fingerprint(*case.operations, *(["_step"] if case.file.optimizer else []))
    content = hashlib.sha256(f"{case.hash} {code}".encode()).hexdigest()
    path = cache_folder() / "expectations" / name / f"{content}.msgpack"
    try:
        return _load(path.read_bytes())
    except (OSError, msgspec.MsgspecError, ValueError):
        pass  # not there, or damaged: worked out below
    found = expect(case.problem(precision), exact=case.file.exact, nonfinite=case.file.nonfinite)
    _save(path, found)
    return found


@cache
def fingerprint(*operations: str) -> str:
    """A hash of the code that decides an expectation: of what every case needs, and of these operations."""
    digest = hashlib.sha256(_common().encode())
    for file in sorted(_sources(set(operations))):
        digest.update(file.name.encode() + file.read_bytes())
    return digest.hexdigest()


@cache
def _common() -> str:
    """The same of what every case needs: the arithmetics, the building of cases, and `expect`."""
    roots = [Path(str(package.__file__)).parent for package in (reference, cases)]
    own = [Path(__file__).with_name(name) for name in ("cache.py", "expect.py", "record.py")]
    all_files = [*(f for root in roots for f in (*root.glob("*.py"), *root.glob("arithmetic/*.py"))), *own]
    files = [file for file in all_files if file.name not in NO_NUMBERS]
    digest = hashlib.sha256(" ".join(map(metadata.version, ("numpy", "scipy", "python-flint", "ml-dtypes"))).encode())
    for file in sorted(files):
        digest.update(file.name.encode() + file.read_bytes())
    return digest.hexdigest()


def _sources(names: set[str]) -> set[Path]:
    """The files of these operations, and of all that they import from their like, however far."""
    root = Path(str(reference.__file__)).parent
    files = {file.stem: file for file in root.glob("*/*.py") if file.stem != "__init__"}
    found: set[Path] = set()
    while new := {files[name] for name in names if name in files} - found:
        found |= new
        imports = [line for file in new for line in IMPORT.findall(file.read_text(encoding="utf-8"))]
        names = {word for line in imports for word in re.findall(r"\w+", line)}
    return found


def _save(path: Path, found: Expectation) -> None:
    checks = {
        str(check): {
            name: (list(e.value.shape), np.asarray(e.value).tobytes(), np.asarray(e.tolerance).tobytes(), e.doubtful)
            for name, e in tensors.items()
        }
        for check, tensors in found.checks.items()
    }
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        _forget(path.parent)
        unfinished = path.with_suffix(f".{os.getpid()}.{threading.get_ident()}")
        unfinished.write_bytes(msgspec.msgpack.encode(_Stored(checks, found.certificate, found.ill_posed)))
        unfinished.replace(path)
    except OSError:
        pass  # a cache that cannot be written costs time, not results


def _forget(place: Path) -> None:
    """Make room for the expectation of changed code: only those of the latest versions are kept."""
    versions = sorted(place.glob("*"), key=lambda version: version.stat().st_mtime)
    for version in versions[: -(VERSIONS - 1)]:
        version.unlink(missing_ok=True)


def _load(raw: bytes) -> Expectation:
    stored = msgspec.msgpack.decode(raw, type=_Stored)
    checks: dict[Check, dict[str, Expected]] = {}
    for check, tensors in stored.checks.items():
        checks[check] = {  # type: ignore[index]
            name: Expected(
                np.frombuffer(value, np.float64).reshape(shape),
                np.frombuffer(tolerance, np.float64).reshape(shape),
                doubtful,
            )
            for name, (shape, value, tolerance, doubtful) in tensors.items()
        }
    return Expectation(checks, stored.certificate, stored.ill_posed)
