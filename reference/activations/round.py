"""Whole number beside x: the nearest, and of two that are as near the even one; or the one below, ⌊x⌋, or above, ⌈x⌉.

Flat between its steps, with no slope at them: nothing comes back.

    dx = 0

Shapes      x (...) -> y (...)
Convention  ½ goes to 0 and 1½ to 2, as in IEEE 754 and all of the libraries; C's round has both away from 0. The
            gradient is 0 everywhere, as in PyTorch and JAX; an estimate that passes dy through is another function.
Source      IEEE 754-2019, section 4.3; torch.round, torch.floor, torch.ceil, and those of jax.numpy
"""

from typing import Literal, NamedTuple

import numpy as np

from .. import Array


class Saved(NamedTuple):
    pass


def forward(x: Array, *, to: Literal["nearest", "below", "above"] = "nearest") -> tuple[Array, Saved]:
    if to == "nearest":
        y = np.rint(x)  # (...)
    else:
        y = np.floor(x) if to == "below" else np.ceil(x)
    return y, Saved()


def backward(saved: Saved, dy: Array) -> Array:  # noqa: ARG001 - nothing needs saving
    return np.zeros_like(dy)
