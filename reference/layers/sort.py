"""Numbers in order along an axis, the smallest first, or the largest.

y is x at the places in the order of their numbers: each number's gradient goes back to the place that it came from.

Shapes      x (..., n, ...) -> y (..., n, ...)
Convention  The sort is stable: of equal numbers, the first comes first. Where the largest number comes first, ties says
            which of equals does: "first", as in PyTorch; "last", as in JAX, which reverses the sorted numbers.
Source      torch.sort, jax.numpy.sort
Raises      IndexError if there is no such axis
"""

from typing import Literal, NamedTuple

import numpy as np

from .. import Array
from ._places import along, placed


class Saved(NamedTuple):
    row: Array  # (..., n, ...)  places in x, counted through


def forward(
    x: Array, *, axis: int = -1, descending: bool = False, ties: Literal["first", "last"] = "first"
) -> tuple[Array, Saved]:
    order = np.argsort(-x if descending and ties == "first" else x, axis=axis, kind="stable")  # (..., n, ...)
    if descending and ties == "last":
        order = np.flip(order, axis)
    row = along(order, x.shape, axis)  # (..., n, ...)
    return x.ravel()[row], Saved(row)


def backward(saved: Saved, dy: Array) -> Array:
    return placed(dy, (dy.size,), saved.row).reshape(dy.shape)
