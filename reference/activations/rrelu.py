"""Randomised leaky rectifier in evaluation  y = x above zero, s x elsewhere, s = (lower + upper) / 2.

    dx = dy [x > 0] + s dy [x ≤ 0]

In training each number below zero has a slope of its own, drawn between lower and upper, a constant to the gradient.
Drawn numbers cannot be compared: PyTorch's rrelu draws its slopes itself and takes none, and JAX has no rrelu. With
given slopes it would be prelu's formula, with an a for each number and no da; with one for all, leaky_relu. Those are
checked as such, and here is evaluation, which has the mean.

Shapes      x (...) -> y (...)
Convention  At zero the slope is s, as in PyTorch.
Source      Xu et al. (2015), Empirical Evaluation of Rectified Activations in Convolution Network, section 2.4
"""

from typing import NamedTuple

import numpy as np

from .. import Array


class Saved(NamedTuple):
    x: Array  # (...)
    slope: Array  # ()


def forward(x: Array, *, lower: float = 1 / 8, upper: float = 1 / 3) -> tuple[Array, Saved]:
    slope = (np.full_like(x, lower, shape=()) + upper) / 2  # ()
    return np.where(x > 0, x, slope * x), Saved(x, slope)


def backward(saved: Saved, dy: Array) -> Array:
    x, slope = saved
    return np.where(x > 0, dy, slope * dy)
