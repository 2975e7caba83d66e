"""The whole array several times over, along each axis as often as reps says.

With the copies of axis i told apart, y has the shape (reps_1, n_1, reps_2, n_2, …): the gradient is summed over them.

Shapes      x (n_1, n_2, …) -> y (reps_1 n_1, reps_2 n_2, …); of the two, the shorter is preceded by ones
Source      torch.tile, jax.numpy.tile
Raises      ValueError if one of reps is below 0
"""

from itertools import chain
from typing import NamedTuple

import numpy as np

from .. import Array


class Saved(NamedTuple):
    x: tuple[int, ...]  # its shape
    reps: tuple[int, ...]


def forward(x: Array, *, reps: tuple[int, ...] = (2,)) -> tuple[Array, Saved]:
    return np.tile(x, reps), Saved(x.shape, reps)


def backward(saved: Saved, dy: Array) -> Array:
    x, reps = saved
    lengths = (1,) * (len(reps) - len(x)) + x
    counts = (1,) * (len(x) - len(reps)) + reps
    copies = dy.reshape(*chain(*zip(counts, lengths, strict=True)))  # (reps_1, n_1, reps_2, n_2, …)
    dx: Array = copies.sum(axis=tuple(range(0, copies.ndim, 2)))  # (n_1, n_2, …), with ones in front
    return dx.reshape(x)
