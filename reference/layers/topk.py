"""The k largest numbers along an axis, the largest first, or the k smallest, the smallest first.

Each of them gives its gradient back to the place that it came from; what is not among them gets 0.

Shapes      x (..., n, ...) -> y (..., k, ...)
Convention  Which of equal numbers is among them is not said here, as in PyTorch; JAX has the first, MLX the last.
Source      torch.topk, jax.lax.top_k
Raises      IndexError if there is no such axis, ValueError if it has fewer than k numbers
"""

from typing import NamedTuple

import numpy as np

from .. import Array
from ._places import added, along


class Saved(NamedTuple):
    x: tuple[int, ...]  # its shape
    row: Array  # (..., k, ...)  places in it, counted through


def forward(x: Array, *, k: int, axis: int = -1, largest: bool = True) -> tuple[Array, Saved]:
    _check(x, k, axis)
    order = np.argsort(-x if largest else x, axis=axis)  # (..., n, ...)
    first = np.take(order, range(k), axis)  # (..., k, ...)
    row = along(first, x.shape, axis)  # (..., k, ...)
    return x.ravel()[row], Saved(x.shape, row)


def backward(saved: Saved, dy: Array) -> Array:
    return added(dy, saved.x, saved.row)


def _check(x: Array, k: int, axis: int) -> None:
    if not 0 <= k <= x.shape[axis]:
        raise ValueError(f"topk: option k must be from 0 to {x.shape[axis]}, as long as axis {axis} of x; got {k}")
