"""Ranking loss of two predictions  term = max(margin − t (x − z), 0): x is to be above z (t = 1) or below (t = −1).

    ∂term/∂x = −t [slack > 0] − at_margin t [slack = 0],  slack = margin − t (x − z)        ∂term/∂z = −∂term/∂x

Shapes      prediction (...) (x), other (...) (z), target (...) of −1 and 1 -> loss () for mean and sum, (...) for none
Convention  at_margin = 1: the slope of the slack passes where it is zero, as PyTorch's clamp has it; ½ is what
            max(slack, 0) gives in JAX.
Source      Herbrich, Graepel, Obermayer (2000), Large Margin Rank Boundaries for Ordinal Regression;
            torch.nn.MarginRankingLoss
Raises      ValueError if the shapes differ, a label is neither −1 nor 1, or at_margin is not between 0 and 1
"""

from typing import NamedTuple

import numpy as np

from .. import Array
from ._checks import check_at_margin, check_signs
from ._margin import passed
from ._reduction import Reduction, reduce, spread


class Saved(NamedTuple):
    slack: Array  # (...)
    target: Array  # (...)
    at_margin: float
    reduction: Reduction


def forward(
    prediction: Array,
    other: Array,
    target: Array,
    *,
    reduction: Reduction = "mean",
    margin: float = 0.0,
    at_margin: float = 1.0,
) -> tuple[Array, Saved]:
    _check(prediction, other, target, at_margin)
    slack = margin - target * (prediction - other)  # (...)
    return reduce(np.maximum(slack, 0), reduction), Saved(slack, target, at_margin, reduction)


def backward(saved: Saved, dloss: Array | None = None) -> tuple[Array, Array]:
    slack, target, at_margin, reduction = saved
    dother = spread(passed(target, slack, at_margin), dloss, slack.size, reduction)  # (...)
    return -dother, dother


def _check(prediction: Array, other: Array, target: Array, at_margin: float) -> None:
    if not prediction.shape == other.shape == target.shape:
        raise ValueError(
            f"margin_ranking: prediction {prediction.shape}, other {other.shape} and target {target.shape} differ"
        )
    check_signs("margin_ranking", target)
    check_at_margin("margin_ranking", at_margin)
