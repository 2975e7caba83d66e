"""Hard shrink  y = x where |x| > λ, 0 elsewhere, λ = lambd.

A jump at ±λ, whose height no slope tells of:

    dx = dy [|x| > λ]

Shapes      x (...) -> y (...)
Convention  At ±λ itself y = 0 and dx = 0, as PyTorch has it.
Source      Donoho, Johnstone (1994), Ideal Spatial Adaptation by Wavelet Shrinkage, section 2.2
Raises      ValueError if lambd is negative
"""

from typing import NamedTuple

import numpy as np

from .. import Array
from ..masks import only


class Saved(NamedTuple):
    outside: Array  # (...)


def forward(x: Array, *, lambd: float = 0.5) -> tuple[Array, Saved]:
    if not lambd >= 0:
        raise ValueError(f"hard_shrink: option lambd must not be negative, got {lambd}")
    outside = ~(np.abs(x) <= lambd)  # (...)
    return only(outside, x), Saved(outside)


def backward(saved: Saved, dy: Array) -> Array:
    return only(saved.outside, dy)
