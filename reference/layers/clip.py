"""Clipping  y = min(max(x, min), max).

The slope is 1 between the limits and 0 outside; at a limit, every s from 0 to 1 is a subgradient:

    dx = dy [min < x < max] + s dy [x = min or x = max]

Shapes      x (...) -> y (...)
Convention  at_limits = "inside": s is 1, as in PyTorch and TensorFlow; "even": ½, as in jax.numpy.clip; "outside": 0,
            as in jax.lax.clamp and MLX. Either limit may be left out.
Source      torch.clamp, jax.numpy.clip
Raises      ValueError if there is no limit, or min is not below max
"""

from typing import Literal, NamedTuple

import numpy as np

from .. import Array
from ..masks import only


class Saved(NamedTuple):
    between: Array  # (...)  the limits
    kept: Array  # (...)  between them, or at one
    at_limits: Literal["inside", "even", "outside"]


def forward(
    x: Array,
    *,
    min: float | None = None,
    max: float | None = None,
    at_limits: Literal["inside", "even", "outside"] = "inside",
) -> tuple[Array, Saved]:
    _check(min, max)
    low = -np.inf if min is None else min
    high = np.inf if max is None else max
    y = np.minimum(np.maximum(x, low), high)  # (...)
    return y, Saved((x > low) * (x < high), x == y, at_limits)


def backward(saved: Saved, dy: Array) -> Array:
    between, kept, at_limits = saved
    if at_limits == "even":
        return np.where(between, dy, np.where(kept, dy / 2, 0))
    return only(between if at_limits == "outside" else kept, dy)


def _check(low: float | None, high: float | None) -> None:
    if low is None and high is None:
        raise ValueError("clip: option min or max must be given")
    if low is not None and high is not None and not low < high:
        raise ValueError(f"clip: option min must be below max, got {low} and {high}")
