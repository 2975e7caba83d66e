"""Angle of the point (z, x)  y = atan2(x, z), from −π to π, element by element, broadcast: tan y = x / z.

With h = √(x² + z²), ∂y/∂x = z / h² and ∂y/∂z = −x / h²:

    dx = dy (z / h) / h      dz = −dy (x / h) / h        each summed over the axes along which it was repeated

Shapes      x (...), z (...), alike or broadcasting -> y (...)
Convention  x stands above the fraction, z below it, as in C's atan2(y, x). At x = z = 0, where there is no angle,
            at_zero = "zero": nothing comes back, as in PyTorch; "undefined": NaN does, as in JAX.
Source      torch.atan2, jax.numpy.arctan2
Raises      ValueError if the two shapes do not broadcast
"""

from typing import Literal, NamedTuple

import numpy as np

from .. import Array
from ._broadcast import reduced


class Saved(NamedTuple):
    x: Array  # (...)
    z: Array  # (...)
    at_zero: Literal["zero", "undefined"]


def forward(x: Array, z: Array, *, at_zero: Literal["zero", "undefined"] = "zero") -> tuple[Array, Saved]:
    return np.arctan2(x, z), Saved(x, z, at_zero)


def backward(saved: Saved, dy: Array) -> tuple[Array, Array]:
    x, z, at_zero = saved
    h = np.hypot(x, z)  # (...)
    if at_zero == "zero":
        h = np.where(h == 0, 1, h)
    with np.errstate(invalid="ignore"):
        dx, dz = dy * (z / h) / h, -dy * (x / h) / h  # (...)
    return reduced(dx, x.shape), reduced(dz, z.shape)
