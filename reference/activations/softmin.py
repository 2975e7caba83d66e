"""Softmin  y = softmax(−x), along an axis.

The chain rule puts a minus before softmax's own gradient at −x.

Shapes      x (...) -> y (...)
Convention  As softmax's, with masked = "undefined": where all are ∞, every share is NaN.
Source      torch.nn.Softmin
"""

from typing import Literal

from .. import Array
from . import softmax
from .softmax import Saved


def forward(x: Array, *, axis: int = -1, tails: Literal["rounded", "exact"] = "rounded") -> tuple[Array, Saved]:
    return softmax.forward(-x, axis=axis, tails=tails)


def backward(saved: Saved, dy: Array) -> Array:
    return -softmax.backward(saved, dy)
