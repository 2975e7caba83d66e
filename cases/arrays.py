"""The arrays of a case: drawn from their streams, read from beside the case file, or as they stand in it."""

import math
import zipfile
from pathlib import Path
from typing import Any

import numpy as np

from ..reference import Array
from . import streams
from .format import (
    CaseError,
    Integers,
    Labels,
    Normal,
    Probabilities,
    Stored,
    Uniform,
    Whole,
    array_spec,
)

MOST = 50_000_000  # numbers in an array; a shape with more is a slip, and would only end in a crash
AXES = 16
INT64 = 2**53  # whole numbers up to here are exact as floats, too


def make(raw: Any, random: np.random.RandomState, folder: Path, where: str) -> Array:
    """The array that a case describes: floats as float64, labels and indices as int64.

    Raises CaseError, naming the place and the way out.
    """
    spec = array_spec(raw, where)
    match spec:
        case Normal():
            return spec.mean + spec.scale * streams.normal(random, _shape(spec.normal, where))
        case Uniform():
            return spec.low + (spec.high - spec.low) * random.random_sample(_shape(spec.uniform, where))
        case Probabilities():
            shape = _shape(spec.probabilities, where)
            if not shape:
                raise CaseError(f"{where}: probabilities need an axis to sum to 1 along; give a shape such as [4, 3]")
            parts: Array = 1.0 - random.random_sample(shape)
            shares: Array = parts / parts.sum(axis=-1, keepdims=True)
            return shares
        case Whole():
            return _whole(random, spec.whole, spec.low, spec.high + 1, where).astype(np.float64)
        case Integers():
            return _whole(random, spec.integers, spec.low, spec.below, where)
        case Labels():
            return _literal(spec.labels, np.int64, where)
        case Stored():
            return _stored(folder, spec, where)
        case _:
            return _literal(spec, np.float64, where)


def _shape(lengths: list[int], where: str) -> tuple[int, ...]:
    if any(n < 0 for n in lengths):
        raise CaseError(f"{where}: shape {lengths} has a negative length")
    if len(lengths) > AXES or math.prod(lengths) > MOST:
        raise CaseError(f"{where}: shape {lengths} is too large: at most {AXES} axes and {MOST:,} numbers")
    return tuple(lengths)


def _whole(random: np.random.RandomState, lengths: list[int], low: int, below: int, where: str) -> Array:
    if not -INT64 <= low < below <= INT64:
        raise CaseError(f"{where}: there is no whole number from {low} to {below - 1} to draw")
    return streams.whole(random, _shape(lengths, where), low, below)


def _literal(values: Any, dtype: type, where: str) -> Array:
    try:
        array = np.array(values)
    except (ValueError, OverflowError):
        raise CaseError(f"{where}: the nested lists do not form an array: their lengths differ") from None
    wanted = "i" if dtype is np.int64 else "if"
    if array.size and (array.dtype.kind not in wanted or _has_bool(values)):
        raise CaseError(f"{where}: expected {'integers' if dtype is np.int64 else 'numbers'}, got {values!r:.60}")
    if array.ndim > AXES:
        raise CaseError(f"{where}: lists are nested {array.ndim} deep; at most {AXES}")
    return array.astype(dtype)


def _has_bool(values: Any) -> bool:
    """NumPy takes true for 1 where it stands among numbers."""
    return any(map(_has_bool, values)) if isinstance(values, list) else isinstance(values, bool)


def _stored(folder: Path, spec: Stored, where: str) -> Array:
    path = folder / spec.file
    if Path(spec.file).name != spec.file or not path.is_file():
        raise CaseError(f"{where}: there is no file {spec.file!r} beside the case")
    try:
        with path.open("rb") as stream, np.load(stream, allow_pickle=False) as archive:
            if spec.array not in archive:
                has = ", ".join(archive)
                raise CaseError(f"{where}: {spec.file} has no array {spec.array!r}. There are: {has}")
            values: Array = archive[spec.array]
    except (OSError, ValueError, EOFError, TypeError, AttributeError, zipfile.BadZipFile) as error:
        if isinstance(error, CaseError):
            raise
        raise CaseError(f"{where}: {spec.file} is no NumPy archive of numbers, as np.savez writes it") from None
    if values.dtype.kind not in "iuf":
        raise CaseError(f"{where}: {spec.file} holds {values.dtype} as {spec.array!r}; numbers are wanted")
    return values.astype(np.int64 if values.dtype.kind in "iu" else np.float64)
