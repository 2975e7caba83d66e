"""Variance over axes  y = Σ (x − μ)² / (n − correction), μ the mean of the n numbers that become one.

The mean moves with each x, but as Σ (x − μ) = 0, what that does to the squares sums to 0:

    dx = dy 2 (x − μ) / (n − correction)

Shapes      x (...) -> y (...) without the axes; with them, of length 1, where keepdims
Convention  correction = 1, as in PyTorch; JAX, NumPy and TensorFlow have 0, under the name ddof. Where n is the
            correction, y is NaN.
Source      Chan, Golub, LeVeque (1983), Algorithms for Computing the Sample Variance (in two passes)
"""

from typing import NamedTuple

import numpy as np

from .. import Array
from ._axes import Axis, count, kept


class Saved(NamedTuple):
    centred: Array  # (...)  x − μ
    axis: Axis
    divisor: int  # n − correction


def forward(x: Array, *, axis: Axis = None, correction: int = 1, keepdims: bool = False) -> tuple[Array, Saved]:
    n = count(x.shape, axis)
    centred = x - x.sum(axis=axis, keepdims=True) / n  # (...)
    with np.errstate(invalid="ignore"):
        y: Array = np.square(centred).sum(axis=axis, keepdims=keepdims) / (n - correction)  # (...)
    return y, Saved(centred, axis, n - correction)


def backward(saved: Saved, dy: Array) -> Array:
    centred, axis, divisor = saved
    with np.errstate(invalid="ignore"):
        return kept(dy, centred.shape, axis) * (2 * centred / divisor)
