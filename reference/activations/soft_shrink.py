"""Soft shrink  y = x − λ above λ, x + λ below −λ, 0 between, λ = lambd.

The slope is 1 outside and 0 between; at the two kinks every value from 0 to 1 is a subgradient:

    dx = dy [|x| > λ]

Shapes      x (...) -> y (...)
Convention  at_kinks = "inside": slope 0 at ±λ, as PyTorch has it; "outside": 1.
Source      Donoho (1995), De-noising by Soft-thresholding, eq. 2
Raises      ValueError if lambd is negative
"""

from typing import Literal, NamedTuple

import numpy as np

from .. import Array
from ..masks import only


class Saved(NamedTuple):
    outside: Array  # (...)  where something is left


def forward(x: Array, *, lambd: float = 0.5, at_kinks: Literal["inside", "outside"] = "inside") -> tuple[Array, Saved]:
    if not lambd >= 0:
        raise ValueError(f"soft_shrink: option lambd must not be negative, got {lambd}")
    size = np.abs(x)  # (...)
    outside = ~(size < lambd if at_kinks == "outside" else size <= lambd)  # (...)
    return only(outside, x - lambd * np.sign(x)), Saved(outside)


def backward(saved: Saved, dy: Array) -> Array:
    return only(saved.outside, dy)
