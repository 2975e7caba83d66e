"""Borders: what stands in them, and what they give back.

A border of one number gives nothing back. One that repeats numbers of the array adds its gradient to theirs.
"""

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
    if mode in REPEATS:
        for axis, width in enumerate(widths, first):
            x = x.take(_source(x.shape[axis], width, mode), axis)  # (..., before + n + after, ...)
        return x
    spans = list(zip(x.shape[first:], widths, strict=True))
    wide = np.full_like(x, value, shape=(*x.shape[:first], *(before + n + after for n, (before, after) in spans)))
    inside: tuple[EllipsisType | slice, ...] = (..., *(slice(before, before + n) for n, (before, _) in spans))
    wide[inside] = x
    return wide


def unpadded(dwide: Array, widths: Widths, mode: str) -> Array:
    """The gradient of what `padded` was given, from that of what it made."""
    for axis, (before, after) in enumerate(widths, dwide.ndim - len(widths)):
        along = np.moveaxis(dwide, axis, 0)  # (before + n + after, ...)
        n = len(along) - before - after
        dx = along[before : before + n]  # (n, ...)
        if mode in REPEATS:
            dx = dx.copy()
            source = _source(n, (before, after), mode)
            for place in (*range(before), *range(before + n, len(along))):
                dx[source[place]] += along[place]
        dwide = np.moveaxis(dx, 0, axis)
    return dwide


def _source(n: int, width: tuple[int, int], mode: str) -> Array:
    """Which of n numbers stands at each place."""
    places: Array = np.pad(np.arange(n), width, REPEATS[mode])  # type: ignore[call-overload]
    return places


def _check(op: str, shape: tuple[int, ...], widths: Widths, mode: str) -> None:
    """Raises ValueError for borders that do not fit the array, or repeat more than there is."""
    if len(widths) > len(shape) or any(width < 0 for both in widths for width in both):
        raise ValueError(f"{op}: borders {widths} do not fit x {shape}: one for each axis at most, and none below 0")
    most = {"reflect": -1, "circular": 0}
    for n, both in zip(shape[len(shape) - len(widths) :], widths, strict=True):
        if max(both) > n + most.get(mode, max(both)) or (mode == "replicate" and max(both) > n == 0):
            raise ValueError(f"{op}: x {shape} has too little to repeat in a {mode} border of {widths}")
