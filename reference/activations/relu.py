"""Rectified linear unit  y = max(x, 0).

The slope is 1 above zero and 0 below; at zero every value from 0 to 1 is a subgradient:

    dx = dy [x > 0] + at_zero dy [x = 0]

Shapes      x (...) -> y (...)
Convention  at_zero = 0, as PyTorch and JAX have it. ½ is what maximum(x, 0) gives there, 1 what candle's relu gives.
            NaN stays NaN; tinygrad's relu turns it into 0.
Source      Nair, Hinton (2010), Rectified Linear Units Improve Restricted Boltzmann Machines, section 1
Raises      ValueError if at_zero is not between 0 and 1
"""

from typing import NamedTuple

import numpy as np

from .. import Array
from ..masks import only


class Saved(NamedTuple):
    x: Array  # (...)
    at_zero: float


def forward(x: Array, *, at_zero: float = 0.0) -> tuple[Array, Saved]:
    if not 0 <= at_zero <= 1:
        raise ValueError(f"relu: option at_zero must be between 0 and 1, got {at_zero}")
    return np.maximum(x, 0), Saved(x, at_zero)


def backward(saved: Saved, dy: Array) -> Array:
    x, at_zero = saved
    dx = only(x > 0, dy)  # (...)
    if at_zero:
        dx = np.where(x == 0, at_zero * dy, dx)
    return dx
