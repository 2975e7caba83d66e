"""Hinge loss of several classes  term = (w_y / C) Σ_{i ≠ y} max(s_i, 0)^p,  s_i = margin − x_y + x_i.

With h_i = [s_i > 0] for p = 1 and 2 max(s_i, 0) for p = 2:

    ∂term/∂x_i = (w_y / C) h_i  for i ≠ y      ∂term/∂x_y = −(w_y / C) Σ_{i ≠ y} h_i

Shapes      prediction (N, C) (scores x), target (N,) integers below C, weight (C,) -> loss () for mean and sum, (N,)
            for none
Convention  The sum over the classes is divided by their number, and the mean by N, whatever the weights, as in PyTorch;
            the worst class alone is multiclass_hinge. at_margin is the slope where s_i is exactly 0: 0 in
            PyTorch, ½ where max(s, 0) splits a tie.
Source      Weston, Watkins (1999), Support Vector Machines for Multi-Class Pattern Recognition;
            torch.nn.MultiMarginLoss for p, weights and divisors
Raises      ValueError if the shapes do not fit, a target is no class, or at_margin is not between 0 and 1
"""

from typing import Literal, NamedTuple

import numpy as np

from .. import Array
from ..constants import whole
from ._checks import check_at_margin
from ._classes import _check as check_labels
from ._margin import passed
from ._reduction import Reduction, reduce, spread


class Saved(NamedTuple):
    slack: Array  # (N, C)  s, and −∞ for the class itself
    others: Array  # (N, C)  all but the class itself
    weight: Array | None  # (N,)  w_y
    p: int
    at_margin: float
    reduction: Reduction


def forward(
    prediction: Array,
    target: Array,
    weight: Array | None = None,
    *,
    reduction: Reduction = "mean",
    p: Literal[1, 2] = 1,
    margin: float = 1.0,
    at_margin: float = 0.0,
) -> tuple[Array, Saved]:
    x = prediction
    _check(x, target, weight, at_margin)
    N, C = x.shape
    others = target[:, None] != np.arange(C)  # (N, C)
    own = x[np.arange(N), target]  # (N,)
    slack = np.where(others, margin - (own[:, None] - x), -np.inf)  # (N, C)
    missed = np.maximum(slack, 0)  # (N, C)
    if p == 2:
        missed = np.square(missed)
    terms = missed.sum(axis=1) / C  # (N,)
    if weight is not None:
        weight = weight[target]  # (N,)
        terms = terms * weight
    return reduce(terms, reduction), Saved(slack, others, weight, p, at_margin, reduction)


def backward(saved: Saved, dloss: Array | None = None) -> Array:
    slack, others, weight, p, at_margin, reduction = saved
    N, C = slack.shape
    h = 2 * np.maximum(slack, 0) if p == 2 else passed(whole(1, slack), slack, at_margin)  # (N, C)
    dx = np.where(others, h, -h.sum(axis=1, keepdims=True)) / C  # (N, C)
    if weight is not None:
        dx = dx * weight[:, None]
    return spread(dx, None if dloss is None else dloss.ravel()[:, None], N, reduction)


def _check(x: Array, target: Array, weight: Array | None, at_margin: float) -> None:
    if x.ndim != 2:
        raise ValueError(f"multi_margin: prediction {x.shape} must be (N, C)")
    check_labels("multi_margin", x, target, weight, None)
    check_at_margin("multi_margin", at_margin)
