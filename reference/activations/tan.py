"""Tangent  y = tan x.

With tan' x = 1 / cos² x = 1 + tan² x:

    dx = dy (1 + y²)

Shapes      x (...) -> y (...)
Source      Abramowitz, Stegun (1964), Handbook of Mathematical Functions, eq. 4.3.107
"""

from typing import NamedTuple

import numpy as np

from .. import Array


class Saved(NamedTuple):
    y: Array  # (...)


def forward(x: Array) -> tuple[Array, Saved]:
    y = np.tan(x)  # (...)
    return y, Saved(y)


def backward(saved: Saved, dy: Array) -> Array:
    (y,) = saved
    slope: Array = 1 + y * y  # (...)
    return dy * slope
