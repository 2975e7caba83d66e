"""Logarithm of a sum of exponentials  y = ln(e^x + e^z), element by element, broadcast.

With ∂y/∂x = e^x / (e^x + e^z) = σ(x − z):

    dx = σ(x − z) dy      dz = σ(z − x) dy        each summed over the axes along which it was repeated

Shapes      x (...), z (...), alike or broadcasting -> y (...)
Source      torch.logaddexp, jax.numpy.logaddexp
Raises      ValueError if the two shapes do not broadcast
"""

from typing import NamedTuple

import numpy as np
from scipy.special import expit

from .. import Array
from ._broadcast import reduced


class Saved(NamedTuple):
    x: Array  # (...)
    z: Array  # (...)


def forward(x: Array, z: Array) -> tuple[Array, Saved]:
    return np.logaddexp(x, z), Saved(x, z)


def backward(saved: Saved, dy: Array) -> tuple[Array, Array]:
    x, z = saved
    dz = reduced(expit(z - x) * dy, z.shape)  # (...) as z
    dx = reduced(expit(x - z) * dy, x.shape)  # (...) as x
    return dx, dz
