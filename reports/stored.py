"""Numbers and arrays in JSON files that people can read, and that read back to the last bit.

An array is {"dtype", "shape", "values"}: a flat list of the shortest decimals that read back exactly. In the place of
`values` it may have `data`, its bytes as base64, or `file` and `key`, a tensor of a safetensors file in the same
folder. What JSON has no number for is "NaN", "Infinity" or "-Infinity". Nothing that is read is trusted: it is a value,
or a ValueError of one line.
"""

import json
from pathlib import Path, PurePosixPath
from typing import Any

import msgspec
import numpy as np

from ..cases.problem import ArrayMessage, unpack
from ..reference import Array

LARGE = 1000  # elements: an array of more lies in a safetensors file
WIDTH = 100  # characters: a table or list that needs more is written line by line
DIGITS = 9  # decimal ones that tell any two float32 apart, and so any two of a narrower type
NOT_FINITE = {"NaN": float("nan"), "Infinity": float("inf"), "-Infinity": float("-inf")}
SAFETENSORS = {"float64": "F64", "float32": "F32", "bfloat16": "BF16", "float16": "F16", "int64": "I64", "bool": "BOOL"}


class StoredArray(ArrayMessage, frozen=True, omit_defaults=True):
    """An array: its values as a flat list, its bytes (C order, little endian) as base64, or where it lies.

    In `values`, what JSON has no number for is written "NaN", "Infinity" or "-Infinity".
    """

    file: str | None = None  # a safetensors file in the same folder
    key: str | None = None  # the tensor's name in it

    def __post_init__(self) -> None:
        """Raises ValueError for an array that is not there, or there twice."""
        if [self.values, self.data, self.file].count(None) != 2 or (self.file is None) != (self.key is None):
            raise ValueError("an array has either values, or data, or file and key")


# ---------------------------------------------------------------- writing
def plain(value: Any, large: dict[str, Array], beside: str, place: str = "") -> Any:
    """A value as JSON has it. Its large arrays are put into `large`, by their place in it, for the file `beside`."""
    if isinstance(value, np.ndarray):
        head = {"dtype": value.dtype.name, "shape": list(value.shape)}
        if value.size <= LARGE:
            return head | {"values": [_number(x) for x in _decimals(value)]}
        large[place] = np.ascontiguousarray(value)
        return head | {"file": beside, "key": place}
    if isinstance(value, msgspec.Struct):
        value = {name: getattr(value, name) for name in value.__struct_fields__}
    if isinstance(value, dict):
        return {key: plain(inner, large, beside, f"{place}.{key}".lstrip(".")) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [plain(inner, large, beside, f"{place}.{number}") for number, inner in enumerate(value)]
    return _number(value)


def _number(x: Any) -> Any:
    """A number, by name where JSON has none; anything else as it is."""
    x = x.item() if isinstance(x, np.generic) else x
    if isinstance(x, float) and not np.isfinite(x):
        return "NaN" if x != x else "Infinity" if x > 0 else "-Infinity"
    return x


def _decimals(array: Array) -> list[Any]:
    """The elements, each as the decimal of fewest digits that is rounded to it, also by way of a float64."""
    flat = array.reshape(-1)
    if array.dtype in (np.float64, np.int64, np.bool_):
        return flat.tolist()
    with np.errstate(invalid="ignore", over="ignore"):  # signalling NaNs; the largest numbers, rounded up
        best = flat.astype(np.float64)
        left = np.flatnonzero(np.isfinite(best))
        for digits in range(1, DIGITS + 1):
            tried = np.array([float(f"{x:.{digits}g}") for x in best[left]])
            right = tried.astype(array.dtype) == flat[left]
            best[left[right]] = tried[right]
            left = left[~right]
    return best.tolist()


def text(value: Any) -> bytes:
    """JSON for people: a table or list on one line where it fits, and every array."""
    return (_lines(value, "") + "\n").encode()


def _lines(value: Any, indent: str) -> str:
    flat = msgspec.json.encode(value).decode()
    if not isinstance(value, dict | list) or "dtype" in value or len(indent) + len(flat) <= WIDTH:
        return flat
    inner = indent + " "
    if isinstance(value, dict):
        parts = [f"{json.dumps(key, ensure_ascii=False)}: {_lines(part, inner)}" for key, part in value.items()]
    else:
        parts = [_lines(part, inner) for part in value]
    first, last = "{}" if isinstance(value, dict) else "[]"
    return f"{first}\n{inner}" + f",\n{inner}".join(parts) + f"\n{indent}{last}"


# ---------------------------------------------------------------- reading
def decode(data: bytes, where: str, kind: Any = Any) -> Any:
    """JSON as Python has it, or as one of its kinds. Raises ValueError for what is none."""
    try:
        return msgspec.json.decode(data, type=kind)
    except (ValueError, RecursionError, MemoryError) as error:
        raise ValueError(f"{where}: {error}") from None


def restored(raw: Any) -> Any:
    """What was read, with the floats in the place of the names that `plain` gave them."""
    if isinstance(raw, dict):
        return {key: restored(value) for key, value in raw.items()}
    if isinstance(raw, list):
        return [restored(value) for value in raw]
    return NOT_FINITE.get(raw, raw) if isinstance(raw, str) else raw


def convert(raw: Any, kind: Any, where: str, folder: Path) -> Any:
    """What was read as what it should be; its arrays may lie in files of the folder. Raises ValueError."""

    def array(_: type, message: Any) -> Array:
        return message if isinstance(message, np.ndarray) else array_of(msgspec.convert(message, StoredArray), folder)

    try:
        with np.errstate(all="ignore"):  # a number too large for its dtype is infinite, for the judge to see
            return msgspec.convert(raw, kind, dec_hook=array)
    except (ValueError, TypeError, OverflowError, RecursionError, MemoryError) as error:
        raise ValueError(f"{where}: {' '.join(str(error).split())}") from None


def array_of(message: StoredArray, folder: Path) -> Array:
    """The array of a message that stands in a file of this folder. Raises ValueError where it is not what it says."""
    if message.file is None:
        return unpack(message)
    from safetensors import SafetensorError, safe_open

    try:
        with safe_open(within(folder, message.file), framework="numpy") as file:
            there = file.get_slice(message.key)
            dtype, shape = there.get_dtype(), list(there.get_shape())
            if (dtype, shape) != (SAFETENSORS[message.dtype], message.shape):
                raise ValueError(f"{message.key} is {dtype} {shape} there, not {message.dtype} {message.shape}")
            array: Array = file.get_tensor(message.key)
            return array
    except (SafetensorError, OSError, ValueError) as error:
        raise ValueError(f"{message.file}: {error}") from None


def within(folder: Path, name: str) -> Path:
    """The file of this name below a folder. Raises ValueError if it is not there, or leads out, as links may."""
    parts = PurePosixPath(name).parts
    leads_out = not name.isprintable() or "\\" in name or Path(name).anchor or ".." in parts
    try:
        if leads_out or any(folder.joinpath(*parts[:n]).is_symlink() for n in range(1, len(parts) + 1)):
            raise ValueError(f"{name!r} is a link, or leads out of {folder}")
        if not folder.joinpath(*parts).is_file():
            raise ValueError(f"there is no file {name!r} in {folder}")
    except OSError as error:
        raise ValueError(f"{name!r:.80} cannot be looked for in {folder}: {error.strerror}") from None
    return folder.joinpath(*parts)
