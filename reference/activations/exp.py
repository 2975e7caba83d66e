"""Exponential  y = e^x.

It is its own derivative:

    dx = dy y

Shapes      x (...) -> y (...)
Source      Abramowitz, Stegun (1964), Handbook of Mathematical Functions, eq. 4.2.49
"""

from typing import NamedTuple

import numpy as np

from .. import Array


class Saved(NamedTuple):
    y: Array  # (...)


def forward(x: Array) -> tuple[Array, Saved]:
    y = np.exp(x)  # (...)
    return y, Saved(y)


def backward(saved: Saved, dy: Array) -> Array:
    (y,) = saved
    return dy * y
