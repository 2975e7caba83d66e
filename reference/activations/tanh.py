"""Hyperbolic tangent  y = tanh x.

With tanh' x = 1 − tanh² x = 1 / cosh² x:

    dx = dy (1 − y²) = dy / cosh² x

Shapes      x (...) -> y (...)
Convention  tails = "rounded": 1 − y² from the rounded output, as PyTorch and JAX do; no digit of it is left once
            tanh x rounds to 1 (x > 19 in float64, x > 9 in float32).
            tails = "exact": 1 / cosh² x, right to the last digits for every x; written with e^-2|x|, since
            cosh overflows.
Source      Abramowitz, Stegun (1964), Handbook of Mathematical Functions, eq. 4.5.17 and 4.5.73
"""

from typing import Literal, NamedTuple

import numpy as np

from .. import Array


class Saved(NamedTuple):
    slope: Array  # (...)  tanh' x


def forward(x: Array, *, tails: Literal["rounded", "exact"] = "rounded") -> tuple[Array, Saved]:
    y = np.tanh(x)  # (...)
    if tails == "exact":
        e = np.exp(-2 * np.abs(x))  # (...)
        slope = 4 * e / np.square(1 + e)  # (...)  1/cosh² x = 4 e / (1 + e)²
    else:
        slope = 1 - y * y  # (...)
    return y, Saved(slope)


def backward(saved: Saved, dy: Array) -> Array:
    return dy * saved.slope
