"""Standardisation  y = (x − μ) / √(v + eps), μ and v of x along axes.

With n numbers along the axes, both μ and v depend on every x:

    dx = (dy − Σ dy / n − y Σ dy y / n) / √(v + eps)            the sums along the axes

Shapes      x (...) -> y (...)
Convention  v is the biased variance, n below and not n − 1. JAX can also take it as Σ x² / n − μ², which loses digits;
            it is asked for this one, algorithm = "stable".
Source      Ba, Kiros, Hinton (2016), Layer Normalization, equation 3; jax.nn.standardize
"""

from typing import NamedTuple

from .. import Array
from ._axes import Axis, numbered
from ._standard import gradient, standardised


class Saved(NamedTuple):
    y: Array  # (...)
    root: Array  # (..., 1, ...)  √(v + eps)
    axes: tuple[int, ...]


def forward(x: Array, *, axis: Axis = -1, eps: float = 1e-5) -> tuple[Array, Saved]:
    axes = numbered(axis, x.ndim)
    y, root = standardised(x, axes, eps)  # (...), (..., 1, ...)
    return y, Saved(y, root, axes)


def backward(saved: Saved, dy: Array) -> Array:
    y, root, axes = saved
    return gradient(dy, y, root, axes)
