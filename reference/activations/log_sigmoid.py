"""Logarithm of the logistic sigmoid  y = ln σ(x) = −ln(1 + e^-x).

With σ' = σ(x) σ(−x), divided by σ(x):

    dx = dy σ(−x)

Shapes      x (...) -> y (...)
Source      Goodfellow, Bengio, Courville (2016), Deep Learning, eq. 3.34 to 3.36
"""

from typing import NamedTuple

from .. import Array
from ._logistic import sigmoid, softplus


class Saved(NamedTuple):
    x: Array  # (...)


def forward(x: Array) -> tuple[Array, Saved]:
    return -softplus(-x), Saved(x)


def backward(saved: Saved, dy: Array) -> Array:
    slope: Array = sigmoid(-saved.x)  # (...)
    return dy * slope
