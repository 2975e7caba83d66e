"""Sine  y = sin x.

With sin' = cos:

    dx = dy cos x

Shapes      x (...) -> y (...)
Source      Abramowitz, Stegun (1964), Handbook of Mathematical Functions, eq. 4.3.105
"""

from typing import NamedTuple

import numpy as np

from .. import Array


class Saved(NamedTuple):
    x: Array  # (...)


def forward(x: Array) -> tuple[Array, Saved]:
    return np.sin(x), Saved(x)


def backward(saved: Saved, dy: Array) -> Array:
    (x,) = saved
    return dy * np.cos(x)
