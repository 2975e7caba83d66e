"""Softplus  y = ln(1 + e^(β x)) / β, a smooth max(x, 0).

With (ln(1 + e^z))' = σ(z):

    dx = dy σ(β x)

Shapes      x (...) -> y (...)
Convention  above = "linear": y = x and dx = dy where β x > threshold, as PyTorch has it; its threshold of 20 leaves
            out e^-20 = 2e-9.
            above = "smooth": the formula everywhere, as JAX has it, and no threshold.
Source      Dugas et al. (2001), Incorporating Second-Order Functional Knowledge, section 3
Raises      ValueError if beta is zero
"""

from typing import Literal, NamedTuple

import numpy as np

from .. import Array
from ._logistic import sigmoid, softplus


class Saved(NamedTuple):
    slope: Array  # (...)


def forward(
    x: Array, *, beta: float = 1.0, threshold: float = 20.0, above: Literal["linear", "smooth"] = "linear"
) -> tuple[Array, Saved]:
    if beta == 0:
        raise ValueError("softplus: option beta must not be zero")
    z = beta * x  # (...)
    y, slope = softplus(z) / beta, sigmoid(z)  # (...)
    if above == "linear":
        straight = z > threshold  # (...)
        y, slope = np.where(straight, x, y), np.where(straight, 1, slope)
    return y, Saved(slope)


def backward(saved: Saved, dy: Array) -> Array:
    return dy * saved.slope
