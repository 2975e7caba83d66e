"""Logarithm of one minus an exponential  y = ln(1 − e^−x), for x above 0.

    dx = dy e^−x / (1 − e^−x) = dy / (e^x − 1)

Small x lose their digits in 1 − e^−x, which e^−x − 1 by its own function keeps; for large x, e^−x is what ln(1 + …)
must keep. At 0, y is −∞, with an infinite slope; below, it is NaN.

Shapes      x (...) -> y (...)
Source      Mächler (2012), Accurately Computing log(1 − exp(−|a|)), equation 7; jax.nn.log1mexp
"""

from typing import NamedTuple

import numpy as np

from .. import Array


class Saved(NamedTuple):
    x: Array  # (...)


def forward(x: Array) -> tuple[Array, Saved]:
    with np.errstate(divide="ignore", invalid="ignore"):
        y = np.where(x < 0.6875, np.log(-np.expm1(-x)), np.log1p(-np.exp(-x)))  # (...)
    return y, Saved(x)


def backward(saved: Saved, dy: Array) -> Array:
    with np.errstate(divide="ignore", over="ignore"):
        dx: Array = dy / np.expm1(saved.x)  # (...)
    return dx
