"""Huber's loss: with e = p − t, term = ½ e² where |e| ≤ δ, and δ (|e| − ½ δ) beyond: a parabola with straight arms.

The slope s is that of ½ e², held between −δ and δ; and with it, both are one formula:

    s = min(max(e, −δ), δ)           term = s (e − ½ s)           ∂term/∂p = s

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
    slope: Array  # (...)
    reduction: Reduction


def forward(
    prediction: Array, target: Array, *, reduction: Reduction = "mean", delta: float = 1.0
) -> tuple[Array, Saved]:
    _check(prediction, target, delta)
    error = prediction - target  # (...)
    limit = np.full_like(error, delta, shape=error.shape[-1:])  # δ as a row, which NumPy compares faster than a number
    slope = np.minimum(np.maximum(error, -limit), limit)  # (...)  s
    return reduce(slope * (error - slope / 2), reduction), Saved(slope, reduction)


def backward(saved: Saved, dloss: Array | None = None) -> Array:
    slope, reduction = saved
    return spread(slope, dloss, slope.size, reduction)


def _check(prediction: Array, target: Array, delta: float) -> None:
    check_alike("huber", prediction, target)
    if not delta > 0:
        raise ValueError(f"huber: option delta must be above 0, got {delta}")
