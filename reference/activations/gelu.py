"""Gaussian error linear unit  y = x Φ(x), Φ the distribution function of the standard normal, φ its density.

With Φ(x) = ½ erfc(−x/√2) and Φ'(x) = φ(x) = e^(−x²/2) / √(2π):

    dx = dy (Φ(x) + x φ(x))

approximate = "tanh" takes Φ(x) = ½ (1 + tanh(z/2)) = σ(z) with z = 2 √(2/π) (x + 0.044715 x³) instead:

    dx = dy (σ(z) + x σ(z) σ(−z) z'),   z' = 2 √(2/π) (1 + 3 · 0.044715 x²)

Shapes      x (...) -> y (...)
Convention  approximate = "none", as PyTorch has it, and Keras and MLX; JAX and tinygrad have "tanh".
Source      Hendrycks, Gimpel (2016), Gaussian Error Linear Units, section 2
"""

from typing import Literal, NamedTuple

import numpy as np
from scipy.special import erfc

from .. import Array
from ..constants import pi, root
from ._logistic import sigmoids

CUBIC = 0.044715


class Saved(NamedTuple):
    slope: Array  # (...)


def forward(x: Array, *, approximate: Literal["none", "tanh"] = "none") -> tuple[Array, Saved]:
    if approximate == "tanh":
        scale = np.sqrt(8 / pi(x))  # ()  2 √(2/π)
        square = x * x  # (...)
        z = scale * (x + CUBIC * x * square)  # (...)
        share, rest = sigmoids(z)  # (...)
        density = share * rest * (scale * (1 + CUBIC * (3 * square)))  # (...)
    else:
        share = erfc(-x / root(2, x)) / 2  # (...)
        density = np.exp(-x * x / 2) / np.sqrt(2 * pi(x))  # (...)
    return x * share, Saved(share + x * density)


def backward(saved: Saved, dy: Array) -> Array:
    return dy * saved.slope
