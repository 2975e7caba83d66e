"""Binary cross-entropy of logits  term = −t ln σ(z) − (1 − t) ln(1 − σ(z)).

With softplus(z) = ln(1 + e^z), ln σ(z) = z − softplus(z) and ln(1 − σ(z)) = −softplus(z):

    term      = softplus(z) − z t    = (1 − t) softplus(z) + t softplus(−z)
    ∂term/∂z  = σ(z) − t             = (1 − t) σ(z) − t σ(−z)

Shapes      prediction (...) (the logits z), target (...) -> loss () for mean and sum, (...) for none
Convention  tails = "rounded": the short forms on the left, as PyTorch computes the gradient; σ(z) − t has no digit
            left where σ(z) rounds to t. tails = "exact": the forms on the right, in which nothing cancels, as
            Optax has them.
Source      Bishop (2006), Pattern Recognition and Machine Learning, eq. 4.90 and 4.91
Raises      ValueError if the two shapes differ
"""

from typing import Literal, NamedTuple

import numpy as np
from scipy.special import expit

from .. import Array
from ._reduction import Reduction, reduce, spread


class Saved(NamedTuple):
    prediction: Array  # (...)
    target: Array  # (...)
    tails: Literal["rounded", "exact"]
    reduction: Reduction


def forward(
    prediction: Array,
    target: Array,
    *,
    reduction: Reduction = "mean",
    tails: Literal["rounded", "exact"] = "rounded",
) -> tuple[Array, Saved]:
    z, t = prediction, target
    if z.shape != t.shape:
        raise ValueError(f"binary_cross_entropy_with_logits: prediction {z.shape} and target {t.shape} differ")
    if tails == "exact":
        terms = (1 - t) * np.logaddexp(0, z) + t * np.logaddexp(0, -z)  # (...)
    else:
        terms = np.logaddexp(0, z) - z * t  # (...)
    return reduce(terms, reduction), Saved(z, t, tails, reduction)


def backward(saved: Saved, dloss: Array | None = None) -> Array:
    z, t, tails, reduction = saved
    dz = (1 - t) * expit(z) - t * expit(-z) if tails == "exact" else expit(z) - t  # (...)
    return spread(dz, dloss, z.size, reduction)
