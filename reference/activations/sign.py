"""Sign  y = 1 above 0, −1 below, 0 at 0.

Flat on both sides of its step, with no slope at it: nothing comes back.

    dx = 0

Shapes      x (...) -> y (...)
Convention  of_nan = "nan": NaN stays, as in JAX; "zero": it becomes 0, as in PyTorch.
Source      torch.sign, jax.numpy.sign
"""

from typing import Literal, NamedTuple

import numpy as np

from .. import Array


class Saved(NamedTuple):
    pass


def forward(x: Array, *, of_nan: Literal["nan", "zero"] = "nan") -> tuple[Array, Saved]:
    y = np.sign(x)  # (...)
    if of_nan == "zero":
        y = np.where(np.isnan(x), 0, y)
    return y, Saved()


def backward(saved: Saved, dy: Array) -> Array:  # noqa: ARG001 - nothing needs saving
    return np.zeros_like(dy)
