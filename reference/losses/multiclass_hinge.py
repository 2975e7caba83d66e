"""Hinge loss of several classes, by the worst of them  term = max_i s_i,  s_i = margin + x_i − x_y,  s_y = 0.

With share_i = [s_i is the largest] / (how many are):

    ∂term/∂x_i = share_i  for i ≠ y      ∂term/∂x_y = −Σ_{i ≠ y} share_i

Shapes      prediction (N, C) (scores x), target (N,) integers below C -> loss () for mean and sum, (N,) for none
Convention  The sum over all classes that come too near, of Weston and Watkins, is multi_margin. margin = 0 is the
            perceptron loss of several classes, which Optax has under its own name.
            ties = "even": the largest share the slope evenly, as in Optax; "first": the first of them has it, as argmax
            finds it. Both are subgradients.
Source      Crammer, Singer (2001), On the Algorithmic Implementation of Multiclass Kernel-based Vector Machines;
            Collins (2002), Discriminative Training Methods for Hidden Markov Models, for no margin;
            optax.losses.multiclass_hinge_loss
Raises      ValueError if the shapes do not fit, a target is no class, or the margin is negative
"""

from typing import Literal, NamedTuple

import numpy as np

from .. import Array
from ..constants import whole
from ._classes import _check as check_labels
from ._reduction import Reduction, reduce, spread


class Saved(NamedTuple):
    worst: Array  # (N, C)  1 where s is the largest, or 0
    others: Array  # (N, C)  all but the class itself
    reduction: Reduction


def forward(
    prediction: Array,
    target: Array,
    *,
    reduction: Reduction = "mean",
    margin: float = 1.0,
    ties: Literal["even", "first"] = "even",
) -> tuple[Array, Saved]:
    x = prediction
    _check(x, target, margin)
    N, C = x.shape
    classes = np.arange(C)
    others = target[:, None] != classes  # (N, C)
    own = x[np.arange(N), target]  # (N,)
    slack = np.where(others, margin - (own[:, None] - x), 0)  # (N, C)  s
    terms = slack.max(axis=1)  # (N,)
    largest = slack == terms[:, None] if ties == "even" else np.argmax(slack, 1)[:, None] == classes  # (N, C)
    return reduce(terms, reduction), Saved(np.where(largest, whole(1, slack), 0), others, reduction)


def backward(saved: Saved, dloss: Array | None = None) -> Array:
    worst, others, reduction = saved
    with np.errstate(invalid="ignore"):  # beside NaN nothing is the largest
        share = np.where(others, worst, 0) / worst.sum(axis=1, keepdims=True)  # (N, C)
    dx = np.where(others, share, -share.sum(axis=1, keepdims=True))  # (N, C)
    return spread(dx, None if dloss is None else dloss.ravel()[:, None], len(dx), reduction)


def _check(x: Array, target: Array, margin: float) -> None:
    if x.ndim != 2:
        raise ValueError(f"multiclass_hinge: prediction {x.shape} must be (N, C)")
    check_labels("multiclass_hinge", x, target, None, None)
    if not margin >= 0:
        raise ValueError(f"multiclass_hinge: option margin must not be negative, got {margin}")
