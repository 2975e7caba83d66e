"""Cross-entropy of logits  term = −Σ_c q_c ln p_c,  p = softmax(x) over the classes.

q is the target: 1 for the class that a label names, or the probabilities t as they are given; smoothed by ε, then
weighted by w, and 0 where the label is ignored. For a label y, w stands for w_y on the target and w_c on the rest:

    q_c = w_c ((1 − ε) t_c + ε / C)

With ln p_c = x_c − ln Σ_k e^{x_k} and ∂ln p_c/∂x_j = [c = j] − p_j:

    ∂term/∂x_j = −Σ_c q_c ([c = j] − p_j) = p_j T − q_j,  T = Σ_c q_c  (1 for a distribution without weights)

Nothing cancels in the second form, with a_j = −ln Σ_{k≠j} e^{x_k − x_j} the log-odds of class j against the rest,
where ln p_j = −softplus(−a_j), p_j = σ(a_j) and 1 − p_j = σ(−a_j):

    ∂term/∂x_j = p_j (T − q_j) − q_j (1 − p_j)

Shapes      prediction (N, C, ...) (the logits x), target (N, ...) integers below C, or probabilities of the shape of
            the prediction; weight (C,) -> loss () for mean and sum, (N, ...) for none
Convention  As in PyTorch, the mean of labels divides by the sum of their weights w_y, the mean of probabilities by the
            number of rows; Keras and MLX divide by it whatever the weights. Optax leaves the rows to the caller.
            masked is the term of a class of logit −∞ that has a probability q of 0: "undefined", 0 · −∞ = NaN, as in
            PyTorch and optax.losses.softmax_cross_entropy; "zero", as in optax.losses.safe_softmax_cross_entropy.
            Labels ask for no such term, and its gradient is 0 throughout.
            empty = "nan": the mean of nothing is 0 / 0, as in PyTorch, though ignored rows get a gradient of 0. empty =
            "zero": it is 0, as in Keras. Smoothing gives ε/C to every class; fairseq gives ε/(C − 1) to the others.
            tails = "rounded": the first form, as PyTorch and JAX have it. tails = "exact": the second.
Source      Goodfellow, Bengio, Courville (2016), Deep Learning, eq. 6.29 and 6.30; Szegedy et al. (2016), Rethinking
            the Inception Architecture, section 7, for smoothing; torch.nn.CrossEntropyLoss for weights and ignore_index
Raises      ValueError if the shapes do not fit, an integer target is no class, or ignore_index meets probabilities
"""

from typing import Literal, NamedTuple

import numpy as np
from scipy.special import expit

from .. import Array
from ..constants import whole
from ._classes import Empty, Labels, divided, labelled, reduce, restored, rows, without
from ._classes import _check as check_labels
from ._reduction import Reduction


class Saved(NamedTuple):
    p: Array  # (M, C)
    complement: Array | None  # (M, C)  1 − p, for exact tails
    q: Array | None  # (M, C)  None where the labels say it all
    labels: Labels
    by: Array | int | None  # what the mean divides by
    shape: tuple[int, ...]  # of the prediction


def forward(
    prediction: Array,
    target: Array,
    weight: Array | None = None,
    *,
    reduction: Reduction = "mean",
    ignore_index: int | None = None,
    label_smoothing: float = 0.0,
    empty: Empty = "nan",
    masked: Literal["undefined", "zero"] = "undefined",
    tails: Literal["rounded", "exact"] = "rounded",
) -> tuple[Array, Saved]:
    _check(prediction, target, weight, ignore_index)
    x = rows(prediction)  # (M, C)
    score, norm, p, complement = _exact(x) if tails == "exact" else _rounded(x)
    if target.ndim < prediction.ndim:
        labels = labelled(target, weight, ignore_index, p)
        q = None
        if label_smoothing:
            hot = labels.target[:, None] == np.arange(p.shape[1])  # (M, C)
            q = without(_smoothed(hot, weight, label_smoothing, p), labels.kept)  # (M, C)
    else:
        labels = Labels(target)
        q = _smoothed(rows(target), weight, label_smoothing, p)  # (M, C)
    if q is None:
        named = score[np.arange(len(p)), labels.target]  # (M,)
        terms = -named if norm is None else norm[:, 0] - named  # (M,)
        if labels.share is not None:
            terms = without(terms, labels.kept) * labels.share  # (M,)
    else:
        log_p = score if norm is None else score - norm  # (M, C)
        with np.errstate(invalid="ignore"):  # 0 · ∞
            each = q * log_p  # (M, C)
        if masked == "zero":
            each = np.where(q == 0, 0, each)
        terms = -each.sum(axis=1)  # (M,)
    loss, by = reduce(terms, labels.share, reduction, empty)
    if loss.ndim:
        loss = loss.reshape(prediction.shape[:1] + prediction.shape[2:])
    return loss, Saved(p, complement, q, labels, by, prediction.shape)


def backward(saved: Saved, dloss: Array | None = None) -> Array:
    p, complement, q, (target, kept, share), by, shape = saved
    if q is not None:
        T = q.sum(axis=1, keepdims=True)  # (M, 1)
        dx = p * T - q if complement is None else p * (T - q) - q * complement  # (M, C)
    elif complement is not None:
        dx = np.where(target[:, None] == np.arange(p.shape[1]), -complement, p)  # (M, C)
    else:
        dx = p.copy()  # (M, C)
        dx[np.arange(len(target)), target] -= 1
    if share is not None and q is None:
        dx = dx * share[:, None]  # (M, C)
    if by is not None:
        dx = divided(dx, by)  # (M, C)
    if dloss is not None:
        dx = dx * dloss.ravel()[:, None]  # (M, C)
    return restored(without(dx, kept), shape)


def _rounded(x: Array) -> tuple[Array, Array, Array, None]:
    """ln p as a score and what is taken from it, p, and no 1 − p."""
    shifted = x - x.max(axis=1, keepdims=True)  # (M, C)  at most 0: e^ cannot overflow
    exps = np.exp(shifted)  # (M, C)
    total = exps.sum(axis=1, keepdims=True)  # (M, 1)
    return shifted, np.log(total), exps / total, None


def _exact(x: Array) -> tuple[Array, None, Array, Array]:
    """ln p, which nothing is taken from, p and 1 − p."""
    rivals = x[:, None, :] - x[:, :, None]  # (M, C, C)  x_k − x_j
    rivals = np.where(np.eye(x.shape[1], dtype=bool), -np.inf, rivals)
    odds = -np.logaddexp.reduce(rivals, axis=2)  # (M, C)  a
    return -np.logaddexp(0, -odds), None, expit(odds), expit(-odds)


def _smoothed(t: Array, weight: Array | None, label_smoothing: float, like: Array) -> Array:
    """q, from one-hot rows or probabilities (M, C)."""
    if label_smoothing:
        t = t + label_smoothing * (1 / whole(t.shape[1], like) - t)  # (M, C)
    return t if weight is None else t * weight


def _check(x: Array, target: Array, weight: Array | None, ignore_index: int | None) -> None:
    if target.shape != x.shape:
        check_labels("cross_entropy", x, target, weight, ignore_index)
    elif x.ndim < 2 or (weight is not None and weight.shape != x.shape[1:2]):
        raise ValueError(f"cross_entropy: prediction {x.shape} must be (N, C, ...), and weight (C,)")
    elif ignore_index is not None:
        raise ValueError("cross_entropy: ignore_index is for labels; probabilities of a row may be all 0")
