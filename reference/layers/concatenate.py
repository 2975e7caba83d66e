"""Arrays joined along an axis  y = [x_1, x_2, …].

Each number of y is one of one x, so each x gets its stretch of dy back:

    dx_i = dy from n_1 + … + n_(i−1) up to, but not including, n_1 + … + n_i,  n the lengths along the axis

Shapes      x_i (..., n_i, ...), alike but for the axis -> y (..., Σ n_i, ...)
Convention  axis counts from the end where it is negative.
Source      Szegedy et al. (2015), Going Deeper with Convolutions, section 4 (outputs concatenated into one)
Raises      ValueError if the shapes differ elsewhere than along the axis, or there is no such axis
"""

from itertools import accumulate, pairwise
from typing import NamedTuple

import numpy as np

from .. import Array


class Saved(NamedTuple):
    ends: tuple[int, ...]  # 0, n_1, n_1 + n_2, …
    axis: int


def forward(*x: Array, axis: int = -1) -> tuple[Array, Saved]:
    y = np.concatenate(x, axis=axis)  # (..., Σ n_i, ...)
    return y, Saved((0, *accumulate(part.shape[axis] for part in x)), axis)


def backward(saved: Saved, dy: Array) -> tuple[Array, ...]:
    ends, axis = saved
    along = np.moveaxis(dy, axis, 0)  # (Σ n_i, ...)
    return tuple(np.moveaxis(along[start:end], 0, axis) for start, end in pairwise(ends))
