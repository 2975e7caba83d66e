"""An axis read from its end  y_i = x_(n−1−i).

Turned twice, it is as it was: the gradient is turned back likewise.

Shapes      x (..., n, ...) -> y (..., n, ...)
Source      torch.flip, jax.numpy.flip
Raises      IndexError if there is no such axis
"""

from typing import NamedTuple

import numpy as np

from .. import Array


class Saved(NamedTuple):
    axis: int


def forward(x: Array, *, axis: int = -1) -> tuple[Array, Saved]:
    return np.flip(x, axis), Saved(axis)


def backward(saved: Saved, dy: Array) -> Array:
    return np.flip(dy, saved.axis)
