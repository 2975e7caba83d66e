"""Sparsemax loss of a class  term = Σ_j p_j (x_j − x_y) + (1 − Σ_j p_j²) / 2,  p the point of the simplex nearest to x.

With the scores in falling order u_1 ≥ u_2 ≥ …, as many of them are above zero as there are k with

    1 + k u_k > u_1 + … + u_k      p_j = max(x_j − τ, 0),  τ = (u_1 + … + u_K − 1) / K  for the last such k, K

p is where ½ − ½ Σ p² + Σ p (x − x_y) is greatest, so that only the explicit x count (Danskin):

    ∂term/∂x_j = p_j − [y = j]

Shapes      prediction (N, C) (scores x), target (N,) integers below C -> loss () for mean and sum, (N,) for none
Convention  None: the loss has no kink. It is zero where the score of y is at least 1 above all others.
Source      Martins, Astudillo (2016), From Softmax to Sparsemax, eq. 4 to 6 and algorithm 1;
            optax.losses.multiclass_sparsemax_loss
Raises      ValueError if the shapes do not fit, or a target is no class
"""

from typing import NamedTuple

import numpy as np

from .. import Array
from ._classes import _check as check_labels
from ._reduction import Reduction, reduce, spread


class Saved(NamedTuple):
    p: Array  # (N, C)
    target: Array  # (N,)
    reduction: Reduction


def forward(prediction: Array, target: Array, *, reduction: Reduction = "mean") -> tuple[Array, Saved]:
    x = prediction
    _check(x, target)
    N, C = x.shape
    rows = np.arange(N)
    x = x - x[rows, target][:, None]  # (N, C)  x_j − x_y
    u = np.take_along_axis(x, np.argsort(-x), 1)  # (N, C)
    k = np.ones_like(u)  # (N, C)
    k *= np.arange(1, C + 1)
    sums = np.add.accumulate(u, axis=1)  # (N, C)
    last = (1 + k * u > sums).sum(axis=1) - 1  # (N,)  K − 1
    tau = (sums[rows, last] - 1) / k[rows, last]  # (N,)
    p = np.maximum(x - tau[:, None], 0)  # (N, C)
    terms = (p * x).sum(axis=1) + (1 - np.square(p).sum(axis=1)) / 2  # (N,)
    return reduce(terms, reduction), Saved(p, target, reduction)


def backward(saved: Saved, dloss: Array | None = None) -> Array:
    p, target, reduction = saved
    dx = p.copy()  # (N, C)
    dx[np.arange(len(p)), target] -= 1
    return spread(dx, None if dloss is None else dloss.ravel()[:, None], len(p), reduction)


def _check(x: Array, target: Array) -> None:
    if x.ndim != 2:
        raise ValueError(f"multiclass_sparsemax: prediction {x.shape} must be (N, C)")
    check_labels("multiclass_sparsemax", x, target, None, None)
