"""Randomised leaky rectifier  y = x above zero, s x elsewhere; s = (lower + upper) / 2 in evaluation, else given.

    dx = dy [x > 0] + s dy [x ≤ 0]
    ds = x dy [x ≤ 0]                               of given slopes; who draws them takes them as constants

In training each number below zero has a slope of its own, drawn between lower and upper. What another program has drawn
cannot be drawn again: slopes are given. PyTorch's rrelu draws its own and takes none.

Shapes      x (...), slopes (...) alike -> y (...)
Convention  At zero the slope is s, as in PyTorch.
Source      Xu et al. (2015), Empirical Evaluation of Rectified Activations in Convolution Network, section 2.4
Raises      ValueError if the slopes have another shape than x
"""

from typing import NamedTuple

import numpy as np

from .. import Array


class Saved(NamedTuple):
    x: Array  # (...)
    slope: Array  # () or (...)


def forward(
    x: Array, slopes: Array | None = None, *, lower: float = 1 / 8, upper: float = 1 / 3
) -> tuple[Array, Saved]:
    _check(x, slopes)
    mean = (np.full_like(x, lower, shape=()) + upper) / 2  # ()
    slope = mean if slopes is None else slopes  # () or (...)
    return np.where(x > 0, x, slope * x), Saved(x, slope)


def backward(saved: Saved, dy: Array) -> tuple[Array, Array]:
    x, slope = saved
    return np.where(x > 0, dy, slope * dy), np.where(x > 0, 0, x * dy)


def _check(x: Array, slopes: Array | None) -> None:
    if slopes is not None and slopes.shape != x.shape:
        raise ValueError(f"rrelu: slopes {slopes.shape} must have the shape of x, {x.shape}")
