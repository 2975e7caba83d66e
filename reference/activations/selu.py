"""Scaled exponential linear unit  y = λ x above zero, λ α (e^x − 1) below.

λ and α are those for which mean 0 and variance 1 are a fixed point. With (e^x)' = e^x:

    dx = λ dy [x > 0] + λ α e^x dy [x < 0] + (λ α or λ) dy [x = 0]

Shapes      x (...) -> y (...)
Convention  at_zero = "left": the slope at zero is λ α = 1.758, as PyTorch and JAX have it; "right": λ, as Keras and
            tinygrad have it. λ and α are the float64 nearest to them; MLX and tinygrad keep six digits.
Source      Klambauer et al. (2017), Self-Normalizing Neural Networks, eq. 2 and 14
"""

from typing import Literal, NamedTuple

import numpy as np

from .. import Array

ALPHA = 1.6732632423543772
LAMBDA = 1.0507009873554805


class Saved(NamedTuple):
    slope: Array  # (...)


def forward(x: Array, *, at_zero: Literal["left", "right"] = "left") -> tuple[Array, Saved]:
    straight = x >= 0 if at_zero == "right" else x > 0  # (...)
    below = np.minimum(x, 0)  # (...)  so that no exponential overflows
    slope = LAMBDA * (straight + ALPHA * np.exp(below) * ~straight)  # (...)
    return LAMBDA * (np.maximum(x, 0) + ALPHA * np.expm1(below)), Saved(slope)


def backward(saved: Saved, dy: Array) -> Array:
    return dy * saved.slope
