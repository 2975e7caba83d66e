"""Cross-entropy of logits with another first term  term = Σ_c t_c (−ln p_c + ε (1 − p_c)),  p = softmax(x).

−ln p is the series Σ_k (1 − p)^k / k, the first term of which has the weight 1 + ε. With T = Σ_c t_c, S = Σ_c t_c p_c,
∂ln p_c/∂x_j = [c = j] − p_j and ∂p_c/∂x_j = p_c ([c = j] − p_j):

    ∂term/∂x_j = p_j T − t_j − ε (t_j p_j − p_j S) = p_j (T + ε (S − t_j)) − t_j

Shapes      prediction (N, C, ...) (the logits x), target (N, ...) integers below C, or probabilities t of the shape of
            the prediction -> loss () for mean and sum, (N, ...) for none
Convention  The mean is over all rows and positions. p is taken from 1 as it has been rounded, as in Optax. ε = 0 is
            cross_entropy; ε = −1 takes the first term away.
Source      Leng et al. (2022), PolyLoss: A Polynomial Expansion Perspective of Classification Loss Functions: Poly-1;
            optax.losses.poly_loss_cross_entropy
Raises      ValueError if the shapes do not fit, or an integer target is no class
"""

from typing import NamedTuple

import numpy as np

from .. import Array
from ..constants import whole
from ._classes import _check as check_labels
from ._classes import restored, rows
from ._reduction import Reduction, reduce, spread


class Saved(NamedTuple):
    p: Array  # (M, C)
    t: Array  # (M, C)
    shape: tuple[int, ...]  # of the prediction
    epsilon: float
    reduction: Reduction


def forward(
    prediction: Array, target: Array, *, reduction: Reduction = "mean", epsilon: float = 2.0
) -> tuple[Array, Saved]:
    _check(prediction, target)
    shape = prediction.shape
    x = rows(prediction)  # (M, C)
    if target.shape == shape:
        t = rows(target)  # (M, C)
    else:
        t = np.where(target.ravel()[:, None] == np.arange(shape[1]), whole(1, x), 0)  # (M, C)
    shifted = x - x.max(axis=1, keepdims=True)  # (M, C)  at most 0: e^ cannot overflow
    exps = np.exp(shifted)  # (M, C)
    total = exps.sum(axis=1, keepdims=True)  # (M, 1)
    p = exps / total  # (M, C)
    terms = (t * (epsilon * (1 - p) - (shifted - np.log(total)))).sum(axis=1)  # (M,)
    loss = reduce(terms, reduction)
    if loss.ndim:
        loss = loss.reshape(shape[:1] + shape[2:])
    return loss, Saved(p, t, shape, epsilon, reduction)


def backward(saved: Saved, dloss: Array | None = None) -> Array:
    p, t, shape, epsilon, reduction = saved
    T = t.sum(axis=1, keepdims=True)  # (M, 1)
    S = (t * p).sum(axis=1, keepdims=True)  # (M, 1)
    dx = p * (T + epsilon * (S - t)) - t  # (M, C)
    return restored(spread(dx, None if dloss is None else dloss.ravel()[:, None], len(p), reduction), shape)


def _check(x: Array, target: Array) -> None:
    if target.shape != x.shape:
        check_labels("poly_cross_entropy", x, target, None, None)
    elif x.ndim < 2:
        raise ValueError(f"poly_cross_entropy: prediction {x.shape} must be (N, C, ...)")
