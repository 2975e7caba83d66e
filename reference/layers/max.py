"""Maximum over axes  y = max x.

Where one x is the largest, dy is its own. Where several are, every split of dy between them is a subgradient:

    dx = dy [x = y] / (how many are)            ties = "even"
    dx = dy for the first of them               ties = "first"

Shapes      x (...) -> y (...) without the axes; with them, of length 1, where keepdims
Convention  ties = "even", as in JAX, and in PyTorch's amax and its max over all. "first" is PyTorch's max over one
            axis, which also gives the index; there is one for a single axis only. Candle gives each of them all of dy,
            which is no subgradient. NaN is larger than any number; beside it nothing equals y, and each x has 0 / 0,
            NaN, as in PyTorch's amax and in JAX (under jit 0, in float32 and float64). With "first" the NaN has all.
Source      jax-ml/jax issue 13600; torch.amax, torch.max
Raises      ValueError if ties is "first" and axis not a single one
"""

from typing import Literal, NamedTuple, TypeAlias

import numpy as np

from .. import Array
from ._axes import Axis, kept

Ties: TypeAlias = Literal["even", "first"]


class Saved(NamedTuple):
    largest: Array  # (...)  bool
    axis: Axis


def forward(x: Array, *, axis: Axis = None, keepdims: bool = False, ties: Ties = "even") -> tuple[Array, Saved]:
    y = x.max(axis=axis, keepdims=True)  # (..., 1, ...)
    largest = x == y  # (...)
    if ties == "first":
        largest = _first(x, axis)
    return y if keepdims else y.squeeze(axis), Saved(largest, axis)


def backward(saved: Saved, dy: Array) -> Array:
    largest, axis = saved
    with np.errstate(divide="ignore", invalid="ignore"):  # beside NaN nothing is the largest
        count = largest.sum(axis=axis, keepdims=True, dtype=dy.dtype)  # (..., 1, ...)
        share = kept(dy, largest.shape, axis) / count  # (..., 1, ...)
        dx: Array = np.where(largest, share, 0 * share)  # (...)
    return dx


def _first(x: Array, axis: Axis) -> Array:
    """Where the first of the largest is."""
    if not isinstance(axis, int):
        raise ValueError(f'max: option ties = "first" needs a single axis, got {axis}')
    first = np.zeros(x.shape, dtype=bool)  # (...)
    np.put_along_axis(first, np.expand_dims(np.argmax(x, axis), axis), True, axis)
    return first
