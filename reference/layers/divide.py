"""Quotient  y = x / z, element by element, broadcast.

With ∂(x / z)/∂z = −x / z² = −y / z:

    dx = dy / z      dz = −y dy / z        each summed over the axes along which it was repeated

Shapes      x (...), z (...), alike or broadcasting -> y (...)
Source      NumPy user guide, Broadcasting
Raises      ValueError if the two shapes do not broadcast
"""

from typing import NamedTuple

import numpy as np

from .. import Array
from ._broadcast import reduced


class Saved(NamedTuple):
    x: tuple[int, ...]  # its shape
    z: Array  # (...)
    y: Array  # (...)


def forward(x: Array, z: Array) -> tuple[Array, Saved]:
    with np.errstate(divide="ignore", invalid="ignore"):  # infinity and NaN are the answers there
        y = x / z  # (...)
    return y, Saved(x.shape, z, y)


def backward(saved: Saved, dy: Array) -> tuple[Array, Array]:
    x, z, y = saved
    with np.errstate(divide="ignore", invalid="ignore"):
        each = dy / z  # (...)
    dz = reduced(-y * each, z.shape)  # (...) as z
    dx = reduced(each, x)  # (...) as x
    return dx, dz
