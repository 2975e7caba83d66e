"""Logistic loss of labels −1 and 1  term = ln(1 + e^(−t x)).

With z = −t x, (ln(1 + e^z))' = σ(z), and e^z is kept from overflowing:

    term = max(z, 0) + ln(1 + e^−|z|)       ∂term/∂x = −t σ(z)

Shapes      prediction (...), target (...) of −1 and 1 -> loss () for mean and sum, (...) for none
Convention  This is binary cross-entropy of the logits x, with labels −1 and 1 in place of 0 and 1.
Source      Hastie, Tibshirani, Friedman (2009), The Elements of Statistical Learning, table 12.1;
            torch.nn.SoftMarginLoss
Raises      ValueError if the two shapes differ, or a label is neither −1 nor 1
"""

from typing import NamedTuple

import numpy as np
from scipy.special import expit

from .. import Array
from ._checks import check_alike, check_signs
from ._reduction import Reduction, reduce, spread


class Saved(NamedTuple):
    z: Array  # (...)
    target: Array  # (...)
    reduction: Reduction


def forward(prediction: Array, target: Array, *, reduction: Reduction = "mean") -> tuple[Array, Saved]:
    _check(prediction, target)
    z = -target * prediction  # (...)
    terms = np.maximum(z, 0) + np.log1p(np.exp(-np.abs(z)))  # (...)
    return reduce(terms, reduction), Saved(z, target, reduction)


def backward(saved: Saved, dloss: Array | None = None) -> Array:
    z, target, reduction = saved
    return spread(-target * expit(z), dloss, z.size, reduction)


def _check(prediction: Array, target: Array) -> None:
    check_alike("soft_margin", prediction, target)
    check_signs("soft_margin", target)
