"""Identity  y = x.

    dx = dy

Shapes      x (...) -> y (...)
Source      Goodfellow, Bengio, Courville (2016), Deep Learning, section 6.2.2.1 (linear output units)
"""

from typing import NamedTuple

from .. import Array


class Saved(NamedTuple):
    pass


def forward(x: Array) -> tuple[Array, Saved]:
    return x, Saved()


def backward(saved: Saved, dy: Array) -> Array:  # noqa: ARG001 - nothing needs saving
    return dy
