"""Exponential less one  y = e^x − 1, with every digit of a small x.

With (e^x)' = e^x:

    dx = dy e^x

Shapes      x (...) -> y (...)
Convention  e^x is not taken as y + 1: far below zero y is −1 to the last digit, and nothing of the slope is left.
Source      Abramowitz, Stegun (1964), Handbook of Mathematical Functions, eq. 4.2.1 and 4.2.49
"""

from typing import NamedTuple

import numpy as np

from .. import Array


class Saved(NamedTuple):
    x: Array  # (...)


def forward(x: Array) -> tuple[Array, Saved]:
    return np.expm1(x), Saved(x)


def backward(saved: Saved, dy: Array) -> Array:
    (x,) = saved
    return dy * np.exp(x)
