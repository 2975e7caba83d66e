"""Sparsemax loss of two classes  term = s² + max(z − 1, 0),  s = min(max((z + 1) / 2, 0), 1).

z is the score against what is right, x for the label 0 and −x for 1, and s the wrong label's probability: the loss is
zero where the score is right by 1, linear where it is wrong by 1, and ¼ (z + 1)² between.

    ∂term/∂x = s  for the label 0, −s for 1

Shapes      prediction (...) (scores x), target (...) of 0 and 1 -> loss () for mean and sum, (...) for none
Convention  None: the loss has no kink. It is multiclass_sparsemax of the scores (0, x).
Source      Martins, Astudillo (2016), From Softmax to Sparsemax, section 3.3; Blondel, Martins, Niculae (2020),
            Learning with Fenchel-Young Losses; optax.losses.sparsemax_loss
Raises      ValueError if the two shapes differ, or a label is neither 0 nor 1
"""

from typing import NamedTuple

import numpy as np

from .. import Array
from ._checks import check_alike
from ._reduction import Reduction, reduce, spread


class Saved(NamedTuple):
    slope: Array  # (...)
    reduction: Reduction


def forward(prediction: Array, target: Array, *, reduction: Reduction = "mean") -> tuple[Array, Saved]:
    _check(prediction, target)
    one = target == 1  # (...)
    z = np.where(one, -prediction, prediction)  # (...)
    s = np.minimum(np.maximum(z + 1, 0), 2) / 2  # (...)
    terms = np.square(s) + np.maximum(z - 1, 0)  # (...)
    return reduce(terms, reduction), Saved(np.where(one, -s, s), reduction)


def backward(saved: Saved, dloss: Array | None = None) -> Array:
    slope, reduction = saved
    return spread(slope, dloss, slope.size, reduction)


def _check(prediction: Array, target: Array) -> None:
    check_alike("sparsemax", prediction, target)
    if ((target != 0) & (target != 1)).any():
        raise ValueError("sparsemax: target must hold the labels 0 and 1")
