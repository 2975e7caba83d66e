"""Rectified linear unit that ends at six  y = min(max(x, 0), 6).

The slope is 1 between 0 and 6 and 0 outside; at the two kinks every value from 0 to 1 is a subgradient:

    dx = dy [0 < x < 6]

Shapes      x (...) -> y (...)
Convention  at_kinks = "outside": slope 0 at 0 and 6, as PyTorch and JAX have it; "inside": 1. tinygrad has 0 at 0
            and 1 at 6.
Source      Krizhevsky (2010), Convolutional Deep Belief Networks on CIFAR-10, section 2
"""

from typing import Literal, NamedTuple

import numpy as np

from .. import Array
from ..masks import only


class Saved(NamedTuple):
    above: Array  # (...)  the lower kink
    below: Array  # (...)  the upper one


def forward(x: Array, *, at_kinks: Literal["outside", "inside"] = "outside") -> tuple[Array, Saved]:
    above = x >= 0 if at_kinks == "inside" else x > 0  # (...)
    below = x <= 6 if at_kinks == "inside" else x < 6  # (...)
    return np.minimum(np.maximum(x, 0), 6), Saved(above, below)


def backward(saved: Saved, dy: Array) -> Array:
    above, below = saved
    return only(above & below, dy)
