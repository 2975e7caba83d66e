"""Cosine distance of vectors  y = 1 − cos(x, z), along an axis: 0 where they point the same way, 2 where opposite ways.

The 1 has no gradient, and that of the cosine changes its sign:

    dx = −dcos ∂cos/∂x, dcos = dy            dz likewise

Shapes      x (..., D, ...), z alike -> y (..., ...), D along the axis
Convention  eps, eps_of and short are those of cosine_similarity. Optax has the square and the constant.
Source      optax.losses.cosine_distance
Raises      ValueError where cosine_similarity does
"""

from typing import Literal

from .. import Array
from . import cosine_similarity
from .cosine_similarity import Saved


def forward(
    x: Array,
    z: Array,
    *,
    axis: int = -1,
    eps: float = 1e-8,
    eps_of: Literal["norm", "square"] = "norm",
    short: Literal["through", "constant"] = "through",
) -> tuple[Array, Saved]:
    cosine, saved = cosine_similarity.forward(x, z, axis=axis, eps=eps, eps_of=eps_of, short=short)  # (..., ...)
    return 1 - cosine, saved


def backward(saved: Saved, dy: Array) -> tuple[Array, Array]:
    return cosine_similarity.backward(saved, -dy)
