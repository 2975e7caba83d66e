"""An axis of length one put in.

No number changes: the gradient takes the old shape back.

Shapes      x (..., ...) -> y (..., 1, ...)
Convention  axis is where the new axis stands in y; it counts from the end where it is negative. PyTorch calls it
            unsqueeze.
Source      torch.unsqueeze, jax.numpy.expand_dims
Raises      IndexError if y has no such axis
"""

from typing import NamedTuple

import numpy as np

from .. import Array


class Saved(NamedTuple):
    x: tuple[int, ...]  # its shape


def forward(x: Array, *, axis: int = -1) -> tuple[Array, Saved]:
    return np.expand_dims(x, axis), Saved(x.shape)


def backward(saved: Saved, dy: Array) -> Array:
    return dy.reshape(saved.x)
