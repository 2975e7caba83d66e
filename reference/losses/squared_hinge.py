"""Squared hinge loss  term = max(1 − t x, 0)²,  t = −1 or 1: the hinge loss without its kink.

With t² = 1, 1 − t x = t (t − x), and h = max(1 − t x, 0):

    ∂term/∂x = −2 t h

Shapes      prediction (...), target (...) of −1 and 1 -> loss () for mean and sum, (...) for none
Convention  Keras takes labels 0 and 1 for −1 and 1; here they are refused.
Source      Tang (2013), Deep Learning using Linear Support Vector Machines
Raises      ValueError if the two shapes differ, or a label is neither −1 nor 1
"""

from typing import NamedTuple

import numpy as np

from .. import Array
from ._checks import check_alike, check_signs
from ._reduction import Reduction, reduce, spread


class Saved(NamedTuple):
    h: Array  # (...)
    target: Array  # (...)
    reduction: Reduction


def forward(prediction: Array, target: Array, *, reduction: Reduction = "mean") -> tuple[Array, Saved]:
    _check(prediction, target)
    h = np.maximum(target * (target - prediction), 0)  # (...)
    return reduce(h * h, reduction), Saved(h, target, reduction)


def backward(saved: Saved, dloss: Array | None = None) -> Array:
    h, target, reduction = saved
    return spread(-2 * target * h, dloss, h.size, reduction)


def _check(prediction: Array, target: Array) -> None:
    check_alike("squared_hinge", prediction, target)
    check_signs("squared_hinge", target)
