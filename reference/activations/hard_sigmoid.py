"""Hard sigmoid  y = min(max(x + 3, 0), 6) / 6.

The slope is ⅙ between −3 and 3 and 0 outside; at the two kinks every value from 0 to ⅙ is a subgradient:

    dx = dy/6 [−3 < x < 3]

Shapes      x (...) -> y (...)
Convention  at_kinks = "outside": slope 0 at −3 and 3, as PyTorch and JAX have it; "inside": ⅙.
            Keras 2 and Theano have the slope 0.2 instead, between −2.5 and 2.5.
Source      Howard et al. (2019), Searching for MobileNetV3, section 5.2
"""

from typing import Literal, NamedTuple

import numpy as np

from .. import Array
from ..masks import only


class Saved(NamedTuple):
    inside: Array  # (...)


def forward(x: Array, *, at_kinks: Literal["outside", "inside"] = "outside") -> tuple[Array, Saved]:
    inside = np.abs(x) <= 3 if at_kinks == "inside" else np.abs(x) < 3  # (...)
    return np.minimum(np.maximum(x + 3, 0), 6) / 6, Saved(inside)


def backward(saved: Saved, dy: Array) -> Array:
    return only(saved.inside, dy) / 6
