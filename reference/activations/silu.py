"""Sigmoid linear unit, or swish  y = x σ(x).

With σ'(x) = σ(x) σ(−x):

    dx = dy (σ(x) + x σ(x) σ(−x)) = dy (σ(x) + y σ(−x))

Shapes      x (...) -> y (...)
Source      Elfwing, Uchibe, Doya (2018), Sigmoid-Weighted Linear Units, eq. 4 and 5
"""

from typing import NamedTuple

from .. import Array
from ._logistic import sigmoids


class Saved(NamedTuple):
    y: Array  # (...)
    share: Array  # (...)  σ(x)
    rest: Array  # (...)  σ(−x)


def forward(x: Array) -> tuple[Array, Saved]:
    share, rest = sigmoids(x)  # (...)
    y = x * share  # (...)
    return y, Saved(y, share, rest)


def backward(saved: Saved, dy: Array) -> Array:
    y, share, rest = saved
    slope: Array = share + y * rest  # (...)
    return dy * slope
