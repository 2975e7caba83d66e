"""The diagonal of two axes  y_k = x_(k, k + offset), or x_(k − offset, k) where offset is negative.

What is read gets its gradient, what is not read gets 0.

Shapes      x (..., N, ..., M, ...) -> y (..., K), K the length of the diagonal, the two axes taken out
Convention  offset counts from the main diagonal, upwards where it is positive.
Source      torch.diagonal, jax.numpy.diagonal
Raises      ValueError if the two axes are one
"""

from typing import NamedTuple

import numpy as np

from .. import Array


class Saved(NamedTuple):
    x: tuple[int, ...]  # its shape
    where: tuple[int, int, int]


def forward(x: Array, *, offset: int = 0, axis1: int = 0, axis2: int = 1) -> tuple[Array, Saved]:
    where = (offset, axis1, axis2)
    return np.diagonal(x, *where), Saved(x.shape, where)


def backward(saved: Saved, dy: Array) -> Array:
    x, where = saved
    dx = np.zeros_like(dy, shape=x)  # (..., N, ..., M, ...)
    read = np.diagonal(dx, *where)  # (..., K)  a view, which NumPy would keep from being written to
    read.flags.writeable = True
    read[...] = dy
    return dx
