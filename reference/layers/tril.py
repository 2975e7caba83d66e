"""The lower triangle of the last two axes: what stands above the diagonal becomes 0.

What is kept gets its gradient, what becomes 0 gets 0.

Shapes      x (..., N, M) -> y (..., N, M)
Convention  diagonal counts from the main one, upwards where it is positive; what stands on it is kept.
Source      torch.tril, jax.numpy.tril
Raises      ValueError if x has fewer than two axes
"""

from typing import NamedTuple

import numpy as np

from .. import Array


class Saved(NamedTuple):
    diagonal: int


def forward(x: Array, *, diagonal: int = 0) -> tuple[Array, Saved]:
    _check(x)
    return np.tril(x, diagonal), Saved(diagonal)


def backward(saved: Saved, dy: Array) -> Array:
    return np.tril(dy, saved.diagonal)


def _check(x: Array) -> None:
    if x.ndim < 2:
        raise ValueError(f"tril: x {x.shape} has no two axes")
