"""Vectors brought to length one  y = x / r,  r = max(‖x‖, eps), along an axis.

With ∂‖x‖/∂x = x / ‖x‖ = y:

    dx = (dy − y Σ dy y) / r            where ‖x‖ is at least eps
    dx = dy / eps                       where it is less, x = 0 among it

Shapes      x (..., D, ...) -> y (..., D, ...), D along the axis
Convention  eps_of = "norm": eps bounds ‖x‖, as in PyTorch; "square": it bounds ‖x‖², so that r = √max(‖x‖², eps), as in
            TensorFlow and Keras. At the bound PyTorch takes the first of the two gradients, and so does this.
Source      torch.nn.functional.normalize; tf.math.l2_normalize
Raises      ValueError if eps is not above 0
"""

from typing import Literal, NamedTuple

import numpy as np

from .. import Array


class Saved(NamedTuple):
    y: Array  # (..., D, ...)
    bounded: Array  # (..., 1, ...)  r
    long: Array  # (..., 1, ...)  where ‖x‖ is not below the bound
    axis: int


def forward(
    x: Array, *, axis: int = 1, eps: float = 1e-12, eps_of: Literal["norm", "square"] = "norm"
) -> tuple[Array, Saved]:
    if not eps > 0:
        raise ValueError(f"l2_normalize: option eps must be above 0; got {eps}")
    size = np.square(x).sum(axis=axis, keepdims=True)  # (..., 1, ...)
    if eps_of == "square":
        bounded = np.sqrt(np.maximum(size, eps))  # (..., 1, ...)
    else:
        size = np.sqrt(size)
        bounded = np.maximum(size, eps)  # (..., 1, ...)
    y = x / bounded  # (..., D, ...)
    return y, Saved(y, bounded, size >= eps, axis)


def backward(saved: Saved, dy: Array) -> Array:
    y, bounded, long, axis = saved
    along = (dy * y).sum(axis=axis, keepdims=True)  # (..., 1, ...)
    return (dy - np.where(long, y * along, 0)) / bounded
