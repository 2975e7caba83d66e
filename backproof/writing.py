"""A case as the text of a case file: what `cases.load` reads, the other way round."""

import shutil
from pathlib import Path
from typing import Any

import msgspec
import tomli_w

from .cases import Case

NO_TABLES = ("upstream", "excuse")  # one line says all of it


def toml(case: Case) -> str:
    """The case as a file's text: read again under the case's stem, it is the same case, with the same hash.

    A choice of a matrix becomes a file without one.
    """
    keys: dict[str, Any] = msgspec.to_builtins(case.file)
    top = [_line(key, value) for key, value in keys.items() if not _tables(key, value)]
    parts = [top]
    for key, value in keys.items():
        head = f"[[{key}]]" if isinstance(value, list) else f"[{key}]"
        parts += [[head, *(_line(*entry) for entry in table.items())] for table in _tables(key, value)]
    return "\n\n".join("\n".join(part) for part in parts) + "\n"


def write(case: Case, folder: Path) -> Path:
    """Write the case below a folder, in a file whose place is the case's stem, and return where that is.

    The stem names the streams of random numbers: `load(folder)` finds the same data.
    """
    path = folder / f"{case.stem}.toml"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(toml(case), encoding="utf-8")
    for name in stored(msgspec.to_builtins(case.file)):
        shutil.copyfile(case.path.parent / name, path.parent / name)
    return path


def stored(raw: Any) -> set[str]:
    """The archives that the tables refer to, by their names beside the case file."""
    if isinstance(raw, dict) and {"file", "array"} <= set(raw):
        return {str(raw["file"])}
    inner = raw.values() if isinstance(raw, dict) else raw if isinstance(raw, list) else ()
    return {name for value in inner for name in stored(value)}


def _tables(key: str, value: Any) -> list[dict[str, Any]]:
    """What stands under a heading of its own: a table, or each of a list of tables."""
    if key in NO_TABLES:
        return []
    tables = value if isinstance(value, list) else [value]
    return [table for table in tables if isinstance(table, dict)]


def _line(key: str, value: Any) -> str:
    return f"{_key(key)} = {_inline(value)}"


def _inline(value: Any) -> str:
    """A value on one line. tomli-w, which writes the words and numbers, would put each number of a list on its own."""
    if isinstance(value, dict):
        return "{ " + ", ".join(_line(*entry) for entry in value.items()) + " }" if value else "{}"
    if isinstance(value, list):
        return "[" + ", ".join(map(_inline, value)) + "]"
    return tomli_w.dumps({"x": value}).removeprefix("x = ").rstrip("\n")


def _key(name: str) -> str:
    return tomli_w.dumps({name: 0}).removesuffix(" = 0\n")
