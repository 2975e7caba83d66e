"""Axes in another order: axis i of y is axis axes[i] of x.

The gradient goes back by the inverse permutation, which is where each axis stands in axes.

Shapes      x (n_0, n_1, …) -> y (n_axes[0], n_axes[1], …)
Convention  Without axes, the order is reversed, as in NumPy and JAX; PyTorch's permute must be told.
Source      torch.permute, jax.numpy.transpose
Raises      ValueError if axes does not name every axis once
"""

from typing import NamedTuple

import numpy as np
from numpy.lib.array_utils import normalize_axis_tuple

from .. import Array


class Saved(NamedTuple):
    axes: tuple[int, ...]  # from 0


def forward(x: Array, *, axes: tuple[int, ...] | None = None) -> tuple[Array, Saved]:
    order = normalize_axis_tuple(range(x.ndim)[::-1] if axes is None else axes, x.ndim)
    return np.transpose(x, order), Saved(order)


def backward(saved: Saved, dy: Array) -> Array:
    return np.transpose(dy, np.argsort(saved.axes))
