"""Mean over axes  y = Σ x / n, n the numbers that become one.

Each x is in one mean, with a factor of 1/n:

    dx = dy / n, repeated along the axes

Shapes      x (...) -> y (...) without the axes; with them, of length 1, where keepdims
Convention  axis = None takes the mean of all. The mean of nothing is NaN.
Source      torch.mean, jax.numpy.mean
"""

from typing import NamedTuple

import numpy as np

from .. import Array
from ._axes import Axis, count, spread


class Saved(NamedTuple):
    shape: tuple[int, ...]
    axis: Axis


def forward(x: Array, *, axis: Axis = None, keepdims: bool = False) -> tuple[Array, Saved]:
    with np.errstate(invalid="ignore"):  # of nothing
        y: Array = x.sum(axis=axis, keepdims=keepdims) / count(x.shape, axis)  # (...)
    return y, Saved(x.shape, axis)


def backward(saved: Saved, dy: Array) -> Array:
    shape, axis = saved
    with np.errstate(divide="ignore"):
        return spread(dy / count(shape, axis), shape, axis)
