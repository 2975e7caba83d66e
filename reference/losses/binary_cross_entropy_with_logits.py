"""Binary cross-entropy of logits  term = w (−q t ln σ(z) − (1 − t) ln(1 − σ(z))).

w is weight and q is pos_weight, each 1 if left out. With

    softplus(z) = ln(1 + e^z),  ln σ(z) = z − softplus(z),  ln(1 − σ(z)) = −softplus(z):

    term / w      = (1 − t + q t) softplus(z) − q t z   = (1 − t) softplus(z) + q t softplus(−z)
    ∂term/∂z / w  = (1 − t + q t) σ(z) − q t            = (1 − t) σ(z) − q t σ(−z)

Shapes      prediction (...) (the logits z), target (...), weight and pos_weight (...) broadcasting or none
            -> loss () for mean and sum, (...) for none
Convention  The mean is over all elements, whatever they weigh, as in PyTorch; never over the sum of the weights.
            tails = "rounded": the short forms on the left, as PyTorch computes the gradient; σ(z) − t has no digit
            left where σ(z) rounds to t. tails = "exact": the forms on the right, in which nothing cancels, as
            Optax has them.
Source      Bishop (2006), Pattern Recognition and Machine Learning, eq. 4.90 and 4.91; torch.nn.BCEWithLogitsLoss for
            the two weights
Raises      ValueError if the shapes do not fit
"""

from typing import Literal, NamedTuple

import numpy as np

from .. import Array
from ..activations._logistic import sigmoid, softplus
from ._reduction import Reduction, reduce, spread


class Saved(NamedTuple):
    prediction: Array  # (...)
    target: Array  # (...)
    positive: Array | None  # (...)  q t
    weight: Array | None  # (...)
    tails: Literal["rounded", "exact"]
    reduction: Reduction


def forward(
    prediction: Array,
    target: Array,
    weight: Array | None = None,
    pos_weight: Array | None = None,
    *,
    reduction: Reduction = "mean",
    tails: Literal["rounded", "exact"] = "rounded",
) -> tuple[Array, Saved]:
    z, t = prediction, target
    _check(z, t, weight, pos_weight)
    positive = None if pos_weight is None else pos_weight * t  # (...)
    if tails == "exact":
        terms = (1 - t) * softplus(z) + (t if positive is None else positive) * softplus(-z)  # (...)
    elif positive is None:
        terms = softplus(z) - z * t  # (...)
    else:
        terms = (1 - t + positive) * softplus(z) - z * positive  # (...)
    if weight is not None:
        terms = terms * weight  # (...)
    return reduce(terms, reduction), Saved(z, t, positive, weight, tails, reduction)


def backward(saved: Saved, dloss: Array | None = None) -> Array:
    z, t, positive, weight, tails, reduction = saved
    if positive is None:
        dz = (1 - t) * sigmoid(z) - t * sigmoid(-z) if tails == "exact" else sigmoid(z) - t  # (...)
    elif tails == "exact":
        dz = (1 - t) * sigmoid(z) - positive * sigmoid(-z)  # (...)
    else:
        dz = (1 - t + positive) * sigmoid(z) - positive  # (...)
    if weight is not None:
        dz = dz * weight  # (...)
    return spread(dz, dloss, z.size, reduction)


def _check(z: Array, t: Array, *weights: Array | None) -> None:
    if z.shape != t.shape:
        raise ValueError(f"binary_cross_entropy_with_logits: prediction {z.shape} and target {t.shape} differ")
    for weight in weights:
        if weight is not None and np.broadcast_shapes(weight.shape, z.shape) != z.shape:
            raise ValueError(
                f"binary_cross_entropy_with_logits: a weight {weight.shape} does not broadcast to the prediction's "
                f"{z.shape}"
            )
