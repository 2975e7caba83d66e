"""Exponential linear unit  y = x above zero, α (e^x − 1) below.

With (e^x)' = e^x; at zero the slopes are α from the left and 1 from the right:

    dx = dy [x > 0] + α e^x dy [x < 0] + (α or 1) dy [x = 0]

Shapes      x (...) -> y (...)
Convention  at_zero = "left": the slope at zero is α, as PyTorch and JAX have it; "right": 1. No kink where α = 1.
Source      Clevert, Unterthiner, Hochreiter (2016), Fast and Accurate Deep Network Learning by ELUs, eq. 15
"""

from typing import Literal, NamedTuple

import numpy as np

from .. import Array


class Saved(NamedTuple):
    slope: Array  # (...)


def forward(x: Array, *, alpha: float = 1.0, at_zero: Literal["left", "right"] = "left") -> tuple[Array, Saved]:
    straight = x >= 0 if at_zero == "right" else x > 0  # (...)
    below = np.minimum(x, 0)  # (...)  so that no exponential overflows
    slope = straight + alpha * np.exp(below) * ~straight  # (...)
    return np.maximum(x, 0) + alpha * np.expm1(below), Saved(slope)


def backward(saved: Saved, dy: Array) -> Array:
    return dy * saved.slope
