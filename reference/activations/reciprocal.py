"""Reciprocal  y = 1 / x.

With (1/x)' = −1/x² = −y²:

    dx = −dy y²

Shapes      x (...) -> y (...)
Source      torch.reciprocal, jax.numpy.reciprocal
"""

from typing import NamedTuple

import numpy as np

from .. import Array


class Saved(NamedTuple):
    y: Array  # (...)


def forward(x: Array) -> tuple[Array, Saved]:
    with np.errstate(divide="ignore"):
        y = 1 / x  # (...)
    return y, Saved(y)


def backward(saved: Saved, dy: Array) -> Array:
    (y,) = saved
    dx: Array = -dy * (y * y)  # (...)
    return dx
