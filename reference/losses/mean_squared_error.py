"""Squared error  term = (p − t)².

    ∂term/∂p = 2 (p − t)           dprediction = 2 (p − t) ∂L/∂term,  with ∂L/∂term = dloss / size for the mean

Shapes      prediction (...), target (...) -> loss () for mean and sum, (...) for none
Convention  The mean is over all elements, as in PyTorch. Textbooks often write ½ Σ per sample, which halves the
            gradient or divides it by N alone; Keras takes the mean of the last axis first.
Source      Goodfellow, Bengio, Courville (2016), Deep Learning, eq. 5.4
Raises      ValueError if the two shapes differ: they are never broadcast
"""

from typing import NamedTuple

from .. import Array
from ._reduction import Reduction, reduce, spread


class Saved(NamedTuple):
    error: Array  # (...)
    reduction: Reduction


def forward(prediction: Array, target: Array, *, reduction: Reduction = "mean") -> tuple[Array, Saved]:
    if prediction.shape != target.shape:
        raise ValueError(f"mean_squared_error: prediction {prediction.shape} and target {target.shape} differ")
    error = prediction - target  # (...)
    return reduce(error * error, reduction), Saved(error, reduction)


def backward(saved: Saved, dloss: Array | None = None) -> Array:
    error, reduction = saved
    return spread(2 * error, dloss, error.size, reduction)
