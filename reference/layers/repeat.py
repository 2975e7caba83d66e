"""Each slice of an axis several times over  y = x_0, x_0, …, x_1, x_1, …

A slice of x gets the sum of the gradients of its copies, which stand side by side.

Shapes      x (..., n, ...) -> y (..., n repeats, ...)
Convention  As NumPy and JAX repeat; PyTorch calls it repeat_interleave, and its repeat is tile.
Source      torch.repeat_interleave, jax.numpy.repeat
Raises      IndexError if there is no such axis, ValueError if repeats is below 0
"""

from typing import NamedTuple

import numpy as np
from numpy.lib.array_utils import normalize_axis_index

from .. import Array


class Saved(NamedTuple):
    x: tuple[int, ...]  # its shape
    repeats: int
    axis: int  # from 0


def forward(x: Array, *, repeats: int = 2, axis: int = -1) -> tuple[Array, Saved]:
    return np.repeat(x, repeats, axis), Saved(x.shape, repeats, normalize_axis_index(axis, x.ndim))


def backward(saved: Saved, dy: Array) -> Array:
    x, repeats, axis = saved
    copies = dy.reshape(*x[: axis + 1], repeats, *x[axis + 1 :])  # (..., n, repeats, ...)
    dx: Array = copies.sum(axis=axis + 1)  # (..., n, ...)
    return dx
