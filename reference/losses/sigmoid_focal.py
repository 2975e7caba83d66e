"""Focal loss of logits  term = α_t m^γ c: the cross-entropy c, with little weight where the wrong share m is small.

With s = σ(z) and r = σ(−z) = 1 − s:

    c = (1 − t) softplus(z) + t softplus(−z)        c' = (1 − t) s − t r
    m = (1 − t) s + t r                             m' = (1 − 2 t) s r
    α_t = (1 − t) (1 − α) + t α                     1 if alpha is None

    ∂term/∂z = α_t m^γ (c' + γ c m' / m)

Shapes      prediction (...) (the logits z), target (...) -> loss () for mean and sum, (...) for none
Convention  alpha = None is no weighting, as in Optax; torchvision has 0.25. Targets between 0 and 1 are mixed as
            both of them do, in m, c and α_t each.
Source      Lin et al. (2017), Focal Loss for Dense Object Detection, eq. 5; optax.losses.sigmoid_focal_loss
Raises      ValueError if the two shapes differ, or gamma is negative
"""

from typing import NamedTuple

import numpy as np
from scipy.special import expit

from .. import Array
from ._checks import check_alike
from ._reduction import Reduction, reduce, spread


class Saved(NamedTuple):
    slope: Array  # (...)
    reduction: Reduction


def forward(
    prediction: Array,
    target: Array,
    *,
    reduction: Reduction = "mean",
    alpha: float | None = None,
    gamma: float = 2.0,
) -> tuple[Array, Saved]:
    _check(prediction, target, gamma)
    z, t, u = prediction, target, 1 - target  # (...)
    s, r = expit(z), expit(-z)  # (...)
    entropy = u * np.logaddexp(0, z) + t * np.logaddexp(0, -z)  # (...)  c
    from_u, from_t = u * s, t * r  # (...)
    share = from_u + from_t  # (...)  m
    weight = np.power(share, gamma)  # (...)
    if alpha is not None:
        weight = weight * (u * (1 - alpha) + t * alpha)  # (...)
    rate = (from_u * r - from_t * s) / np.where(share == 0, 1, share)  # (...)  m' / m; at m = 0, m^γ is zero too
    slope = weight * (from_u - from_t + gamma * entropy * rate)  # (...)
    return reduce(weight * entropy, reduction), Saved(slope, reduction)


def backward(saved: Saved, dloss: Array | None = None) -> Array:
    slope, reduction = saved
    return spread(slope, dloss, slope.size, reduction)


def _check(prediction: Array, target: Array, gamma: float) -> None:
    check_alike("sigmoid_focal", prediction, target)
    if not gamma >= 0:
        raise ValueError(f"sigmoid_focal: option gamma must not be negative, got {gamma}")
