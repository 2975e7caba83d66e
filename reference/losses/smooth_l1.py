"""Smooth absolute error: with e = p − t, term = ½ e² / β where |e| < β, and |e| − ½ β beyond.

With q = min(|e|, β), both are one formula, and the slope is that of the parabola, held between −1 and 1:

    term = q (|e| − ½ q) / β       ∂term/∂p = min(max(e / β, −1), 1)

Shapes      prediction (...), target (...) -> loss () for mean and sum, (...) for none
Convention  This is Huber's loss with δ = β, divided by β. β = 0 leaves |e|, with a kink at zero: at_zero = 0 is its
            slope there, as PyTorch has it, 1 as |x| has it in JAX.
Source      Girshick (2015), Fast R-CNN, eq. 3 (β = 1); torch.nn.SmoothL1Loss
Raises      ValueError if the two shapes differ, beta is negative, or at_zero is not between −1 and 1
"""

from typing import NamedTuple

import numpy as np

from .. import Array
from ._checks import check_alike
from ._reduction import Reduction, reduce, spread


class Saved(NamedTuple):
    error: Array  # (...)
    beta: float
    at_zero: float
    reduction: Reduction


def forward(
    prediction: Array, target: Array, *, reduction: Reduction = "mean", beta: float = 1.0, at_zero: float = 0.0
) -> tuple[Array, Saved]:
    _check(prediction, target, beta, at_zero)
    error = prediction - target  # (...)
    terms = np.abs(error)  # (...)
    if beta:
        inner = np.minimum(terms, beta)  # (...)  q
        terms = inner * (terms - inner / 2) / beta  # (...)
    return reduce(terms, reduction), Saved(error, beta, at_zero, reduction)


def backward(saved: Saved, dloss: Array | None = None) -> Array:
    error, beta, at_zero, reduction = saved
    if beta:
        slope = np.minimum(np.maximum(error / beta, -1), 1)  # (...)
    else:
        slope = np.where(error == 0, at_zero, np.sign(error))  # (...)
    return spread(slope, dloss, error.size, reduction)


def _check(prediction: Array, target: Array, beta: float, at_zero: float) -> None:
    check_alike("smooth_l1", prediction, target)
    if not beta >= 0:
        raise ValueError(f"smooth_l1: option beta must not be negative, got {beta}")
    if not -1 <= at_zero <= 1:
        raise ValueError(f"smooth_l1: option at_zero must be between −1 and 1, got {at_zero}")
