"""An axis moved on, what leaves it at one end coming in at the other  y_i = x_((i − shift) mod n).

The gradient is moved back as far.

Shapes      x (..., n, ...) -> y (..., n, ...)
Source      torch.roll, jax.numpy.roll
Raises      IndexError if there is no such axis
"""

from typing import NamedTuple

import numpy as np

from .. import Array


class Saved(NamedTuple):
    shift: int
    axis: int


def forward(x: Array, *, shift: int = 1, axis: int = -1) -> tuple[Array, Saved]:
    return np.roll(x, shift, axis), Saved(shift, axis)


def backward(saved: Saved, dy: Array) -> Array:
    shift, axis = saved
    return np.roll(dy, -shift, axis)
