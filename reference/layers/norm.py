"""Norm over axes  y = (Σ |x|^p)^(1/p), p = ord; for ord = "inf" the largest |x|.

With ∂|x|^p/∂x = p |x|^(p−1) sign(x), and y^p = Σ |x|^p:

    dx = dy sign(x) (|x| / y)^(p−1)             dy x / y for p = 2, dy sign(x) for p = 1
    dx = dy sign(x) [|x| = y] / (how many are)  for p = ∞

Shapes      x (...) -> y (...) without the axes; with them, of length 1, where keepdims
Convention  at_zero = "zero": nothing comes back to an x that is 0 for p = 1, or to any where y is 0, as in PyTorch.
            "formula": the slope of |x| at 0 is 1, and 0 / y is NaN where y is 0, as in JAX, whose maximum for p = ∞ is
            taken beside a 0, so that half of dy comes back to a row of zeros. Both split ties evenly.
Source      Boyd, Vandenberghe (2004), Convex Optimization, appendix A.1.2
Raises      ValueError if ord is a number below 1
"""

from typing import Literal, NamedTuple

import numpy as np

from .. import Array
from ._axes import Axis, kept


class Saved(NamedTuple):
    x: Array  # (...)
    y: Array  # (..., 1, ...)
    ord: float | Literal["inf"]
    axis: Axis
    at_zero: Literal["zero", "formula"]


def forward(
    x: Array,
    *,
    ord: float | Literal["inf"] = 2.0,
    axis: Axis = None,
    keepdims: bool = False,
    at_zero: Literal["zero", "formula"] = "zero",
) -> tuple[Array, Saved]:
    if ord != "inf" and not ord >= 1:
        raise ValueError(f"norm: option ord must be at least 1, got {ord}")
    if ord == "inf":
        y = np.abs(x).max(axis=axis, keepdims=True)  # (..., 1, ...)
    elif ord == 1:
        y = np.abs(x).sum(axis=axis, keepdims=True)
    elif ord == 2:
        y = np.sqrt(np.square(x).sum(axis=axis, keepdims=True))
    else:
        y = np.power(np.power(np.abs(x), ord).sum(axis=axis, keepdims=True), 1 / _exponent(ord, x))
    return y if keepdims else y.squeeze(axis), Saved(x, y, ord, axis, at_zero)


def backward(saved: Saved, dy: Array) -> Array:
    x, y, ord, axis, at_zero = saved
    dy = kept(dy, x.shape, axis)  # (..., 1, ...)
    sign = np.where(x == 0, 1, np.sign(x)) if at_zero == "formula" else np.sign(x)  # (...)
    if ord == 1:
        return dy * sign
    if ord == "inf":
        largest = np.abs(x) == y  # (...)
        count = largest.sum(axis=axis, keepdims=True, dtype=dy.dtype)  # (..., 1, ...)
        each = dy / count  # (..., 1, ...)
        return np.where(largest, sign * np.where(y == 0, each / 2, each), 0)
    with np.errstate(invalid="ignore"):
        share: Array = x / y if ord == 2 else sign * np.power(np.abs(x) / y, _exponent(ord, x) - 1)  # (...)
    if at_zero == "zero":
        share = np.where(y == 0, 0, share)
    return dy * share


def _exponent(ord: float, like: Array) -> Array:
    """The exponent, of shape (), so that no float is computed of it."""
    p: Array = np.full_like(like, ord, shape=())
    return p
