"""Square  y = x².

With (x²)' = 2 x:

    dx = 2 x dy

Shapes      x (...) -> y (...)
Source      torch.square, jax.numpy.square
"""

from typing import NamedTuple

import numpy as np

from .. import Array


class Saved(NamedTuple):
    x: Array  # (...)


def forward(x: Array) -> tuple[Array, Saved]:
    return np.square(x), Saved(x)


def backward(saved: Saved, dy: Array) -> Array:
    (x,) = saved
    return 2 * x * dy
