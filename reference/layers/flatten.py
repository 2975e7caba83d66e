"""Axes start_dim to end_dim made one, all numbers in the order in which they stand.

No number changes: the gradient takes the old shape back.

Shapes      x (..., n_1, …, n_k, ...) -> y (..., n_1 ⋯ n_k, ...)
Convention  Both ends count, as in PyTorch; negative ones count from the last axis. Keras's Flatten begins at axis 1.
Source      torch.flatten
Raises      IndexError if there is no such axis, ValueError if end_dim is before start_dim
"""

import math
from typing import NamedTuple

from numpy.lib.array_utils import normalize_axis_index

from .. import Array


class Saved(NamedTuple):
    x: tuple[int, ...]  # its shape


def forward(x: Array, *, start_dim: int = 0, end_dim: int = -1) -> tuple[Array, Saved]:
    start, stop = normalize_axis_index(start_dim, x.ndim), normalize_axis_index(end_dim, x.ndim) + 1
    _check(start, stop)
    length = math.prod(x.shape[start:stop])
    return x.reshape(*x.shape[:start], length, *x.shape[stop:]), Saved(x.shape)


def backward(saved: Saved, dy: Array) -> Array:
    return dy.reshape(saved.x)


def _check(start: int, stop: int) -> None:
    if stop <= start:
        raise ValueError(f"flatten: end_dim must not be before start_dim, got axes {start} and {stop - 1}")
