"""Logarithm of a sum of exponentials over axes  y = ln Σ e^x = m + ln Σ e^(x − m), m the largest x.

With ∂y/∂x_i = e^{x_i} / Σ e^x:

    dx = dy e^(x − y)

Shapes      x (...) -> y (...) without the axes; with them, of length 1, where keepdims
Convention  tails = "rounded": the formula as it stands, as PyTorch and JAX have it; where Σ e^(x − m) rounds to 1, no
            digit of its logarithm is left. tails = "exact": ln(1 + small), one x after the other, right to the last
            digits for every x.
            Where all x are −∞, y is −∞, and the gradient NaN, as in PyTorch and JAX.
Source      Blanchard, Higham, Higham (2021), Accurately Computing the Log-Sum-Exp and Softmax Functions
"""

from typing import Literal, NamedTuple

import numpy as np

from .. import Array
from ._axes import Axis, kept


class Saved(NamedTuple):
    x: Array  # (...)
    y: Array  # (..., 1, ...)
    axis: Axis


def forward(
    x: Array, *, axis: Axis = None, keepdims: bool = False, tails: Literal["rounded", "exact"] = "rounded"
) -> tuple[Array, Saved]:
    if tails == "exact":
        y = np.logaddexp.reduce(x, axis=axis, keepdims=True)  # (..., 1, ...)
    else:
        m = x.max(axis=axis, keepdims=True)  # (..., 1, ...)
        m = np.where(np.isinf(m), 0, m)  # −∞ less −∞ would be NaN
        with np.errstate(divide="ignore"):
            y = m + np.log(np.exp(x - m).sum(axis=axis, keepdims=True))
    return y if keepdims else y.squeeze(axis), Saved(x, y, axis)


def backward(saved: Saved, dy: Array) -> Array:
    x, y, axis = saved
    with np.errstate(invalid="ignore"):  # −∞ less −∞
        p = np.exp(x - y)  # (...)
    dx: Array = kept(dy, x.shape, axis) * p  # (...)
    return dx
