"""Power  y = x^z, element by element, broadcast; both are variables.

With x^z = e^(z ln x):

    dx = z x^(z−1) dy      dz = x^z ln x dy        each summed over the axes along which it was repeated

x = 0 with z above 0 has slope 0 in z, the limit of x^z ln x; x below 0 has a power for whole z only, and no slope in z:
dz is NaN.

Shapes      x (...), z (...), alike or broadcasting -> y (...)
Convention  At x = z = 0 there is no derivative. at_zero = "zero": dx is 0 where z is 0, whatever x is, as in PyTorch.
            "formula": z x^(z−1) as it stands, 0 · ∞ = NaN, as in JAX. dz is 0 there in both; MLX has −∞. At x = 0 with
            z below 0, dz is −∞ here and in PyTorch, NaN in JAX.
Source      NIST Digital Library of Mathematical Functions, 4.2(iv) and 4.7; NumPy user guide, Broadcasting
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
    y: Array  # (...)
    at_zero: Literal["zero", "formula"]


def forward(x: Array, z: Array, *, at_zero: Literal["zero", "formula"] = "zero") -> tuple[Array, Saved]:
    with np.errstate(divide="ignore", invalid="ignore"):  # infinity and NaN are the answers there
        y = np.power(x, z)  # (...)
    return y, Saved(x, z, y, at_zero)


def backward(saved: Saved, dy: Array) -> tuple[Array, Array]:
    x, z, y, at_zero = saved
    with np.errstate(divide="ignore", invalid="ignore"):
        in_x = z * np.power(x, z - 1)  # (...)
        if at_zero == "zero":
            in_x = np.where(z == 0, 0, in_x)
        in_z = np.where((x == 0) & (z == 0), 0, xlogy(y, x))  # (...)
        return reduced(in_x * dy, x.shape), reduced(in_z * dy, z.shape)
