"""Tanh shrink  y = x − tanh x.

With tanh' x = 1 − tanh² x:

    dx = dy tanh² x

Shapes      x (...) -> y (...)
Source      PyTorch 2.13, torch.nn.Tanhshrink
"""

from typing import NamedTuple

import numpy as np

from .. import Array


class Saved(NamedTuple):
    t: Array  # (...)  tanh x


def forward(x: Array) -> tuple[Array, Saved]:
    t = np.tanh(x)  # (...)
    return x - t, Saved(t)


def backward(saved: Saved, dy: Array) -> Array:
    return dy * np.square(saved.t)
