"""Square root  y = √x.

From y² = x, 2 y y' = 1:

    dx = dy / (2 y)

Shapes      x (...) -> y (...)
Convention  The slope at zero is infinite; NaN below, as everywhere.
Source      Abramowitz, Stegun (1964), Handbook of Mathematical Functions, section 3.3
"""

from typing import NamedTuple

import numpy as np

from .. import Array


class Saved(NamedTuple):
    y: Array  # (...)


def forward(x: Array) -> tuple[Array, Saved]:
    y = np.sqrt(x)  # (...)
    return y, Saved(y)


def backward(saved: Saved, dy: Array) -> Array:
    (y,) = saved
    with np.errstate(divide="ignore"):
        dx: Array = dy / (2 * y)  # (...)
    return dx
