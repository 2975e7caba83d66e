"""Absolute error  term = |p − t|.

    ∂term/∂p = sign(p − t);  where p = t, every value from −1 to 1 is a subgradient

Shapes      prediction (...), target (...) -> loss () for mean and sum, (...) for none
Convention  at_zero = 0: no slope where p = t, as PyTorch, Keras and MLX have it; 1: as |x| has it in JAX.
Source      Hastie, Tibshirani, Friedman (2009), The Elements of Statistical Learning, section 10.6;
            torch.nn.L1Loss
Raises      ValueError if the two shapes differ, or at_zero is not between −1 and 1
"""

from typing import NamedTuple

import numpy as np

from .. import Array
from ._checks import check_alike
from ._reduction import Reduction, reduce, spread


class Saved(NamedTuple):
    error: Array  # (...)
    at_zero: float
    reduction: Reduction


def forward(
    prediction: Array, target: Array, *, reduction: Reduction = "mean", at_zero: float = 0.0
) -> tuple[Array, Saved]:
    _check(prediction, target, at_zero)
    error = prediction - target  # (...)
    return reduce(np.abs(error), reduction), Saved(error, at_zero, reduction)


def backward(saved: Saved, dloss: Array | None = None) -> Array:
    error, at_zero, reduction = saved
    slope = np.sign(error)  # (...)
    if at_zero:
        slope = np.where(error == 0, at_zero, slope)  # (...)
    return spread(slope, dloss, error.size, reduction)


def _check(prediction: Array, target: Array, at_zero: float) -> None:
    check_alike("l1", prediction, target)
    if not -1 <= at_zero <= 1:
        raise ValueError(f"l1: option at_zero must be between −1 and 1, got {at_zero}")
