"""Running product along an axis  y_k = x_1 ⋯ x_k.

x_i is in every product from the i-th on. Without a division, which fails where an x is 0:

    dx_i = (x_1 ⋯ x_{i−1}) s_i,  s_i = Σ_{k≥i} dy_k (x_{i+1} ⋯ x_k) = dy_i + x_{i+1} s_{i+1}

Shapes      x (...) -> y (...)
Source      torch.cumprod, jax.numpy.cumprod
"""

from typing import NamedTuple

import numpy as np

from .. import Array
from ._products import products_before


class Saved(NamedTuple):
    x: Array  # (...)
    axis: int


def forward(x: Array, *, axis: int = -1) -> tuple[Array, Saved]:
    return np.multiply.accumulate(x, axis=axis), Saved(x, axis)


def backward(saved: Saved, dy: Array) -> Array:
    x, axis = saved
    along = np.moveaxis(x, axis, 0)  # (n, ...)
    s = np.moveaxis(dy, axis, 0).copy()  # (n, ...)
    for i in reversed(range(len(along) - 1)):
        s[i, ...] += along[i + 1, ...] * s[i + 1, ...]
    before = products_before(np.moveaxis(x, axis, -1))  # (..., n)
    return np.moveaxis(before, -1, axis) * np.moveaxis(s, 0, axis)
