"""Product over axes  y = Π x.

Without a division, which fails where an x is 0, from the products of what stands before each x and after it:

    dx_i = dy Π_{j≠i} x_j = dy (x_1 ⋯ x_{i−1}) (x_{i+1} ⋯ x_n)

Shapes      x (...) -> y (...) without the axes; with them, of length 1, where keepdims
Convention  axis = None takes the product of all, in the order in which they are stored. The product of nothing is 1.
Source      tensorflow/tensorflow pull request 3351; torch.prod, jax.numpy.prod
"""

from typing import NamedTuple

import numpy as np

from .. import Array
from ._axes import Axis, apart, kept, together
from ._products import products_before


class Saved(NamedTuple):
    x: Array  # (...)
    axis: Axis


def forward(x: Array, *, axis: Axis = None, keepdims: bool = False) -> tuple[Array, Saved]:
    y: Array = x.prod(axis=axis, keepdims=keepdims)  # (...)
    return y, Saved(x, axis)


def backward(saved: Saved, dy: Array) -> Array:
    x, axis = saved
    flat = together(x, axis)  # (..., n)
    before = products_before(flat)  # (..., n)
    after = np.flip(products_before(np.flip(flat, -1)), -1)  # (..., n)
    return kept(dy, x.shape, axis) * apart(before * after, x.shape, axis)
