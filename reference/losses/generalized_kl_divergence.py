"""Kullback-Leibler divergence of what need not sum to one  term = t (ln t − q) + e^q − t, q the prediction's logarithm.

It is never negative, and zero where e^q = t alone: the Bregman divergence of t ln t − t.

    ∂term/∂q = e^q − t      ∂term/∂t = ln t − q

0 ln 0 is 0.

Shapes      prediction (N, ...) (q), target (N, ...) -> loss () for mean, batchmean and sum, (N, ...) for none
Convention  The mean is over all elements and the batchmean over the N rows, as in kl_divergence. The slope of a target
            that is exactly 0 is −∞, as the formula has it; Optax has NaN.
Source      Boyd, Vandenberghe (2004), Convex Optimization, section 3.2.6; optax.losses.generalized_kl_divergence
Raises      ValueError if the two shapes differ, or there are no rows to speak of
"""

from typing import NamedTuple

import numpy as np

from .. import Array
from .kl_divergence import Reduction


class Saved(NamedTuple):
    error: Array  # (N, ...)  e^q − t
    ratio: Array  # (N, ...)  ln t − q
    by: int | None  # what the mean divides by


def forward(prediction: Array, target: Array, *, reduction: Reduction = "mean") -> tuple[Array, Saved]:
    q, t = prediction, target
    _check(q, t)
    error = np.exp(q) - t  # (N, ...)
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = np.log(t) - q  # (N, ...)
        terms = np.where(t == 0, 0, t * ratio) + error  # (N, ...)
    by = {"mean": q.size, "batchmean": len(q)}.get(reduction)
    loss = terms if reduction == "none" else terms.sum()
    return loss if by is None else loss / by, Saved(error, ratio, by)


def backward(saved: Saved, dloss: Array | None = None) -> tuple[Array, Array]:
    error, ratio, by = saved
    return _passed(error, dloss, by), _passed(ratio, dloss, by)


def _passed(slope: Array, dloss: Array | None, by: int | None) -> Array:
    if by is not None:
        slope = slope / by
    return slope if dloss is None else slope * dloss


def _check(q: Array, target: Array) -> None:
    if not q.ndim or q.shape != target.shape:
        raise ValueError(
            f"generalized_kl_divergence: prediction {q.shape} and target {target.shape} must be the same, with rows"
        )
