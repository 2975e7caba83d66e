"""Logarithm of the hyperbolic cosine of the error  term = ln cosh e,  e = p − t.

    ∂term/∂p = sinh e / cosh e = tanh e

cosh itself overflows far out, and near zero it rounds to 1. With |e| = n + f, n = min(|e|, 1), none of it happens in

    cosh e = cosh n cosh f + sinh n sinh f = e^f (cosh n − e^−n (1 − e^−2f) / 2),   cosh n = 1 + e^−n (e^n − 1)² / 2
    ln cosh e = f + ln(1 + e^−n ((e^n − 1)² + (e^−2f − 1)) / 2)

Shapes      prediction (...), target (...) -> loss () for mean and sum, (...) for none
Source      Chen et al. (2019), Log Hyperbolic Cosine Loss Improves Variational Auto-Encoder; optax.losses.log_cosh
Raises      ValueError if the two shapes differ
"""

from typing import NamedTuple

import numpy as np

from .. import Array
from ._reduction import Reduction, reduce, spread


class Saved(NamedTuple):
    error: Array  # (...)
    reduction: Reduction


def forward(prediction: Array, target: Array, *, reduction: Reduction = "mean") -> tuple[Array, Saved]:
    if prediction.shape != target.shape:
        raise ValueError(f"log_cosh: prediction {prediction.shape} and target {target.shape} differ")
    error = prediction - target  # (...)
    size = np.abs(error)  # (...)
    near, far = np.minimum(size, 1), np.maximum(size - 1, 0)  # (...)  n and f
    excess = np.exp(-near) * (np.square(np.expm1(near)) + np.expm1(-2 * far)) / 2  # (...)
    return reduce(far + np.log1p(excess), reduction), Saved(error, reduction)


def backward(saved: Saved, dloss: Array | None = None) -> Array:
    error, reduction = saved
    return spread(np.tanh(error), dloss, error.size, reduction)
