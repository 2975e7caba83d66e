"""Sum  y = x + z, broadcast.

    dx = dy      dz = dy        each summed over the axes along which it was repeated

Shapes      x (...), z (...), alike or broadcasting -> y (...)
Source      Goodfellow, Bengio, Courville (2016), Deep Learning, section 6.5.6; NumPy user guide, Broadcasting
Raises      ValueError if the two shapes do not broadcast
"""

from typing import NamedTuple

from .. import Array
from ._broadcast import reduced


class Saved(NamedTuple):
    x_shape: tuple[int, ...]
    z_shape: tuple[int, ...]


def forward(x: Array, z: Array) -> tuple[Array, Saved]:
    return x + z, Saved(x.shape, z.shape)


def backward(saved: Saved, dy: Array) -> tuple[Array, Array]:
    dz = reduced(dy, saved.z_shape)  # (...) as z
    dx = reduced(dy, saved.x_shape)  # (...) as x
    return dx, dz
