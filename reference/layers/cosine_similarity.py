"""Cosine of the angle between vectors  y = Σ (x / r) (z / q),  r = max(‖x‖, eps), q = max(‖z‖, eps), along an axis.

With a = x / r, b = z / q and ∂r/∂x = k a, k = 1 where ‖x‖ is above eps, since ∂‖x‖/∂x = x / ‖x‖:

    dx = dy (b − k a y) / r            dz likewise

Shapes      x (..., D, ...), z alike -> y (..., ...), D along the axis
Convention  eps_of = "norm": eps bounds ‖x‖ and ‖z‖, as in PyTorch; "square": it bounds their squares, as in Optax. MLX
            bounds ‖x‖ ‖z‖, and Keras gives −y.
            short = "through": below the bound ∂r/∂x is still that of ‖x‖, k = r / ‖x‖, and 0 for x = 0, as PyTorch has
            it; "constant": k = 0 below the bound and ½ on it, as Optax has it.
Source      torch.nn.functional.cosine_similarity; optax.losses.cosine_similarity
Raises      ValueError if x and z differ in shape, or eps is not above 0
"""

from typing import Literal, NamedTuple

import numpy as np

from .. import Array


class Saved(NamedTuple):
    y: Array  # (..., 1, ...)
    a: Array  # (..., D, ...)  x / r
    b: Array  # (..., D, ...)  z / q
    r: Array  # (..., 1, ...)
    q: Array  # (..., 1, ...)
    of_x: Array  # (..., 1, ...)  k
    of_z: Array  # (..., 1, ...)  likewise
    axis: int


def forward(
    x: Array,
    z: Array,
    *,
    axis: int = 1,
    eps: float = 1e-8,
    eps_of: Literal["norm", "square"] = "norm",
    short: Literal["through", "constant"] = "through",
) -> tuple[Array, Saved]:
    _check(x, z, eps)
    r, of_x = _bounded(x, axis, eps, eps_of, short)  # (..., 1, ...)
    q, of_z = _bounded(z, axis, eps, eps_of, short)  # (..., 1, ...)
    a, b = x / r, z / q  # (..., D, ...)
    y = (a * b).sum(axis=axis, keepdims=True)  # (..., 1, ...)
    return y.squeeze(axis), Saved(y, a, b, r, q, of_x, of_z, axis)


def backward(saved: Saved, dy: Array) -> tuple[Array, Array]:
    y, a, b, r, q, of_x, of_z, axis = saved
    dy = np.expand_dims(dy, axis)  # (..., 1, ...)
    dz = dy * (a - of_z * y * b) / q  # (..., D, ...)
    dx = dy * (b - of_x * y * a) / r  # (..., D, ...)
    return dx, dz


def _bounded(x: Array, axis: int, eps: float, eps_of: str, short: str) -> tuple[Array, Array]:
    """r and k."""
    size = np.square(x).sum(axis=axis, keepdims=True)  # (..., 1, ...)
    norm = np.sqrt(size)  # (..., 1, ...)
    if eps_of == "norm":
        size, bounded = norm, np.maximum(norm, eps)
    else:
        bounded = np.sqrt(np.maximum(size, eps))  # (..., 1, ...)
    if short == "constant":
        return bounded, (1 + np.sign(size - eps)) / 2
    return bounded, bounded / np.where(norm > 0, norm, 1)  # where x is 0, so is k a


def _check(x: Array, z: Array, eps: float) -> None:
    if x.shape != z.shape:
        raise ValueError(f"cosine_similarity: x {x.shape} and z {z.shape} differ")
    if not eps > 0:
        raise ValueError(f"cosine_similarity: option eps must be above 0; got {eps}")
