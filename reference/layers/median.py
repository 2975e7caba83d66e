"""Median over an axis, or over all: the middle number, or what stands between the two middle ones.

y is (l + u) / 2, l and u the middle numbers in order, which are the same where n is odd. With m_l and m_u the places
that count as l and as u:

    dx = dy/2 [m_l] / (how many m_l are) + dy/2 [m_u] / (how many m_u are)

Shapes      x (...) -> y (...) without the axis; with it, of length 1, where keepdims
Convention  middle = "mean": as above, as in JAX; "lower": u is l, as in PyTorch. Where several are equal to l,
            ties = "order": the one that stands there after a stable sort, as in JAX and in PyTorch over an axis;
            "even": all of them, as in PyTorch's median over all.
Source      torch.median, jax.numpy.median
Raises      ValueError if there is no number to be the middle one
"""

from typing import Literal, NamedTuple

import numpy as np

from .. import Array
from ._axes import apart, kept, together


class Saved(NamedTuple):
    x: tuple[int, ...]  # its shape
    lower: Array  # (..., n)  bool
    upper: Array  # (..., n)  bool
    axis: int | None


def forward(
    x: Array,
    *,
    axis: int | None = None,
    keepdims: bool = False,
    middle: Literal["mean", "lower"] = "mean",
    ties: Literal["order", "even"] = "order",
) -> tuple[Array, Saved]:
    _check(x, axis)
    flat = together(x, axis)  # (..., n)
    n = flat.shape[-1]
    order = np.argsort(flat, kind="stable")  # (..., n)
    at = (n - 1) // 2, (n - 1) // 2 if middle == "lower" else n // 2
    l, u = (np.take_along_axis(flat, order[..., k : k + 1], axis=-1) for k in at)  # (..., 1)  # noqa: E741
    y = kept((l + u) / 2, x.shape, axis)  # (..., 1, ...)
    if ties == "even":
        lower, upper = flat == l, flat == u  # (..., n)
    else:
        rank = np.argsort(order)  # (..., n)
        lower, upper = (rank == k for k in at)
    return y if keepdims else y.squeeze(axis), Saved(x.shape, lower, upper, axis)


def backward(saved: Saved, dy: Array) -> Array:
    shape, lower, upper, axis = saved
    half = together(kept(dy, shape, axis), axis) / 2  # (..., 1)
    counts = [m.sum(axis=-1, keepdims=True, dtype=dy.dtype) for m in (lower, upper)]  # (..., 1)
    dx = np.where(lower, half / counts[0], 0) + np.where(upper, half / counts[1], 0)  # (..., n)
    return apart(dx, shape, axis)


def _check(x: Array, axis: int | None) -> None:
    if not (x.size if axis is None else x.shape[axis]):
        raise ValueError(f"median: x {x.shape} has no numbers along axis {axis}")
