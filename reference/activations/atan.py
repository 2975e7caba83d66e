"""Arc tangent  y = arctan x.

With arctan' x = 1 / (1 + x²):

    dx = dy / (1 + x²)

Shapes      x (...) -> y (...)
Source      Abramowitz, Stegun (1964), Handbook of Mathematical Functions, eq. 4.4.54
"""

from typing import NamedTuple

import numpy as np

from .. import Array


class Saved(NamedTuple):
    x: Array  # (...)


def forward(x: Array) -> tuple[Array, Saved]:
    return np.arctan(x), Saved(x)


def backward(saved: Saved, dy: Array) -> Array:
    (x,) = saved
    dx: Array = dy / (1 + x * x)  # (...)
    return dx
