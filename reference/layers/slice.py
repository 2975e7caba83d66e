"""A stretch of an axis  y = x[start:stop:step], taken along the axis.

What is read gets its gradient, what is not read gets 0.

Shapes      x (..., n, ...) -> y (..., m, ...)
Convention  Negative places count from the end, and what lies outside is left out, as in Python. step is above 0, as in
            PyTorch.
Source      Python language reference, Slicings
Raises      IndexError if there is no such axis, ValueError if step is below 1
"""

from typing import NamedTuple

from numpy.lib.array_utils import normalize_axis_index

from .. import Array
from ._places import placed


class Saved(NamedTuple):
    x: tuple[int, ...]  # its shape
    place: tuple[slice, ...]


def forward(
    x: Array, *, start: int | None = None, stop: int | None = None, step: int = 1, axis: int = 0
) -> tuple[Array, Saved]:
    _check(step)
    place = (*(slice(None),) * normalize_axis_index(axis, x.ndim), slice(start, stop, step))
    return x[place], Saved(x.shape, place)


def backward(saved: Saved, dy: Array) -> Array:
    return placed(dy, saved.x, saved.place)


def _check(step: int) -> None:
    if step < 1:
        raise ValueError(f"slice: option step must be at least 1, got {step}")
