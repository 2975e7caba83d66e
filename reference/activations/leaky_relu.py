"""Leaky rectified linear unit  y = x above zero, s x below, s = negative_slope.

Each side has its own slope; at zero every value between the two is a subgradient:

    dx = dy [x > 0] + s dy [x < 0] + (s or 1) dy [x = 0]

Shapes      x (...) -> y (...)
Convention  at_zero = "left": the slope at zero is s, as PyTorch has it; "right": 1, as JAX has it.
            negative_slope = 0.01 in both; TensorFlow has 0.2, Keras's layer 0.3.
Source      Maas, Hannun, Ng (2013), Rectifier Nonlinearities Improve Neural Network Acoustic Models, section 2
"""

from typing import Literal, NamedTuple

from .. import Array
from ..constants import decimal


class Saved(NamedTuple):
    slope: Array  # (...)


def forward(
    x: Array, *, negative_slope: float = 0.01, at_zero: Literal["left", "right"] = "left"
) -> tuple[Array, Saved]:
    straight = x >= 0 if at_zero == "right" else x > 0  # (...)
    slope = straight + decimal(negative_slope, x) * ~straight  # (...)
    return x * slope, Saved(slope)


def backward(saved: Saved, dy: Array) -> Array:
    return dy * saved.slope
