"""Reciprocal square root  y = 1 / √x.

With (x^-½)' = −½ x^-3/2 = −y / (2 x):

    dx = −dy y / (2 x)

Shapes      x (...) -> y (...)
Source      torch.rsqrt, jax.lax.rsqrt
"""

from typing import NamedTuple

import numpy as np

from .. import Array


class Saved(NamedTuple):
    x: Array  # (...)
    y: Array  # (...)


def forward(x: Array) -> tuple[Array, Saved]:
    with np.errstate(divide="ignore"):
        y = 1 / np.sqrt(x)  # (...)
    return y, Saved(x, y)


def backward(saved: Saved, dy: Array) -> Array:
    x, y = saved
    with np.errstate(divide="ignore"):
        dx: Array = -dy * y / (2 * x)  # (...)
    return dx
