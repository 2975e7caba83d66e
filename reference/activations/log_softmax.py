"""Logarithm of softmax  y_i = ln p_i = x_i − ln Σ_k e^{x_k}, along an axis.

With ∂y_i/∂x_j = [i = j] − p_j:

    dx_j = dy_j − p_j Σ_i dy_i = dy_j (1 − p_j) − p_j Σ_{i≠j} dy_i

With m the largest x and r = Σ_{k≠m} e^{x_k − x_m}, nothing cancels in y_i = x_i − x_m − ln(1 + r), and in the second
form of dx_m, where 1 − p_m = r / (1 + r).

Shapes      x (...) -> y (...)
Convention  tails = "rounded": ln of the rounded sum, and the first form, as PyTorch and JAX have it; where p_m rounds
            to 1, no digit of y_m or dx_m is left. tails = "exact": right to the last digits for every x.
            Where all are −∞, y is NaN, as in PyTorch's and JAX's; JAX's with where = has −∞.
Source      Goodfellow, Bengio, Courville (2016), Deep Learning, eq. 6.30
"""

from typing import Literal, NamedTuple

import numpy as np

from .. import Array


class Saved(NamedTuple):
    p: Array  # (...)
    axis: int
    largest: Array | None = None  # (...)  bool, for exact tails
    complement: Array | None = None  # (..., 1, ...)  1 − p_m


def forward(x: Array, *, axis: int = -1, tails: Literal["rounded", "exact"] = "rounded") -> tuple[Array, Saved]:
    with np.errstate(invalid="ignore"):  # −∞ less −∞
        shifted = x - x.max(axis=axis, keepdims=True)  # (...)  at most 0: e^ cannot overflow
    exps = np.exp(shifted)  # (...)
    if tails == "exact":
        largest = np.zeros(x.shape, dtype=bool)  # (...)
        np.put_along_axis(largest, np.expand_dims(np.argmax(x, axis), axis), True, axis)
        rest = np.where(largest, 0, exps).sum(axis=axis, keepdims=True)  # (..., 1, ...)
        return shifted - np.log1p(rest), Saved(exps / (1 + rest), axis, largest, rest / (1 + rest))
    total = exps.sum(axis=axis, keepdims=True)  # (..., 1, ...)
    return shifted - np.log(total), Saved(exps / total, axis)


def backward(saved: Saved, dy: Array) -> Array:
    p, axis, largest, complement = saved
    dx: Array = dy - p * dy.sum(axis=axis, keepdims=True)  # (...)
    if largest is not None:
        others = np.where(largest, 0, dy).sum(axis=axis, keepdims=True)  # (..., 1, ...)
        dx = np.where(largest, dy * complement - p * others, dx)
    return dx
