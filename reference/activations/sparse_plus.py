"""Sparse plus  y = (x + 1)² / 4 from −1 to 1, 0 below and x above: max(x, 0) with a round corner.

    dx = dy (x + 1) / 2 from −1 to 1, 0 below and dy above

The slopes meet at −1 and 1.

Shapes      x (...) -> y (...)
Source      Blondel, Martins, Niculae (2020), Learning with Fenchel-Young Losses, section 6.2; jax.nn.sparse_plus
"""

from typing import NamedTuple

import numpy as np

from .. import Array


class Saved(NamedTuple):
    inner: Array  # (...)  x, between −1 and 1


def forward(x: Array) -> tuple[Array, Saved]:
    inner = np.minimum(np.maximum(x, -1), 1)  # (...)
    return np.where(x > 1, x, np.square(inner + 1) / 4), Saved(inner)


def backward(saved: Saved, dy: Array) -> Array:
    return dy * ((saved.inner + 1) / 2)
