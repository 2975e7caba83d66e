"""Negative log-likelihood of counts t under a Poisson distribution, without ln t!.

The rate is e^x, x the prediction, or with log_input = False the prediction itself, to which eps is added before ln:

    term = e^x − t x               ∂term/∂x = e^x − t
    term = x − t ln(x + eps)       ∂term/∂x = 1 − t / (x + eps)

full adds Stirling's approximation of ln t!, where t > 1; it does not depend on the prediction:

    t ln t − t + ½ ln(2 π t)

Shapes      prediction (...), target (...) -> loss () for mean and sum, (...) for none
Convention  Keras has log_input = False with eps = 1e-7.
Source      McCullagh, Nelder (1989), Generalized Linear Models, chapter 6;
            torch.nn.PoissonNLLLoss for eps, and for the t that have Stirling's term
Raises      ValueError if the two shapes differ
"""

from typing import NamedTuple

import numpy as np

from .. import Array
from ..constants import pi
from ._reduction import Reduction, reduce, spread


class Saved(NamedTuple):
    slope: Array  # (...)
    reduction: Reduction


def forward(
    prediction: Array,
    target: Array,
    *,
    reduction: Reduction = "mean",
    log_input: bool = True,
    full: bool = False,
    eps: float = 1e-8,
) -> tuple[Array, Saved]:
    x, t = prediction, target
    if x.shape != t.shape:
        raise ValueError(f"poisson_nll: prediction {x.shape} and target {t.shape} differ")
    if log_input:
        rate = np.exp(x)  # (...)
        terms, slope = rate - t * x, rate - t  # (...)
    else:
        shifted = x + eps  # (...)
        terms, slope = x - t * np.log(shifted), 1 - t / shifted  # (...)
    if full:
        several = np.maximum(t, 1)  # (...)  so that no logarithm is of zero
        stirling = several * np.log(several) - several + np.log(2 * pi(t) * several) / 2  # (...)
        terms = terms + np.where(t > 1, stirling, 0)  # (...)
    return reduce(terms, reduction), Saved(slope, reduction)


def backward(saved: Saved, dloss: Array | None = None) -> Array:
    slope, reduction = saved
    return spread(slope, dloss, slope.size, reduction)
