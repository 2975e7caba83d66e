"""An axis of length one taken out; without an axis, all of them.

No number changes: the gradient takes the old shape back.

Shapes      x (..., 1, ...) -> y (..., ...)
Convention  An axis that is longer is refused, as in NumPy and JAX; PyTorch leaves it as it is.
Source      torch.squeeze, jax.numpy.squeeze
Raises      ValueError if the axis is longer, IndexError if there is no such axis
"""

from typing import NamedTuple

import numpy as np

from .. import Array


class Saved(NamedTuple):
    x: tuple[int, ...]  # its shape


def forward(x: Array, *, axis: int | None = None) -> tuple[Array, Saved]:
    return np.squeeze(x, axis), Saved(x.shape)


def backward(saved: Saved, dy: Array) -> Array:
    return dy.reshape(saved.x)
