"""Choice  y = x where the condition holds, else z, element by element, broadcast.

    dx = dy [condition]      dz = dy [not condition]        each summed over the axes along which it was repeated

A number that is not chosen has gradient 0, be it NaN. What stands below it multiplies that 0 by its own slope: where
the slope is infinite, NaN comes of it, and the number must be made harmless before the layer below.

Shapes      condition (...) integers, 0 for no, x (...), z (...), alike or broadcasting -> y (...)
Source      torch.where, jax.numpy.where
Raises      ValueError if the condition is not of integers, or the shapes do not broadcast
"""

from typing import NamedTuple

import numpy as np

from .. import Array
from ..masks import only
from ._broadcast import reduced


class Saved(NamedTuple):
    chosen: Array  # (...)  where y is x
    x: tuple[int, ...]  # the shapes
    z: tuple[int, ...]


def forward(condition: Array, x: Array, z: Array) -> tuple[Array, Saved]:
    _check(condition)
    chosen = condition != 0  # (...)
    return np.where(chosen, x, z), Saved(chosen, x.shape, z.shape)


def backward(saved: Saved, dy: Array) -> tuple[None, Array, Array]:
    chosen, x, z = saved
    dz = reduced(only(~chosen, dy), z)  # (...) as z
    dx = reduced(only(chosen, dy), x)  # (...) as x
    return None, dx, dz


def _check(condition: Array) -> None:
    if condition.dtype.kind not in "iub":
        raise ValueError("where: condition must hold integers, 0 for no and 1 for yes")
