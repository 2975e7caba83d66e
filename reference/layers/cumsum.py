"""Running sum along an axis  y_k = x_1 + … + x_k.

x_i is in every sum from the i-th on:

    dx_i = dy_i + … + dy_n, the running sum from the end

Shapes      x (...) -> y (...)
Source      torch.cumsum, jax.numpy.cumsum
"""

from typing import NamedTuple

import numpy as np

from .. import Array


class Saved(NamedTuple):
    axis: int


def forward(x: Array, *, axis: int = -1) -> tuple[Array, Saved]:
    return np.add.accumulate(x, axis=axis), Saved(axis)


def backward(saved: Saved, dy: Array) -> Array:
    (axis,) = saved
    dx: Array = np.flip(np.add.accumulate(np.flip(dy, axis), axis=axis), axis)
    return dx
