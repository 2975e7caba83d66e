"""Case files are read once: what they expand to lies in the cache folder until one of them, or the code, changes."""

import hashlib
import os
from collections.abc import Callable
from pathlib import Path

import msgspec

from .folders import cache_folder
from .format import CaseFile

DECIDE = ("format.py", "load.py", "matrices.py")  # beside this one: what makes cases of files


class Entry(msgspec.Struct, frozen=True):
    """A case as it lies there: its name, the path of its file below the folder, and the file's table."""

    name: str
    path: str
    file: CaseFile


class _Index(msgspec.Struct, frozen=True):
    state: str
    entries: list[Entry]


def entries(folder: Path, read: Callable[[], list[Entry]]) -> list[Entry]:
    """What `read` makes of the case files below a folder, from the cache where nothing has changed."""
    state = _state(folder)
    place = cache_folder() / "cases" / f"{hashlib.sha256(str(folder.resolve()).encode()).hexdigest()[:32]}.msgpack"
    try:
        index = msgspec.msgpack.decode(place.read_bytes(), type=_Index)
        if index.state == state:
            return index.entries
    except (OSError, msgspec.MsgspecError, ValueError):
        pass  # not there, or damaged: read below
    found = read()
    try:
        place.parent.mkdir(parents=True, exist_ok=True)
        unfinished = place.with_suffix(f".{os.getpid()}")
        unfinished.write_bytes(msgspec.msgpack.encode(_Index(state, found)))
        unfinished.replace(place)
    except OSError:
        pass  # a cache that cannot be written costs time, not results
    return found


def _state(folder: Path) -> str:
    """Path, size and time of every file that decides the cases."""
    files = [*folder.rglob("*.toml"), *(Path(__file__).with_name(name) for name in DECIDE)]
    stats = sorted((str(file), file.stat()) for file in files)
    lines = [f"{name} {stat.st_size} {stat.st_mtime_ns}" for name, stat in stats]
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()
