"""Hinge loss of several classes at once  term = (1/C) Σ_{y ∈ Y} Σ_{i ∉ Y} max(s_yi, 0),  s_yi = 1 − x_y + x_i.

Y are the classes of a row. With h_yi = [s_yi > 0]:

    ∂term/∂x_i = (1/C) Σ_{y ∈ Y} h_yi  for i ∉ Y      ∂term/∂x_y = −(1/C) Σ_{i ∉ Y} h_yi  for y ∈ Y

Shapes      prediction (N, C) (scores x), target (N, C) integers: the classes of each row, then −1
            -> loss () for mean and sum, (N,) for none
Convention  As in PyTorch, what stands behind the first −1 of a row counts for nothing, a class that a row names twice
            counts twice, and the sums are divided by the number of classes. at_margin is the slope where s is exactly
            0: 0 in PyTorch, ½ where max(s, 0) splits a tie.
Source      torch.nn.MultiLabelMarginLoss
Raises      ValueError if the two shapes differ, a target is no class and not −1, or at_margin is not between 0 and 1
"""

from typing import NamedTuple

import numpy as np

from .. import Array
from ..constants import whole
from ._checks import check_at_margin
from ._margin import passed
from ._reduction import Reduction, reduce, spread


class Saved(NamedTuple):
    slack: Array  # (N, C, C)  s for each named class and each class that is not one of them; −∞ elsewhere
    named: Array  # (N, C, C)  whether a target is that class
    at_margin: float
    reduction: Reduction


def forward(
    prediction: Array, target: Array, *, reduction: Reduction = "mean", at_margin: float = 0.0
) -> tuple[Array, Saved]:
    x = prediction
    _check(x, target, at_margin)
    C = x.shape[1]
    target = np.where(np.minimum.accumulate(target, axis=1) < 0, -1, target)  # (N, C)  −1 to the end of the row
    named = target[:, :, None] == np.arange(C)  # (N, C, C)
    own = np.take_along_axis(x, target, 1)  # (N, C)  anything where the target is −1
    slack = 1 - (own[:, :, None] - x[:, None, :])  # (N, C, C)
    slack = np.where(target[:, :, None] < 0, -np.inf, slack)
    slack = np.where(named.any(axis=1)[:, None, :], -np.inf, slack)
    terms = np.maximum(slack, 0).sum(axis=(1, 2)) / C  # (N,)
    return reduce(terms, reduction), Saved(slack, named, at_margin, reduction)


def backward(saved: Saved, dloss: Array | None = None) -> Array:
    slack, named, at_margin, reduction = saved
    N, _, C = slack.shape
    h = passed(whole(1, slack), slack, at_margin)  # (N, C, C)
    down = np.where(named, h.sum(axis=2, keepdims=True), 0).sum(axis=1)  # (N, C)
    dx = (h.sum(axis=1) - down) / C  # (N, C)
    return spread(dx, None if dloss is None else dloss.ravel()[:, None], N, reduction)


def _check(x: Array, target: Array, at_margin: float) -> None:
    if x.ndim != 2 or x.shape != target.shape or target.dtype.kind not in "iu":
        raise ValueError(
            f"multilabel_margin: prediction {x.shape} must be (N, C), and target {target.shape} integers of that shape"
        )
    if target.size and not -1 <= target.min() <= target.max() < x.shape[1]:
        raise ValueError(f"multilabel_margin: target must be a class from 0 to {x.shape[1] - 1}, or −1")
    check_at_margin("multilabel_margin", at_margin)
