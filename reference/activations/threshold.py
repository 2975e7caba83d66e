"""Threshold  y = x above a threshold, a fixed value elsewhere.

    dx = dy [x > threshold]

Shapes      x (...) -> y (...)
Convention  At the threshold itself y is the value, and dx is 0. NaN is not above, nor is it at or below: it stays NaN.
Source      torch.nn.Threshold
"""

from typing import NamedTuple

import numpy as np

from .. import Array
from ..masks import only


class Saved(NamedTuple):
    replaced: Array  # (...)  bool


def forward(x: Array, *, threshold: float = 0.0, value: float = 0.0) -> tuple[Array, Saved]:
    replaced = x <= threshold  # (...)
    return np.where(replaced, value, x), Saved(replaced)


def backward(saved: Saved, dy: Array) -> Array:
    return only(~saved.replaced, dy)
