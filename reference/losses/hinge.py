"""Hinge loss  term = max(margin − t x, 0),  t = −1 or 1: no cost beyond the margin; without one, the perceptron's.

    ∂term/∂x = −t [t x < margin] − at_margin t [t x = margin]

Shapes      prediction (...), target (...) of −1 and 1 -> loss () for mean and sum, (...) for none
Convention  margin = 0 is the perceptron loss, which Optax has under its own name.
            at_margin = 1: the slope of the slack passes at the margin, as PyTorch's and Keras's clamps have it; ½: as
            max(1 − t x, 0) has it in JAX; 0: as in MLX. Keras takes labels 0 and 1 for −1 and 1; here they are refused.
Source      Cortes, Vapnik (1995), Support-Vector Networks; Bishop (2006), Pattern Recognition and Machine Learning,
            eq. 7.45; Rosenblatt (1958), The Perceptron, for no margin
Raises      ValueError if the two shapes differ, a label is neither −1 nor 1, or at_margin is not between 0 and 1
"""

from typing import NamedTuple

import numpy as np

from .. import Array
from ._checks import check_alike, check_at_margin, check_signs
from ._margin import passed
from ._reduction import Reduction, reduce, spread


class Saved(NamedTuple):
    slack: Array  # (...)
    target: Array  # (...)
    at_margin: float
    reduction: Reduction


def forward(
    prediction: Array,
    target: Array,
    *,
    reduction: Reduction = "mean",
    margin: float = 1.0,
    at_margin: float = 1.0,
) -> tuple[Array, Saved]:
    _check(prediction, target, at_margin)
    slack = margin - target * prediction  # (...)
    return reduce(np.maximum(slack, 0), reduction), Saved(slack, target, at_margin, reduction)


def backward(saved: Saved, dloss: Array | None = None) -> Array:
    slack, target, at_margin, reduction = saved
    return spread(passed(-target, slack, at_margin), dloss, slack.size, reduction)


def _check(prediction: Array, target: Array, at_margin: float) -> None:
    check_alike("hinge", prediction, target)
    check_signs("hinge", target)
    check_at_margin("hinge", at_margin)
