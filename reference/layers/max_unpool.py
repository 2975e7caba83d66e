"""Undo a max pooling: each number is put where the largest of its window stood, in zeros.

    y[n, c, index[n, c, o]] = x[n, c, o], the places of a plane counted through; 0 elsewhere

No number changes, so that dx is dy at those places, and what is nowhere put gets nothing:

    dx[n, c, o] = dy[n, c, index[n, c, o]]

Shapes      x (N, C, O, ...), index (N, C, O, ...) -> y (N, C, S, ...), S = (O − 1) s − 2 p + k unless output_size says
Convention  k = kernel_size, s = stride (kernel_size unless given) and p = padding are those of the pooling: one number
            for all axes, or one for each. Several sizes can have been pooled to the same, which output_size tells.
            What is written where two windows name the same place is not said, and is not asked for.
Source      Zeiler, Fergus (2014), Visualizing and Understanding Convolutional Networks, section 2.1;
            torch.nn.MaxUnpool2d
Raises      ValueError if index differs in shape from x, names a place outside, or one twice
"""

import math
from typing import NamedTuple

import numpy as np

from .. import Array
from ._places import placed
from ._pooling import Sizes, each


class Saved(NamedTuple):
    row: Array  # (N, C, O, ...)  places in y, counted through


def forward(
    x: Array,
    index: Array,
    *,
    kernel_size: Sizes = 2,
    stride: Sizes | None = None,
    padding: Sizes = 0,
    output_size: tuple[int, ...] | None = None,
) -> tuple[Array, Saved]:
    lengths = x.shape[2:]
    k, s, p = (each(n, lengths) for n in (kernel_size, kernel_size if stride is None else stride, padding))
    size = output_size or tuple((n - 1) * s - 2 * p + k for n, k, s, p in zip(lengths, k, s, p, strict=True))
    _check(x, index, size)
    shape = (*x.shape[:2], *size)
    first = np.arange(0, math.prod(shape), math.prod(size))  # (N C,)  of each plane
    row = index + first.reshape(*x.shape[:2], *(1,) * len(size))  # (N, C, O, ...)
    return placed(x, (math.prod(shape),), row).reshape(shape), Saved(row)


def backward(saved: Saved, dy: Array) -> tuple[Array, None]:
    return dy.ravel()[saved.row], None


def _check(x: Array, index: Array, size: tuple[int, ...]) -> None:
    if x.ndim < 3 or index.shape != x.shape or index.dtype.kind not in "iu":
        raise ValueError(f"max_unpool: index {index.shape} must hold an integer for each number of x {x.shape}")
    flat = index.reshape(math.prod(x.shape[:2]), math.prod(x.shape[2:]))
    if flat.size and not 0 <= flat.min() <= flat.max() < math.prod(size):
        raise ValueError(f"max_unpool: index must be from 0 to {math.prod(size) - 1}, the places of {size}")
    if any(len(np.unique(row)) < len(row) for row in flat):
        raise ValueError("max_unpool: index names a place twice")
