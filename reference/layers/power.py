"""Power  y = x^z, element by element, broadcast; both are variables.

With x^z = e^(z ln x):

    dx = z x^(z−1) dy      dz = x^z ln x dy        each summed over the axes along which it was repeated

x = 0 with z above 0 has slope 0 in z, the limit of x^z ln x; x below 0 has a power for whole z only, and no slope in z:
dz is NaN. At x = z = 0 there is no derivative.

Shapes      x (...), z (...), alike or broadcasting -> y (...)
Source      NIST Digital Library of Mathematical Functions, 4.2(iv) and 4.7; NumPy user guide, Broadcasting
Raises      ValueError if the two shapes do not broadcast
"""

from typing import NamedTuple

import numpy as np
from scipy.special import xlogy

from .. import Array
from ._broadcast import reduced


class Saved(NamedTuple):
    x: Array  # (...)
    z: Array  # (...)
    y: Array  # (...)


def forward(x: Array, z: Array) -> tuple[Array, Saved]:
    with np.errstate(divide="ignore", invalid="ignore"):  # infinity and NaN are the answers there
        y = np.power(x, z)  # (...)
    return y, Saved(x, z, y)


def backward(saved: Saved, dy: Array) -> tuple[Array, Array]:
    x, z, y = saved
    with np.errstate(divide="ignore", invalid="ignore"):
        dz = reduced(xlogy(y, x) * dy, z.shape)  # (...) as z
        dx = reduced(z * np.power(x, z - 1) * dy, x.shape)  # (...) as x
    return dx, dz
