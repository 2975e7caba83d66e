"""Difference  y = x − z, element by element, broadcast.

    dx = dy      dz = −dy        each summed over the axes along which it was repeated

Shapes      x (...), z (...), alike or broadcasting -> y (...)
Source      NumPy user guide, Broadcasting
Raises      ValueError if the two shapes do not broadcast
"""

from typing import NamedTuple

from .. import Array
from ._broadcast import reduced


class Saved(NamedTuple):
    x: tuple[int, ...]  # the shapes
    z: tuple[int, ...]


def forward(x: Array, z: Array) -> tuple[Array, Saved]:
    return x - z, Saved(x.shape, z.shape)


def backward(saved: Saved, dy: Array) -> tuple[Array, Array]:
    return reduced(dy, saved.x), -reduced(dy, saved.z)
