"""An array repeated to a larger shape: along axes of length one, and along new ones in front.

A number of x gets the sum of the gradients of its copies.

Shapes      x (...) -> y of the shape given
Source      NumPy user guide, Broadcasting; torch.broadcast_to, jax.numpy.broadcast_to
Raises      ValueError if x does not broadcast to the shape
"""

from typing import NamedTuple

import numpy as np

from .. import Array
from ._broadcast import reduced


class Saved(NamedTuple):
    x: tuple[int, ...]  # its shape


def forward(x: Array, *, shape: tuple[int, ...]) -> tuple[Array, Saved]:
    return np.broadcast_to(x, shape, subok=True), Saved(x.shape)


def backward(saved: Saved, dy: Array) -> Array:
    return reduced(dy, saved.x)
