"""Logarithm of one more  y = ln(1 + x), with every digit of a small x.

With ln' z = 1 / z:

    dx = dy / (1 + x)

Shapes      x (...) -> y (...)
Convention  −∞ at −1, with an infinite slope; NaN below, as everywhere.
Source      Abramowitz, Stegun (1964), Handbook of Mathematical Functions, eq. 4.1.24 and 4.1.46
"""

from typing import NamedTuple

import numpy as np

from .. import Array


class Saved(NamedTuple):
    x: Array  # (...)


def forward(x: Array) -> tuple[Array, Saved]:
    with np.errstate(divide="ignore"):
        return np.log1p(x), Saved(x)


def backward(saved: Saved, dy: Array) -> Array:
    (x,) = saved
    with np.errstate(divide="ignore"):
        dx: Array = dy / (1 + x)  # (...)
    return dx
