"""Parametric rectifier  y = x above zero, a x elsewhere; a is learnt, one for all or one for each channel.

    dx = dy [x > 0] + a dy [x < 0] + (a or 1) dy [x = 0]
    da = Σ dy x [x < 0]        summed over all that the slope is used for

Shapes      x (N, C, ...), slope a (1,) or (C,) -> y (N, C, ...); (...) where there is one slope
Convention  at_zero = "left": the slope at zero is a, as in PyTorch; "right": 1, as in Flax, whose layer has one slope
            for all. Channels stand along axis 1, as in PyTorch; Keras and MLX have them last.
Source      He et al. (2015), Delving Deep into Rectifiers, eq. 1 to 3
Raises      ValueError if there is neither one slope, nor one for each channel
"""

from typing import Literal, NamedTuple

import numpy as np

from .. import Array
from ._broadcast import reduced


class Params(NamedTuple):
    slope: Array  # (1,) or (C,)


class Saved(NamedTuple):
    x: Array  # (N, C, ...)
    along: Array  # (C, 1, ...) or (1, 1, ...)  the slope, along the channels of x
    at_zero: Literal["left", "right"]


def forward(p: Params, x: Array, *, at_zero: Literal["left", "right"] = "left") -> tuple[Array, Saved]:
    _check(p, x)
    (slope,) = p
    along = slope.reshape(-1, *(1,) * (x.ndim - 2))  # (C, 1, ...) or (1, 1, ...)
    return np.where(x > 0, x, along * x), Saved(x, along, at_zero)


def backward(saved: Saved, dy: Array) -> tuple[Array, Params]:
    x, along, at_zero = saved
    dslope = reduced(np.where(x > 0, 0, dy * x), along.shape).reshape(-1)  # (1,) or (C,)
    dx = np.where(x >= 0 if at_zero == "right" else x > 0, dy, along * dy)  # (N, C, ...)
    return dx, Params(dslope)


def _check(p: Params, x: Array) -> None:
    if p.slope.shape not in ((1,), x.shape[1:2]):
        raise ValueError(f"prelu: slope {p.slope.shape} must have one number, or one for each channel of x {x.shape}")
