"""Larger of two  y = max(x, z), element by element, broadcast.

y is x or z, and so goes the gradient; where the two are alike, every split of it is a subgradient:

    dx = dy [x > z] + s dy [x = z]      dz = dy − dx        each summed over the axes along which it was repeated

Shapes      x (...), z (...), alike or broadcasting -> y (...)
Convention  ties = "even": s is ½, as in PyTorch and JAX; "first": 1, as in TensorFlow; "second": 0, as in MLX.
            NaN beside a number gives NaN; whose the gradient is then, libraries do not agree on.
Source      Boyd, Vandenberghe (2008), Subgradients, section 3.4 (EE364b notes); torch.maximum, jax.numpy.maximum
Raises      ValueError if the two shapes do not broadcast
"""

from typing import NamedTuple

import numpy as np

from .. import Array
from ._broadcast import reduced
from ._ties import Ties, shared


class Saved(NamedTuple):
    x: tuple[int, ...]  # the shapes
    z: tuple[int, ...]
    first: Array  # (...)  where y is x
    tied: Array  # (...)
    ties: Ties


def forward(x: Array, z: Array, *, ties: Ties = "even") -> tuple[Array, Saved]:
    first = x >= z if ties == "first" else x > z  # (...)
    return np.maximum(x, z), Saved(x.shape, z.shape, first, x == z, ties)


def backward(saved: Saved, dy: Array) -> tuple[Array, Array]:
    x, z, first, tied, ties = saved
    dx, dz = shared(dy, first, tied, ties)  # (...)
    return reduced(dx, x), reduced(dz, z)
