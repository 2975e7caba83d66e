"""Hard tanh  y = min(max(x, a), b), a = min_val and b = max_val.

The slope is 1 between a and b and 0 outside; at the two kinks every value from 0 to 1 is a subgradient:

    dx = dy [a < x < b]

Shapes      x (...) -> y (...)
Convention  at_kinks = "outside": slope 0 at a and b, as PyTorch has it; "inside": 1, as JAX has it.
            a = −1 and b = 1 are all that JAX has.
Source      Collobert (2004), Large Scale Machine Learning, section 2.2
Raises      ValueError if min_val is not below max_val
"""

from typing import Literal, NamedTuple

import numpy as np

from .. import Array
from ..masks import only


class Saved(NamedTuple):
    above: Array  # (...)  the lower kink
    below: Array  # (...)  the upper one


def forward(
    x: Array,
    *,
    min_val: float = -1.0,
    max_val: float = 1.0,
    at_kinks: Literal["outside", "inside"] = "outside",
) -> tuple[Array, Saved]:
    if not min_val < max_val:
        raise ValueError(f"hard_tanh: option min_val must be below max_val, got {min_val} and {max_val}")
    above = x >= min_val if at_kinks == "inside" else x > min_val  # (...)
    below = x <= max_val if at_kinks == "inside" else x < max_val  # (...)
    return np.minimum(np.maximum(x, min_val), max_val), Saved(above, below)


def backward(saved: Saved, dy: Array) -> Array:
    above, below = saved
    return only(above & below, dy)
