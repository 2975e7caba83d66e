"""Cosine embedding loss of two vectors: 1 − c if they belong together (t = 1), max(c − margin, 0) if not (t = −1).

With c = x·z / √(a b), a = x·x + ε, b = z·z + ε:

    ∂c/∂x = z / √(a b) − c x / a      ∂c/∂z = x / √(a b) − c z / b

Shapes      prediction (N, D) (x), other (N, D) (z), target (N,) of −1 and 1 -> loss () for mean and sum, (N,) for none
Convention  ε is added to each squared norm, as PyTorch's loss has it, but not its cosine similarity; it is 1e-12 (a
            float32 in every precision). Optax and MLX bound norms from below. at_margin is the slope where c is
            exactly the margin: 1 in PyTorch, whose clamp passes it, ½ where max(c − margin, 0) splits a tie.
Source      torch.nn.CosineEmbeddingLoss, and EPSILON in its Loss.cpp
Raises      ValueError if the shapes do not fit, a label is neither −1 nor 1, or at_margin is not between 0 and 1
"""

from typing import NamedTuple

import numpy as np

from .. import Array
from ..constants import whole
from ._checks import check_at_margin, check_signs
from ._margin import passed
from ._reduction import Reduction, reduce, spread

EPSILON = 9.999999960041972e-13  # 1e-12, rounded to float32


class Saved(NamedTuple):
    x: Array  # (N, D)
    z: Array  # (N, D)
    a: Array  # (N,)
    b: Array  # (N,)
    norm: Array  # (N,)  √(a b)
    cosine: Array  # (N,)  c
    target: Array  # (N,)
    margin: float
    at_margin: float
    reduction: Reduction


def forward(
    prediction: Array,
    other: Array,
    target: Array,
    *,
    reduction: Reduction = "mean",
    margin: float = 0.0,
    at_margin: float = 1.0,
) -> tuple[Array, Saved]:
    x, z = prediction, other
    _check(x, z, target, at_margin)
    a = np.square(x).sum(axis=1) + EPSILON  # (N,)
    b = np.square(z).sum(axis=1) + EPSILON  # (N,)
    norm = np.sqrt(a * b)  # (N,)
    cosine = (x * z).sum(axis=1) / norm  # (N,)
    terms = np.where(target == 1, 1 - cosine, np.maximum(cosine - margin, 0))  # (N,)
    return reduce(terms, reduction), Saved(x, z, a, b, norm, cosine, target, margin, at_margin, reduction)


def backward(saved: Saved, dloss: Array | None = None) -> tuple[Array, Array]:
    x, z, a, b, norm, cosine, target, margin, at_margin, reduction = saved
    one = whole(1, cosine)
    slope = np.where(target == 1, -one, passed(one, cosine - margin, at_margin))  # (N,)  ∂term/∂c
    slope = spread(slope, dloss, len(x), reduction)
    across = (slope / norm)[:, None]  # (N, 1)
    turned = slope * cosine  # (N,)
    dx = across * z - (turned / a)[:, None] * x  # (N, D)
    dz = across * x - (turned / b)[:, None] * z  # (N, D)
    return dx, dz


def _check(x: Array, z: Array, target: Array, at_margin: float) -> None:
    if x.ndim != 2 or x.shape != z.shape or target.shape != x.shape[:1]:
        raise ValueError(
            f"cosine_embedding: prediction {x.shape} and other {z.shape} must be (N, D), and target {target.shape} (N,)"
        )
    check_signs("cosine_embedding", target)
    check_at_margin("cosine_embedding", at_margin)
