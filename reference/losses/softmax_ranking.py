"""Softmax loss of ranked lists  term = −Σ_i y_i ln p_i,  p = softmax(x) over the items of a list.

y is the relevance of an item, times its weight, which need not sum to 1; only items that the mask keeps are in the
list, and with T = Σ_i y_i and ∂ln p_i/∂x_j = [i = j] − p_j:

    ∂term/∂x_j = p_j T − y_j

Shapes      prediction (..., L) (the scores x), target (..., L), mask (..., L) of 0 and 1 or none, weight (..., L) or
            none -> loss () for mean and sum, (...) for none
Convention  The mean is over the lists in which the mask has left something, and 0 where there is none, as in Optax; a
            list without items costs nothing. ListNet divides y by its sum, so that it is a distribution; TensorFlow
            Ranking weighs lists, not items.
Source      Cao et al. (2007), Learning to Rank: From Pairwise Approach to Listwise Approach, for p;
            optax.losses.ranking_softmax_loss for mask and weights
Raises      ValueError if the shapes differ, or there are no lists to speak of
"""

import math
from typing import NamedTuple

import numpy as np

from .. import Array
from ._reduction import Reduction, spread


class Saved(NamedTuple):
    p: Array  # (..., L)
    y: Array  # (..., L)
    lists: int  # those with something in them
    reduction: Reduction


def forward(
    prediction: Array,
    target: Array,
    mask: Array | None = None,
    weight: Array | None = None,
    *,
    reduction: Reduction = "mean",
) -> tuple[Array, Saved]:
    x = prediction
    _check(x, target, mask, weight)
    y = target if weight is None else target * weight  # (..., L)
    count = math.prod(x.shape[:-1])
    if mask is None:
        shifted = x - x.max(axis=-1, keepdims=True)  # (..., L)  at most 0: e^ cannot overflow
        exps = np.exp(shifted)  # (..., L)
    else:
        valid = mask != 0  # (..., L)
        some = valid.any(axis=-1, keepdims=True)  # (..., 1)
        kept = valid | ~some  # (..., L)  the scores of a list without items count for nothing, and are as good as any
        top = np.where(kept, x, -np.inf).max(axis=-1, keepdims=True)  # (..., 1)
        shifted = np.where(kept, x - top, 0)  # (..., L)
        exps = np.where(kept, np.exp(shifted), 0)  # (..., L)
        y = np.where(valid, y, 0)  # (..., L)
        count = int(some.sum())
    total = exps.sum(axis=-1, keepdims=True)  # (..., 1)
    terms = (y * (np.log(total) - shifted)).sum(axis=-1)  # (...)
    loss = terms if reduction == "none" else terms.sum()
    return loss / (count or 1) if reduction == "mean" else loss, Saved(exps / total, y, count or 1, reduction)


def backward(saved: Saved, dloss: Array | None = None) -> Array:
    p, y, count, reduction = saved
    dx = p * y.sum(axis=-1, keepdims=True) - y  # (..., L)
    return spread(dx, None if dloss is None else dloss[..., None], count, reduction)


def _check(x: Array, target: Array, mask: Array | None, weight: Array | None) -> None:
    shapes = {"target": target, "mask": mask, "weight": weight}
    odd = {name: z.shape for name, z in shapes.items() if z is not None and z.shape != x.shape}
    if not x.ndim or odd:
        raise ValueError(f"softmax_ranking: prediction {x.shape} must be lists, and all others like it; got {odd}")
