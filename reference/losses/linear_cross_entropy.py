"""Cross-entropy of logits that the loss itself makes of features  logits = x Wᵀ + b,  loss = cross_entropy(logits).

With dlogits from cross_entropy, the rule of the matrix product gives

    dx_nd = Σ_c dlogits_nc W_cd      dW_cd = Σ_n dlogits_nc x_nd      db_c = Σ_n dlogits_nc

Axes of W between the classes and the features are places: each has logits of its own, and a target.

Shapes      prediction (N, D) (the features x), linear_weight (C, ..., D), linear_bias (C, ...) or none, target
            (N, ...) integers below C, or probabilities (N, C, ...); weight (C,)
            -> loss () for mean and sum, (N, ...) for none
Convention  The weight has the classes first, as in PyTorch. What the mean divides by, smoothing, and empty are those of
            cross_entropy. Where PyTorch 2.13 is told to work the logits out a part at a time (options =), the gradients
            of a batch whose rows are all ignored are NaN; else they are 0.
Source      torch.nn.functional.linear_cross_entropy
Raises      ValueError if the features and the weight do not fit; and where cross_entropy does
"""

import math
from typing import NamedTuple

from .. import Array
from . import cross_entropy
from ._classes import Empty
from ._reduction import Reduction


class Saved(NamedTuple):
    x: Array  # (N, D)
    W: Array  # (C, ..., D)
    has_b: bool
    terms: cross_entropy.Saved


def forward(
    prediction: Array,
    target: Array,
    linear_weight: Array,
    linear_bias: Array | None = None,
    weight: Array | None = None,
    *,
    reduction: Reduction = "mean",
    ignore_index: int | None = None,
    label_smoothing: float = 0.0,
    empty: Empty = "nan",
) -> tuple[Array, Saved]:
    _check(prediction, linear_weight, linear_bias)
    logits = prediction @ _rows(linear_weight).T  # (N, C · …)
    if linear_bias is not None:
        logits += linear_bias.ravel()
    loss, terms = cross_entropy.forward(
        logits.reshape(len(prediction), *linear_weight.shape[:-1]),  # (N, C, ...)
        target,
        weight,
        reduction=reduction,
        ignore_index=ignore_index,
        label_smoothing=label_smoothing,
        empty=empty,
    )
    return loss, Saved(prediction, linear_weight, linear_bias is not None, terms)


def backward(saved: Saved, dloss: Array | None = None) -> tuple[Array, None, Array, Array | None]:
    x, W, has_b, terms = saved
    rows = _rows(W)  # (C · …, D)
    dlogits = cross_entropy.backward(terms, dloss).reshape(len(x), len(rows))  # (N, C · …)
    db = dlogits.sum(axis=0).reshape(W.shape[:-1]) if has_b else None  # (C, ...)
    dW = (dlogits.T @ x).reshape(W.shape)  # (C, ..., D)
    dx = dlogits @ rows  # (N, D)
    return dx, None, dW, db


def _rows(W: Array) -> Array:
    """(C, ..., D) -> (C · …, D)."""
    return W.reshape(math.prod(W.shape[:-1]), W.shape[-1])


def _check(x: Array, W: Array, b: Array | None) -> None:
    if x.ndim != 2 or W.ndim < 2 or x.shape[1] != W.shape[-1]:
        raise ValueError(f"linear_cross_entropy: prediction {x.shape} and linear_weight {W.shape} do not fit: (N, D) "
                         "needs (C, ..., D)")  # fmt: skip
    if b is not None and b.shape != W.shape[:-1]:
        raise ValueError(f"linear_cross_entropy: linear_bias {b.shape} does not fit linear_weight {W.shape}")
