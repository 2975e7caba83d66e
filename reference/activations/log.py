"""Natural logarithm  y = ln x.

With ln' x = 1 / x:

    dx = dy / x

Shapes      x (...) -> y (...)
Convention  −∞ at zero, with an infinite slope; NaN below, as everywhere.
Source      Abramowitz, Stegun (1964), Handbook of Mathematical Functions, eq. 4.1.46
"""

from typing import NamedTuple

import numpy as np

from .. import Array


class Saved(NamedTuple):
    x: Array  # (...)


def forward(x: Array) -> tuple[Array, Saved]:
    with np.errstate(divide="ignore"):
        return np.log(x), Saved(x)


def backward(saved: Saved, dy: Array) -> Array:
    (x,) = saved
    with np.errstate(divide="ignore"):
        return dy / x
