"""Borders: what stands in them, and what they give back.

A border of one number gives nothing back. One that repeats numbers of the array adds its gradient to theirs.
"""

from collections.abc import Iterator
from functools import cache
from types import EllipsisType
from typing import TypeAlias

import numpy as np

from .. import Array

Widths: TypeAlias = tuple[tuple[int, int], ...]
"""How much stands before and after, for each of an array's last axes."""

REPEATS = {"reflect": "reflect", "replicate": "edge", "circular": "wrap"}
"""The borders that repeat numbers of the array, and NumPy's names for them."""


def padded(x: Array, widths: Widths, mode: str, value: float = 0.0) -> Array:
    """x with a border around its last axes; one that does not repeat holds the value."""
    first = x.ndim - len(widths)
    sizes = (before + n + after for n, (before, after) in zip(x.shape[first:], widths, strict=True))
    wide = np.full_like(x, value, shape=(*x.shape[:first], *sizes))
    wide[_inside(wide.shape, widths)] = x
    for along, place, original in _copies(wide, widths, mode):
        along[place] = along[original]
    return wide


def unpadded(dwide: Array, widths: Widths, mode: str) -> Array:
    """The gradient of what `padded` was given, from that of what it made."""
    if mode in REPEATS:
        dwide = dwide.copy()
    for along, place, original in _copies(dwide, widths, mode):
        along[original] += along[place]
    return dwide[_inside(dwide.shape, widths)]


def _inside(shape: tuple[int, ...], widths: Widths) -> tuple[EllipsisType | slice, ...]:
    """Where the array stands, in one with its border."""
    sizes = zip(shape[len(shape) - len(widths) :], widths, strict=True)
    return (..., *(slice(before, n - after) for n, (before, after) in sizes))


def _copies(wide: Array, widths: Widths, mode: str) -> Iterator[tuple[Array, int, int]]:
    """The copies in a border, one axis after the other: that axis put first, a place along it, and the original's."""
    for axis, width in enumerate(widths, wide.ndim - len(widths)):
        for place, original in _sources(wide.shape[axis], width, mode):
            yield np.moveaxis(wide, axis, 0), place, original


@cache
def _sources(size: int, width: tuple[int, int], mode: str) -> tuple[tuple[int, int], ...]:
    """Along one axis with its border, each place that holds a copy, and the original's place."""
    if mode not in REPEATS:
        return ()
    inner = np.arange(width[0], size - width[1])
    originals = np.pad(inner, width, REPEATS[mode]).tolist()  # type: ignore[call-overload]
    return tuple((place, original) for place, original in enumerate(originals) if place != original)


def _check(op: str, shape: tuple[int, ...], widths: Widths, mode: str) -> None:
    """Raises ValueError for borders that do not fit the array, or repeat more than there is."""
    if len(widths) > len(shape) or any(width < 0 for both in widths for width in both):
        raise ValueError(f"{op}: borders {widths} do not fit x {shape}: one for each axis at most, and none below 0")
    most = {"reflect": -1, "circular": 0}
    for n, both in zip(shape[len(shape) - len(widths) :], widths, strict=True):
        if max(both) > n + most.get(mode, max(both)) or (mode == "replicate" and max(both) > n == 0):
            raise ValueError(f"{op}: x {shape} has too little to repeat in a {mode} border of {widths}")
