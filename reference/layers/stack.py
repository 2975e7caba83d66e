"""Arrays side by side along a new axis  y_i = x_i, i along the axis.

Each number of y is one of one x: dx_i = dy_i.

Shapes      k arrays x_i (...), all alike -> y (..., k, ...)
Convention  axis is where the new axis stands in y; it counts from the end where it is negative.
Source      torch.stack, jax.numpy.stack
Raises      ValueError if the shapes differ
"""

from typing import NamedTuple

import numpy as np

from .. import Array


class Saved(NamedTuple):
    axis: int


def forward(*x: Array, axis: int = 0) -> tuple[Array, Saved]:
    return np.stack(x, axis=axis), Saved(axis)


def backward(saved: Saved, dy: Array) -> tuple[Array, ...]:
    along = np.moveaxis(dy, saved.axis, 0)  # (k, ...)
    return tuple(along[i, ...] for i in range(len(along)))
