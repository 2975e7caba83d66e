"""Mish  y = x tanh(s), s = ln(1 + e^x).

With s' = σ(x) and tanh' s = 1 − tanh² s:

    dx = dy (tanh s + x σ(x) (1 − tanh² s))

Shapes      x (...) -> y (...)
Source      Misra (2020), Mish: A Self Regularized Non-Monotonic Activation Function, eq. 1 and 3
"""

from typing import NamedTuple

import numpy as np

from .. import Array
from ._logistic import sigmoid, softplus


class Saved(NamedTuple):
    x: Array  # (...)
    t: Array  # (...)  tanh s


def forward(x: Array) -> tuple[Array, Saved]:
    t = np.tanh(softplus(x))  # (...)
    return x * t, Saved(x, t)


def backward(saved: Saved, dy: Array) -> Array:
    x, t = saved
    slope: Array = t + x * sigmoid(x) * (1 - t * t)  # (...)
    return dy * slope
