"""Hinge loss of a distance x: what belongs together (t = 1) costs x, what does not (t = −1) costs max(margin − x, 0).

    ∂term/∂x = 1 where t = 1;  −[x < margin] − at_margin [x = margin] where t = −1

Shapes      prediction (...) (the distances x), target (...) of −1 and 1 -> loss () for mean and sum, (...) for none
Convention  at_margin = 1: the slope of margin − x passes where x = margin, as PyTorch's clamp has it; ½ is what
            max(margin − x, 0) gives in JAX.
Source      Hadsell, Chopra, LeCun (2006), Dimensionality Reduction by Learning an Invariant Mapping, eq. 4, without its
            squares; torch.nn.HingeEmbeddingLoss
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
    slack = margin - prediction  # (...)
    terms = np.where(target == 1, prediction, np.maximum(slack, 0))  # (...)
    return reduce(terms, reduction), Saved(slack, target, at_margin, reduction)


def backward(saved: Saved, dloss: Array | None = None) -> Array:
    slack, target, at_margin, reduction = saved
    slope = np.where(target == 1, target, passed(target, slack, at_margin))  # (...)  the label is the slope
    return spread(slope, dloss, slack.size, reduction)


def _check(prediction: Array, target: Array, at_margin: float) -> None:
    check_alike("hinge_embedding", prediction, target)
    check_signs("hinge_embedding", target)
    check_at_margin("hinge_embedding", at_margin)
