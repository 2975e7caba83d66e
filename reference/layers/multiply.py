"""Product  y = x z, element by element, broadcast.

    dx = dy z      dz = dy x        each summed over the axes along which it was repeated

Shapes      x (...), z (...), alike or broadcasting -> y (...)
Source      Goodfellow, Bengio, Courville (2016), Deep Learning, section 6.5.6; NumPy user guide, Broadcasting
Raises      ValueError if the two shapes do not broadcast
"""

from typing import NamedTuple

from .. import Array
from ._broadcast import reduced


class Saved(NamedTuple):
    x: Array  # (...)
    z: Array  # (...)


def forward(x: Array, z: Array) -> tuple[Array, Saved]:
    return x * z, Saved(x, z)


def backward(saved: Saved, dy: Array) -> tuple[Array, Array]:
    x, z = saved
    dz = reduced(dy * x, z.shape)  # (...) as z
    dx = reduced(dy * z, x.shape)  # (...) as x
    return dx, dz
