"""Absolute value  y = |x|.

The slope is that of the sign; at zero every value from −1 to 1 is a subgradient:

    dx = dy sign(x) + at_zero dy [x = 0]

Shapes      x (...) -> y (...)
Convention  at_zero = 0, as PyTorch has it; 1 is what JAX has, which takes x where x ≥ 0.
Source      Boyd, Vandenberghe, Subgradients (lecture notes of Stanford EE364b), example of the absolute value
Raises      ValueError if at_zero is not between −1 and 1
"""

from typing import NamedTuple

import numpy as np

from .. import Array


class Saved(NamedTuple):
    x: Array  # (...)
    at_zero: float


def forward(x: Array, *, at_zero: float = 0.0) -> tuple[Array, Saved]:
    if not -1 <= at_zero <= 1:
        raise ValueError(f"abs: option at_zero must be between -1 and 1, got {at_zero}")
    return np.abs(x), Saved(x, at_zero)


def backward(saved: Saved, dy: Array) -> Array:
    x, at_zero = saved
    return np.where(x == 0, at_zero * dy, dy * np.sign(x))
