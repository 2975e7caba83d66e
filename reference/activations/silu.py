"""Sigmoid linear unit, or swish  y = x σ(x).

With σ'(x) = σ(x) σ(−x):

    dx = dy (σ(x) + x σ(x) σ(−x)) = dy σ(x) (1 + x σ(−x))

Shapes      x (...) -> y (...)
Source      Elfwing, Uchibe, Doya (2018), Sigmoid-Weighted Linear Units, eq. 4 and 5
"""

from typing import NamedTuple

from scipy.special import expit

from .. import Array


class Saved(NamedTuple):
    x: Array  # (...)


def forward(x: Array) -> tuple[Array, Saved]:
    return x * expit(x), Saved(x)


def backward(saved: Saved, dy: Array) -> Array:
    (x,) = saved
    slope: Array = expit(x) * (1 + x * expit(-x))  # (...)
    return dy * slope
