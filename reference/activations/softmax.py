"""Softmax  y_i = e^{x_i} / Σ_k e^{x_k}, along an axis.

With ∂y_i/∂x_j = y_i ([i = j] − y_j):

    dx_j = Σ_i dy_i y_i ([i = j] − y_j) = y_j (dy_j − Σ_i y_i dy_i)

As Σ y = 1, a number taken from every dy changes nothing. If it is the dy of the largest y, nothing cancels.

Shapes      x (...) -> y (...)
Convention  tails = "rounded": the formula as it stands, as PyTorch and JAX have it; where the largest y rounds to 1,
            no digit of its dx is left. tails = "exact": right to the last digits for every x.
            −∞ has a share of 0. Where all are −∞, as where a mask leaves nothing: masked = "undefined": every share is
            NaN, as in PyTorch's and JAX's softmax. "zero": every share and every dx is 0, as in JAX's with where = and
            in PyTorch's own for attention, torch._safe_softmax, a private name; the public function has no such choice.
            Attention layers that put a large negative number for −∞ have equal shares.
Source      Goodfellow, Bengio, Courville (2016), Deep Learning, eq. 6.29
"""

from typing import Literal, NamedTuple

import numpy as np

from .. import Array


class Saved(NamedTuple):
    y: Array  # (...)
    axis: int
    tails: Literal["rounded", "exact"]


def forward(
    x: Array,
    *,
    axis: int = -1,
    masked: Literal["undefined", "zero"] = "undefined",
    tails: Literal["rounded", "exact"] = "rounded",
) -> tuple[Array, Saved]:
    largest = x.max(axis=axis, keepdims=True)  # (..., 1, ...)
    with np.errstate(invalid="ignore"):  # −∞ less −∞
        shifted = x - largest  # (...)  at most 0: e^ cannot overflow
    exps = np.exp(shifted)  # (...)
    y = exps / exps.sum(axis=axis, keepdims=True)  # (...)
    if masked == "zero":
        y = np.where(largest == -np.inf, 0, y)
    return y, Saved(y, axis, tails)


def backward(saved: Saved, dy: Array) -> Array:
    y, axis, tails = saved
    if tails == "exact":
        largest = np.expand_dims(np.argmax(y, axis), axis)  # (..., 1, ...)
        dy = dy - np.take_along_axis(dy, largest, axis)  # (...)
    dx: Array = y * (dy - (y * dy).sum(axis=axis, keepdims=True))  # (...)
    return dx
