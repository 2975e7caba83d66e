"""Rows of a table  y = W[x].

With dy = ∂L/∂y, a row of W is in y as often as x names it:

    ∂L/∂W_v = Σ dy_n over all n with x_n = v;  0 where there is none

An index has no gradient.

Shapes      x (...) integers, W (V, D) -> y (..., D)
Convention  padding_idx is a row that is read as any other and gets no gradient, as in PyTorch. Flax and Equinox have no
            such row; Keras's mask_zero masks what comes after. scale_grad_by_freq divides each row's gradient by how
            often x names it: a mean, no sum.
Source      Goodfellow, Bengio, Courville (2016), Deep Learning, section 12.4.2 (a linear layer of one-hot rows);
            torch.nn.Embedding for the two options
Raises      ValueError if x is not of integers, or names a row that W has not; negative indices are refused
"""

from typing import NamedTuple

import numpy as np

from .. import Array


class Params(NamedTuple):
    W: Array  # (V, D)


class Saved(NamedTuple):
    x: Array  # (...)
    W: Array  # (V, D)
    padding_idx: int | None
    scale_grad_by_freq: bool


def forward(
    p: Params, x: Array, *, padding_idx: int | None = None, scale_grad_by_freq: bool = False
) -> tuple[Array, Saved]:
    (W,) = p
    _check(W, x, padding_idx)
    return W[x], Saved(x, W, padding_idx, scale_grad_by_freq)


def backward(saved: Saved, dy: Array) -> tuple[None, Params]:
    x, W, padding_idx, scale_grad_by_freq = saved
    if scale_grad_by_freq:
        count = np.bincount(x.reshape(-1))  # up to the largest x
        dy = dy / count[x][..., None]  # (..., D)
    if padding_idx is not None:
        dy = np.where((x == padding_idx)[..., None], 0, dy)  # (..., D)
    _, D = W.shape
    dW = np.zeros_like(W)  # (V, D)
    row = x[..., None] * D + np.arange(D)  # (..., D)  places in W, counted through
    np.add.at(dW.ravel(), row.ravel(), dy.ravel())  # in one row, NumPy adds far faster
    return None, Params(dW)


def _check(W: Array, x: Array, padding_idx: int | None) -> None:
    V = len(W)
    if x.dtype.kind not in "iu" or not ((x >= 0) & (x < V)).all():
        raise ValueError(f"embedding: x must hold integers from 0 to {V - 1}, the rows of W {W.shape}")
    if padding_idx is not None and not 0 <= padding_idx < V:
        raise ValueError(f"embedding: padding_idx must be a row of W {W.shape}; got {padding_idx}")
