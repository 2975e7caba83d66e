"""Hyperbolic sine  y = sinh x.

With sinh' = cosh:

    dx = dy cosh x

Shapes      x (...) -> y (...)
Source      Abramowitz, Stegun (1964), Handbook of Mathematical Functions, eq. 4.5.71
"""

from typing import NamedTuple

import numpy as np

from .. import Array


class Saved(NamedTuple):
    x: Array  # (...)


def forward(x: Array) -> tuple[Array, Saved]:
    return np.sinh(x), Saved(x)


def backward(saved: Saved, dy: Array) -> Array:
    (x,) = saved
    return dy * np.cosh(x)
