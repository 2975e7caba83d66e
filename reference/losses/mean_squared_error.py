"""Squared error  term = (p − t)².

    ∂term/∂p = 2 (p − t)           dprediction = 2 (p − t) ∂L/∂term,  with ∂L/∂term = dloss / size for the mean

Shapes      prediction (...), target (...) -> loss () for mean and sum, (...) for none
Convention  The mean is over all elements, as in PyTorch; Keras takes the mean of the last axis first.
            scale = "half": term = ½ (p − t)² with half the gradient, as in textbooks and in optax.losses.l2_loss. A sum
            of those, divided by N alone, is the reduction sum under an upstream gradient of 1/N.
Source      Goodfellow, Bengio, Courville (2016), Deep Learning, eq. 5.4
Raises      ValueError if the two shapes differ: they are never broadcast
"""

from typing import Literal, NamedTuple

from .. import Array
from ._reduction import Reduction, reduce, spread


class Saved(NamedTuple):
    error: Array  # (...)
    scale: Literal["whole", "half"]
    reduction: Reduction


def forward(
    prediction: Array, target: Array, *, reduction: Reduction = "mean", scale: Literal["whole", "half"] = "whole"
) -> tuple[Array, Saved]:
    if prediction.shape != target.shape:
        raise ValueError(f"mean_squared_error: prediction {prediction.shape} and target {target.shape} differ")
    error = prediction - target  # (...)
    terms = error * error if scale == "whole" else error * error / 2  # (...)
    return reduce(terms, reduction), Saved(error, scale, reduction)


def backward(saved: Saved, dloss: Array | None = None) -> Array:
    error, scale, reduction = saved
    slope = 2 * error if scale == "whole" else error  # (...)
    return spread(slope, dloss, error.size, reduction)
