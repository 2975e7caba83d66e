"""Hyperbolic cosine  y = cosh x.

With cosh' = sinh:

    dx = dy sinh x

Shapes      x (...) -> y (...)
Source      Abramowitz, Stegun (1964), Handbook of Mathematical Functions, eq. 4.5.72
"""

from typing import NamedTuple

import numpy as np

from .. import Array


class Saved(NamedTuple):
    x: Array  # (...)


def forward(x: Array) -> tuple[Array, Saved]:
    return np.cosh(x), Saved(x)


def backward(saved: Saved, dy: Array) -> Array:
    (x,) = saved
    return dy * np.sinh(x)
