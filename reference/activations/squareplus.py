"""Squareplus  y = (x + √(x² + b)) / 2, a smooth max(x, 0) without exponentials.

With r = √(x² + b), r' = x / r:

    dx = dy (1 + x / r) / 2 = dy y / r

Below zero x + r cancels; there y = (b / (r − x)) / 2, as (r + x) (r − x) = b.

Shapes      x (...) -> y (...)
Convention  JAX has x + r on both sides, and loses the digits of large negative x.
Source      Barron (2021), Squareplus: A Softplus-Like Algebraic Rectifier, eq. 1
Raises      ValueError if b is not above 0
"""

from typing import NamedTuple

import numpy as np

from .. import Array


class Saved(NamedTuple):
    slope: Array  # (...)


def forward(x: Array, *, b: float = 4.0) -> tuple[Array, Saved]:
    if not b > 0:
        raise ValueError(f"squareplus: option b must be above 0, got {b}")
    r = np.sqrt(x * x + b)  # (...)
    outer = np.abs(x) + r  # (...)
    y = np.where(x > 0, outer, b / outer) / 2  # (...)
    return y, Saved(y / r)


def backward(saved: Saved, dy: Array) -> Array:
    return dy * saved.slope
