"""Negative log-likelihood of a class, given the logarithms of the probabilities  term = −w_y x_y.

    ∂term/∂x_j = −w_y [y = j]

Together with a log-softmax below, this is the cross-entropy of logits.

Shapes      prediction (N, C, ...) (log-probabilities x), target (N, ...) integers below C, weight (C,)
            -> loss () for mean and sum, (N, ...) for none
Convention  As in PyTorch, the mean divides by the sum of the weights w_y of the rows that are not ignored. empty =
            "nan": the mean of nothing is 0 / 0, as in PyTorch, though ignored rows get a gradient of 0. empty =
            "zero": it is 0. That x are logarithms of probabilities, nobody checks.
Source      Bishop (2006), Pattern Recognition and Machine Learning, eq. 4.108; torch.nn.NLLLoss for the options
Raises      ValueError if the shapes do not fit, or a target is no class
"""

from typing import NamedTuple

import numpy as np

from .. import Array
from ._classes import Empty, Labels, divided, labelled, reduce, restored, rows, without
from ._classes import _check as check_labels
from ._reduction import Reduction


class Saved(NamedTuple):
    labels: Labels
    share: Array  # (M,)  the weight of each row
    by: Array | int | None  # what the mean divides by
    shape: tuple[int, ...]  # of the prediction


def forward(
    prediction: Array,
    target: Array,
    weight: Array | None = None,
    *,
    reduction: Reduction = "mean",
    ignore_index: int | None = None,
    empty: Empty = "nan",
) -> tuple[Array, Saved]:
    _check(prediction, target, weight, ignore_index)
    x = rows(prediction)  # (M, C)
    labels = labelled(target, weight, ignore_index, x)
    share = labels.share
    terms = -x[np.arange(len(x)), labels.target]  # (M,)
    if share is None:
        share = np.ones_like(terms)  # (M,)
    else:
        terms = without(terms, labels.kept) * share  # (M,)
    loss, by = reduce(terms, labels.share, reduction, empty)
    if loss.ndim:
        loss = loss.reshape(target.shape)
    return loss, Saved(labels, share, by, prediction.shape)


def backward(saved: Saved, dloss: Array | None = None) -> Array:
    (target, kept, _), share, by, shape = saved
    named = -share  # (M,)  ∂term/∂x_y
    if by is not None:
        named = divided(named, by)  # (M,)
    if dloss is not None:
        named = named * dloss.ravel()  # (M,)
    dx = np.where(target[:, None] == np.arange(shape[1]), without(named, kept)[:, None], 0)  # (M, C)
    return restored(dx, shape)


def _check(x: Array, target: Array, weight: Array | None, ignore_index: int | None) -> None:
    check_labels("nll", x, target, weight, ignore_index)
