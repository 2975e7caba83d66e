"""Standard deviation over axes  y = √v, v the variance.

With (√v)' = 1 / (2 y), and from there as the variance:

    dv = dy / (2 y)

Shapes      x (...) -> y (...) without the axes; with them, of length 1, where keepdims
Convention  correction = 1, as in PyTorch; JAX, NumPy and TensorFlow have 0. Where all x are alike, y = 0 is a kink:
            at_zero = "zero" has a gradient of 0 there, as PyTorch; "undefined" has 0/0 = NaN, as JAX and TensorFlow.
Source      torch.std, jax.numpy.std
"""

from typing import Literal, NamedTuple

import numpy as np

from .. import Array
from . import var
from ._axes import Axis, kept


class Saved(NamedTuple):
    y: Array  # (..., 1, ...)
    variance: var.Saved
    at_zero: Literal["zero", "undefined"]


def forward(
    x: Array,
    *,
    axis: Axis = None,
    correction: int = 1,
    keepdims: bool = False,
    at_zero: Literal["zero", "undefined"] = "zero",
) -> tuple[Array, Saved]:
    v, saved = var.forward(x, axis=axis, correction=correction, keepdims=True)
    y = np.sqrt(v)  # (..., 1, ...)
    return y if keepdims else y.squeeze(axis), Saved(y, saved, at_zero)


def backward(saved: Saved, dy: Array) -> Array:
    y, variance, at_zero = saved
    with np.errstate(divide="ignore", invalid="ignore"):
        dv = kept(dy, variance.centred.shape, variance.axis) / (2 * y)  # (..., 1, ...)
    if at_zero == "zero":
        dv = np.where(y == 0, 0, dv)
    return var.backward(variance, dv)
