"""Sum over axes  y = Σ x.

Each x is in one sum, with a factor of 1:

    dx = dy, repeated along the axes

Shapes      x (...) -> y (...) without the axes; with them, of length 1, where keepdims
Convention  axis = None sums over all. The sum over nothing is 0.
Source      Goodfellow, Bengio, Courville (2016), Deep Learning, section 6.5.2 (a sum's chain rule)
"""

from typing import NamedTuple

from .. import Array
from ._axes import Axis, spread


class Saved(NamedTuple):
    shape: tuple[int, ...]
    axis: Axis


def forward(x: Array, *, axis: Axis = None, keepdims: bool = False) -> tuple[Array, Saved]:
    y: Array = x.sum(axis=axis, keepdims=keepdims)  # (...)
    return y, Saved(x.shape, axis)


def backward(saved: Saved, dy: Array) -> Array:
    shape, axis = saved
    return spread(dy, shape, axis)
