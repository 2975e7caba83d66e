"""Number times a logarithm  y = x ln z, and 0 where x = 0, whatever z; element by element, broadcast.

With ∂y/∂x = ln z and ∂y/∂z = x / z:

    dx = dy ln z      dz = dy x / z        each summed over the axes along which it was repeated

Where x = 0 and z is not above 0, y is 0 by agreement alone, and has no derivative in x.

Shapes      x (...), z (...), alike or broadcasting -> y (...)
Convention  at_zero = "zero": there, dx is 0, as in PyTorch; "formula": dy ln z, −∞ or NaN, as in JAX. Both have
            dz = 0 / 0 at x = z = 0; TensorFlow has 0 for both. NaN in z comes through even where x = 0.
Source      torch.xlogy, jax.scipy.special.xlogy
Raises      ValueError if the two shapes do not broadcast
"""

from typing import Literal, NamedTuple

import numpy as np
from scipy.special import xlogy

from .. import Array
from ._broadcast import reduced


class Saved(NamedTuple):
    x: Array  # (...)
    z: Array  # (...)
    at_zero: Literal["zero", "formula"]


def forward(x: Array, z: Array, *, at_zero: Literal["zero", "formula"] = "zero") -> tuple[Array, Saved]:
    return xlogy(x, z), Saved(x, z, at_zero)


def backward(saved: Saved, dy: Array) -> tuple[Array, Array]:
    x, z, at_zero = saved
    with np.errstate(divide="ignore", invalid="ignore"):
        dx, dz = dy * np.log(z), dy * (x / z)  # (...)
    if at_zero == "zero":
        dx = np.where((x == 0) & (z <= 0), 0, dx)
    return reduced(dx, x.shape), reduced(dz, z.shape)
