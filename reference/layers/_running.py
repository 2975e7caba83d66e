"""The largest number so far, along an axis, and the gradient's way back from each to the one that it was."""

from typing import Literal, NamedTuple, TypeAlias

import numpy as np

from .. import Array

Ties: TypeAlias = Literal["last", "first", "even"]


class Larger(NamedTuple):
    """For each number, how it stands to the largest before it."""

    above: Array  # (...)  bool
    tied: Array  # (...)  bool
    axis: int
    ties: Ties


def largest(x: Array, axis: int, ties: Ties) -> tuple[Array, Larger]:
    """y (...), the largest of x up to each place."""
    y = np.maximum.accumulate(x, axis=axis)  # (...)
    along, running = np.moveaxis(x, axis, 0), np.moveaxis(y, axis, 0)  # (n, ...)
    above, tied = np.ones(along.shape, dtype=bool), np.zeros(along.shape, dtype=bool)  # (n, ...)
    above[1:] = along[1:] > running[:-1]
    tied[1:] = along[1:] == running[:-1]
    return y, Larger(above, tied, axis, ties)


def spread(saved: Larger, dy: Array) -> Array:
    """dx (...): from the end, what has come to a place is kept there, or goes on to the place before."""
    above, tied, axis, ties = saved
    s = np.moveaxis(dy, axis, 0).copy()  # (n, ...)
    for k in reversed(range(1, len(s))):
        own = np.where(above[k] if ties == "first" else above[k] | tied[k], s[k, ...], 0)  # (...)
        if ties == "even":
            own = np.where(tied[k], own / 2, own)
        s[k - 1, ...] += s[k, ...] - own
        s[k, ...] = own
    return np.moveaxis(s, 0, axis)
