"""Length of the hypotenuse  y = √(x² + z²), element by element, broadcast, without a square that overflows.

With ∂y/∂x = x / y:

    dx = dy x / y      dz = dy z / y        each summed over the axes along which it was repeated

At x = z = 0 there is no derivative; every point of the unit disc is a subgradient.

Shapes      x (...), z (...), alike or broadcasting -> y (...)
Convention  at_zero = "undefined": the slopes 0 / 0 are NaN, as in PyTorch; "half": they are ½ and ½, as in JAX, which
            takes the larger of the two out of the root, and splits what is tied.
Source      torch.hypot, jax.numpy.hypot
Raises      ValueError if the two shapes do not broadcast
"""

from typing import Literal, NamedTuple

import numpy as np

from .. import Array
from ._broadcast import reduced


class Saved(NamedTuple):
    x: Array  # (...)
    z: Array  # (...)
    y: Array  # (...)
    at_zero: Literal["undefined", "half"]


def forward(x: Array, z: Array, *, at_zero: Literal["undefined", "half"] = "undefined") -> tuple[Array, Saved]:
    y = np.hypot(x, z)  # (...)
    return y, Saved(x, z, y, at_zero)


def backward(saved: Saved, dy: Array) -> tuple[Array, Array]:
    x, z, y, at_zero = saved
    with np.errstate(invalid="ignore"):
        dx, dz = dy * (x / y), dy * (z / y)  # (...)
    if at_zero == "half":
        dx, dz = np.where(y == 0, dy / 2, dx), np.where(y == 0, dy / 2, dz)
    return reduced(dx, x.shape), reduced(dz, z.shape)
