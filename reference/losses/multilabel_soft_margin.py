"""Binary cross-entropy of each class's logit, averaged over the classes.

    term = (1/C) Σ_c w_c (t_c softplus(−x_c) + (1 − t_c) softplus(x_c)),  softplus(z) = ln(1 + e^z)

    ∂term/∂x_c = (w_c / C) ((1 − t_c) σ(x_c) − t_c σ(−x_c))

Shapes      prediction (N, C) (logits x), target (N, C), weight (C,) -> loss () for mean and sum, (N,) for none
Convention  The mean divides by C and by N, whatever the weights, as in PyTorch.
Source      Bishop (2006), Pattern Recognition and Machine Learning, eq. 4.90; torch.nn.MultiLabelSoftMarginLoss
Raises      ValueError if the shapes do not fit
"""

from typing import NamedTuple

import numpy as np
from scipy.special import expit

from .. import Array
from ._reduction import Reduction, reduce, spread


class Saved(NamedTuple):
    prediction: Array  # (N, C)
    target: Array  # (N, C)
    weight: Array | None  # (C,)
    reduction: Reduction


def forward(
    prediction: Array, target: Array, weight: Array | None = None, *, reduction: Reduction = "mean"
) -> tuple[Array, Saved]:
    x, t = prediction, target
    _check(x, t, weight)
    each = t * np.logaddexp(0, -x) + (1 - t) * np.logaddexp(0, x)  # (N, C)
    if weight is not None:
        each = each * weight
    return reduce(each.sum(axis=1) / x.shape[1], reduction), Saved(x, t, weight, reduction)


def backward(saved: Saved, dloss: Array | None = None) -> Array:
    x, t, weight, reduction = saved
    N, C = x.shape
    dx = ((1 - t) * expit(x) - t * expit(-x)) / C  # (N, C)
    if weight is not None:
        dx = dx * weight
    return spread(dx, None if dloss is None else dloss.ravel()[:, None], N, reduction)


def _check(x: Array, t: Array, weight: Array | None) -> None:
    if x.ndim != 2 or x.shape != t.shape:
        raise ValueError(f"multilabel_soft_margin: prediction {x.shape} and target {t.shape} must both be (N, C)")
    if weight is not None and weight.shape != x.shape[1:]:
        raise ValueError(f"multilabel_soft_margin: weight {weight.shape} must be ({x.shape[1]},), one for each class")
