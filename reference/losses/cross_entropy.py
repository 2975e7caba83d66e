"""Cross-entropy of logits  term_n = −Σ_c t_nc ln p_nc,  p = softmax(x) over the classes.

With ln p_c = x_c − ln Σ_k e^{x_k} and ∂ln p_c/∂x_j = [c = j] − p_j:

    ∂term/∂x_j = −Σ_c t_c ([c = j] − p_j) = p_j T − t_j,  T = Σ_c t_c  (1 for a distribution)

Nothing cancels in the second form, with a_j = −ln Σ_{k≠j} e^{x_k − x_j} the log-odds of class j against the rest,
where ln p_j = −softplus(−a_j), p_j = σ(a_j) and 1 − p_j = σ(−a_j):

    ∂term/∂x_j = p_j (T − t_j) − t_j (1 − p_j)

Shapes      prediction (N, C) (the logits x), target (N,) integers below C, or (N, C) probabilities
            -> loss () for mean and sum, (N,) for none
Convention  The mean is over the N rows, as in PyTorch; Optax leaves the rows to the caller. tails = "rounded": the
            first form, as PyTorch and JAX have it. tails = "exact": the second.
Source      Goodfellow, Bengio, Courville (2016), Deep Learning, eq. 6.29 and 6.30
Raises      ValueError if the shapes do not fit, or an integer target is not a class
"""

from typing import Literal, NamedTuple

import numpy as np
from scipy.special import expit

from .. import Array
from ._reduction import Reduction, reduce, spread


class Saved(NamedTuple):
    p: Array  # (N, C)
    complement: Array | None  # (N, C)  1 − p, for exact tails
    target: Array  # (N,) or (N, C)
    reduction: Reduction


def forward(
    prediction: Array,
    target: Array,
    *,
    reduction: Reduction = "mean",
    tails: Literal["rounded", "exact"] = "rounded",
) -> tuple[Array, Saved]:
    x = prediction
    _check(x, target)
    complement = None
    if tails == "exact":
        rivals = x[:, None, :] - x[:, :, None]  # (N, C, C)  x_k − x_j
        rivals = np.where(np.eye(x.shape[1], dtype=bool), -np.inf, rivals)
        odds = -np.logaddexp.reduce(rivals, axis=2)  # (N, C)  a
        log_p = -np.logaddexp(0, -odds)  # (N, C)
        p, complement = expit(odds), expit(-odds)  # (N, C)
    else:
        shifted = x - x.max(axis=1, keepdims=True)  # (N, C)  at most 0: e^ cannot overflow
        exps = np.exp(shifted)  # (N, C)
        total = exps.sum(axis=1, keepdims=True)  # (N, 1)
        log_p = shifted - np.log(total)  # (N, C)
        p = exps / total  # (N, C)
    if target.ndim == 1:
        terms = -log_p[np.arange(len(target)), target]  # (N,)
    else:
        terms = -(target * log_p).sum(axis=1)  # (N,)
    return reduce(terms, reduction), Saved(p, complement, target, reduction)


def backward(saved: Saved, dloss: Array | None = None) -> Array:
    p, complement, target, reduction = saved
    if dloss is not None and reduction == "none":
        dloss = np.expand_dims(dloss, -1)  # (N, 1)
    if target.ndim == 2:
        T = target.sum(axis=1, keepdims=True)  # (N, 1)
        dx = p * T - target if complement is None else p * (T - target) - target * complement  # (N, C)
    elif complement is not None:
        dx = np.where(target[:, None] == np.arange(p.shape[1]), -complement, p)  # (N, C)
    else:
        dx = p.copy()  # (N, C)
        dx[np.arange(len(target)), target] -= 1
    return spread(dx, dloss, len(p), reduction)


def _check(x: Array, target: Array) -> None:
    if x.ndim != 2 or target.shape not in ((len(x),), x.shape):
        raise ValueError(
            f"cross_entropy: prediction {x.shape} and target {target.shape} do not fit: "
            "(N, C) needs (N,) integers or (N, C) probabilities"
        )
    if target.ndim == 1 and target.size and not 0 <= target.min() <= target.max() < x.shape[1]:
        raise ValueError(f"cross_entropy: target must be a class from 0 to {x.shape[1] - 1}")
