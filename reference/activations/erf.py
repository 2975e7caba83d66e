"""Error function  y = erf x = 2/√π ∫ e^(−t²) dt, from 0 to x.

The derivative of an integral is what is integrated:

    dx = dy 2/√π e^(−x²)

Shapes      x (...) -> y (...)
Source      Abramowitz, Stegun (1964), Handbook of Mathematical Functions, eq. 7.1.1 and 7.1.19
"""

from typing import NamedTuple

import numpy as np
from scipy.special import erf

from .. import Array
from ..constants import pi


class Saved(NamedTuple):
    x: Array  # (...)


def forward(x: Array) -> tuple[Array, Saved]:
    return erf(x), Saved(x)


def backward(saved: Saved, dy: Array) -> Array:
    (x,) = saved
    slope: Array = np.exp(-x * x) * (2 / np.sqrt(pi(x)))  # (...)
    return dy * slope
