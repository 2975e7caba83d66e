"""Smallest number so far along an axis  y_k = min(x_1, …, x_k) = −max(−x_1, …, −x_k): see cummax.

The two signs cancel, so that dx is that of cummax at −x.

Shapes      x (...) -> y (...)
Convention  ties as in cummax: "last" as in PyTorch, "even" as in JAX, or "first".
Source      torch.cummin, jax.lax.cummin
"""

from .. import Array
from ._running import Larger, Ties, largest, spread

Saved = Larger


def forward(x: Array, *, axis: int = -1, ties: Ties = "last") -> tuple[Array, Saved]:
    y, saved = largest(-x, axis, ties)  # (...)
    return -y, saved


def backward(saved: Saved, dy: Array) -> Array:
    return spread(saved, dy)
