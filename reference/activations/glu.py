"""Gated linear unit  y = a σ(b), [a, b] the halves of x along an axis.

With σ' = σ(b) σ(−b):

    da = dy σ(b)      db = dy a σ(b) σ(−b)

Shapes      x (..., 2 D, ...) -> y (..., D, ...)
Convention  The second half is the gate, as in PyTorch, JAX and the paper.
Source      Dauphin et al. (2017), Language Modeling with Gated Convolutional Networks, eq. 1
Raises      ValueError if there are no halves
"""

from typing import NamedTuple

from .. import Array
from ._halves import join, split
from ._logistic import sigmoid


class Saved(NamedTuple):
    a: Array  # (..., D, ...)
    b: Array  # (..., D, ...)
    gate: Array  # (..., D, ...)  σ(b)
    axis: int


def forward(x: Array, *, axis: int = -1) -> tuple[Array, Saved]:
    a, b = split(x, axis)
    gate = sigmoid(b)  # (..., D, ...)
    return a * gate, Saved(a, b, gate, axis)


def backward(saved: Saved, dy: Array) -> Array:
    a, b, gate, axis = saved
    da = dy * gate  # (..., D, ...)
    db = da * a * sigmoid(-b)  # (..., D, ...)
    return join(da, db, axis)
