"""Continuously differentiable exponential linear unit  y = max(x, 0) + min(0, α (e^(x/α) − 1)).

α (e^(x/α))' = e^(x/α), which is 1 at zero, as the slope above is; so there is no kink:

    dx = dy e^(min(x, 0)/α)

Shapes      x (...) -> y (...)
Source      Barron (2017), Continuously Differentiable Exponential Linear Units, eq. 2 and 3
Raises      ValueError if alpha is not positive
"""

from typing import NamedTuple

import numpy as np

from .. import Array


class Saved(NamedTuple):
    below: Array  # (...)  min(x, 0) / α


def forward(x: Array, *, alpha: float = 1.0) -> tuple[Array, Saved]:
    if not alpha > 0:
        raise ValueError(f"celu: option alpha must be positive, got {alpha}")
    below = np.minimum(x, 0) / alpha  # (...)
    return np.maximum(x, 0) + alpha * np.expm1(below), Saved(below)


def backward(saved: Saved, dy: Array) -> Array:
    return dy * np.exp(saved.below)
