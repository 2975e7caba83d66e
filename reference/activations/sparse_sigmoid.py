"""Sparse sigmoid  y = (x + 1) / 2 from −1 to 1, 0 below and 1 above: the slope of the sparse plus.

The slope is ½ between the kinks and 0 outside; at a kink, every s from 0 to 1 is a subgradient of the clipping:

    dx = dy/2 [−1 < x < 1] + s dy/2 [x = −1 or x = 1]

Shapes      x (...) -> y (...)
Convention  at_kinks = "even": s is ½, as in JAX, which clips x + 1; "outside": 0; "inside": 1.
Source      Martins, Astudillo (2016), From Softmax to Sparsemax, section 2; jax.nn.sparse_sigmoid
"""

from typing import Literal, NamedTuple

import numpy as np

from .. import Array


class Saved(NamedTuple):
    between: Array  # (...)  the kinks
    at: Array  # (...)  one of them
    at_kinks: Literal["even", "outside", "inside"]


def forward(x: Array, *, at_kinks: Literal["even", "outside", "inside"] = "even") -> tuple[Array, Saved]:
    size = np.abs(x)  # (...)
    return np.minimum(np.maximum(x + 1, 0), 2) / 2, Saved(size < 1, size == 1, at_kinks)


def backward(saved: Saved, dy: Array) -> Array:
    between, at, at_kinks = saved
    if at_kinks == "even":
        return np.where(between, dy / 2, np.where(at, dy / 4, 0))
    return np.where(between if at_kinks == "outside" else between | at, dy / 2, 0)
