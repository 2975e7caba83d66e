"""Softsign  y = x / (1 + |x|).

With |x|' = sign x:  ((1 + |x|) − x sign x) / (1 + |x|)² = 1 / (1 + |x|)²

    dx = dy / (1 + |x|)²

Shapes      x (...) -> y (...)
Source      Glorot, Bengio (2010), Understanding the Difficulty of Training Deep Feedforward Networks, section 2
"""

from typing import NamedTuple

import numpy as np

from .. import Array


class Saved(NamedTuple):
    below: Array  # (...)  1 + |x|


def forward(x: Array) -> tuple[Array, Saved]:
    below = 1 + np.abs(x)  # (...)
    return x / below, Saved(below)


def backward(saved: Saved, dy: Array) -> Array:
    return dy / np.square(saved.below)
