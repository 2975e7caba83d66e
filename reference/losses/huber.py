"""Huber's loss: with e = p − t, term = ½ e² where |e| ≤ δ, and δ (|e| − ½ δ) beyond: a parabola with straight arms.

With q = min(|e|, δ), both are one formula, and the slope is that of ½ e², held between −δ and δ:

    term = q (|e| − ½ q)           ∂term/∂p = min(max(e, −δ), δ)

Shapes      prediction (...), target (...) -> loss () for mean and sum, (...) for none
Convention  This is δ times smooth_l1 with β = δ. Keras takes the mean of the last axis first.
Source      Huber (1964), Robust Estimation of a Location Parameter; torch.nn.HuberLoss
Raises      ValueError if the two shapes differ, or delta is not above zero
"""

from typing import NamedTuple

import numpy as np

from .. import Array
from ._checks import check_alike
from ._reduction import Reduction, reduce, spread


class Saved(NamedTuple):
    error: Array  # (...)
    delta: float
    reduction: Reduction


def forward(
    prediction: Array, target: Array, *, reduction: Reduction = "mean", delta: float = 1.0
) -> tuple[Array, Saved]:
    _check(prediction, target, delta)
    error = prediction - target  # (...)
    size = np.abs(error)  # (...)
    inner = np.minimum(size, delta)  # (...)  q
    return reduce(inner * (size - inner / 2), reduction), Saved(error, delta, reduction)


def backward(saved: Saved, dloss: Array | None = None) -> Array:
    error, delta, reduction = saved
    slope = np.minimum(np.maximum(error, -delta), delta)  # (...)
    return spread(slope, dloss, error.size, reduction)


def _check(prediction: Array, target: Array, delta: float) -> None:
    check_alike("huber", prediction, target)
    if not delta > 0:
        raise ValueError(f"huber: option delta must be above 0, got {delta}")
