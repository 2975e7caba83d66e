"""Another shape for the same numbers, in the order in which they stand, the last axis first.

No number changes: the gradient takes the old shape back.

Shapes      x (...) -> y of the shape given; one −1 in it means what is left over
Source      torch.reshape, jax.numpy.reshape
Raises      ValueError if the shape holds another number of numbers
"""

from typing import NamedTuple

from .. import Array


class Saved(NamedTuple):
    x: tuple[int, ...]  # its shape


def forward(x: Array, *, shape: tuple[int, ...] = (-1,)) -> tuple[Array, Saved]:
    return x.reshape(shape), Saved(x.shape)


def backward(saved: Saved, dy: Array) -> Array:
    return dy.reshape(saved.x)
