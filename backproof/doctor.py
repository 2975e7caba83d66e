"""What is installed, what is missing, and the command that mends it."""

import importlib.metadata
import importlib.util
import os
import platform
from pathlib import Path
from typing import NamedTuple

from . import __version__

FRAMEWORKS = {"pytorch": ("torch",), "jax": ("jax", "optax")}
"""An adapter that ships, and the packages that it needs."""

REMEDY = {"pytorch": "pip install 'backproof[torch]'", "jax": "pip install 'backproof[jax]'"}
CORE = ("numpy", "scipy", "ml-dtypes", "python-flint", "msgspec", "pandas")


class Finding(NamedTuple):
    """One line of the doctor's report."""

    what: str
    well: bool
    state: str
    remedy: str = ""


def installed(adapter: str) -> bool:
    """Whether the packages of an adapter that ships are there, without importing them."""
    return all(importlib.util.find_spec(package) for package in FRAMEWORKS.get(adapter, ()))


def examine() -> list[Finding]:
    """Look at everything that a run needs."""
    return [
        Finding("backproof", True, f"{__version__}, Python {platform.python_version()} on {platform.system()}"),
        *(_package(name) for name in CORE),
        *(_framework(name) for name in FRAMEWORKS),
        _cache(),
        _catalogue(),
    ]


def _package(name: str) -> Finding:
    try:
        return Finding(name, True, importlib.metadata.version(name))
    except importlib.metadata.PackageNotFoundError:
        return Finding(name, False, "missing", f"pip install {name}")


def _framework(adapter: str) -> Finding:
    missing = [package for package in FRAMEWORKS[adapter] if importlib.util.find_spec(package) is None]
    if missing:
        return Finding(adapter, False, f"{' and '.join(missing)} not installed", REMEDY[adapter])
    versions = (f"{package} {importlib.metadata.version(package)}" for package in FRAMEWORKS[adapter])
    return Finding(adapter, True, ", ".join(versions))


def _cache() -> Finding:
    from .cases.folders import cache_folder

    place = cache_folder()
    try:
        place.mkdir(parents=True, exist_ok=True)
        writable = os.access(place, os.W_OK)
    except OSError:
        writable = False
    if not writable:
        return Finding("cache", False, f"{place} cannot be written", "export BACKPROOF_CACHE=…, a folder that can")
    size = sum(f.stat().st_size for f in Path(place).rglob("*") if f.is_file())
    return Finding("cache", True, f"{place} ({size / 2**20:.1f} MiB; safe to delete)")


def _catalogue() -> Finding:
    from .cases import CaseError, catalogue, catalogue_hash

    try:
        cases = catalogue()
    except CaseError as error:
        return Finding("catalogue", False, str(error), "reinstall backproof")
    return Finding("catalogue", bool(cases), f"{len(cases)} cases, {catalogue_hash(cases)[:12]}", "reinstall backproof")
