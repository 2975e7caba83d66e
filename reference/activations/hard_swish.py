"""Hard swish  y = x h(x), h(x) = min(max(x + 3, 0), 6) / 6 the hard sigmoid.

Below −3 y is 0, above 3 it is x; between, y = (x² + 3 x) / 6:

    dx = dy (2 x + 3)/6 [−3 < x < 3] + dy [x > 3]

Shapes      x (...) -> y (...)
Convention  at_kinks = "outside": slope 0 at −3 and 1 at 3, as PyTorch and JAX have it; "inside": −½ and 1½.
            tinygrad has 0 and 1½.
Source      Howard et al. (2019), Searching for MobileNetV3, section 5.2
"""

from typing import Literal, NamedTuple

import numpy as np

from .. import Array


class Saved(NamedTuple):
    x: Array  # (...)
    inside: Array  # (...)


def forward(x: Array, *, at_kinks: Literal["outside", "inside"] = "outside") -> tuple[Array, Saved]:
    inside = np.abs(x) <= 3 if at_kinks == "inside" else np.abs(x) < 3  # (...)
    return x * (np.minimum(np.maximum(x + 3, 0), 6) / 6), Saved(x, inside)


def backward(saved: Saved, dy: Array) -> Array:
    x, inside = saved
    ends = np.where(x > 0, dy, 0)  # (...)
    return np.where(inside, dy * (2 * x + 3) / 6, ends)
