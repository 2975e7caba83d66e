"""Rows of a table, added up, averaged or compared by bags  y_n = Σ_b w_nb W[x_nb],  Σ_b W[x_nb] / B  or  max_b W[x_nb].

With dy = ∂L/∂y, a row of W is in a bag as often as x names it there:

    sum     dW_v = Σ w_nb dy_n over all n, b with x_nb = v        dw_nb = Σ dy_n W[x_nb]
    mean    dW_v = Σ dy_n / B_n over the same, B_n the number of rows in the bag
    max     each number of dy_n goes to the row that y_n has it from, the first of equals

Shapes      x (N, B) integers, W (V, D), weights w like x, or none, for the sum alone -> y (N, D)
            with offsets x is (M,): bag n begins at offsets[n] and ends where the next one begins
Convention  padding_idx is a row that no bag has, however often x names it. A bag without rows is 0. scale_grad_by_freq
            divides each row's gradient by how often x names it, and is not for max. All as PyTorch says.
Source      torch.nn.EmbeddingBag
Raises      ValueError if x or an option does not fit W or the mode, or the bags do not follow one another
"""

from typing import Literal, NamedTuple

import numpy as np

from .. import Array


class Params(NamedTuple):
    W: Array  # (V, D)


class Saved(NamedTuple):
    x: Array  # (N, B)  what is behind the end of a bag is 0
    there: Array  # (N, B)  whether x is a row of its bag
    given: Array  # (N, B)  whether x was given at all
    shape: tuple[int, ...]  # of x as it was given
    W: Array  # (V, D)
    weights: Array | None  # (N, B)
    first: Array | None  # (N, D)  which of the B was the largest
    mode: str
    scale_grad_by_freq: bool


def forward(
    p: Params,
    x: Array,
    weights: Array | None = None,
    *,
    mode: Literal["sum", "mean", "max"] = "mean",
    offsets: tuple[int, ...] | None = None,
    padding_idx: int | None = None,
    scale_grad_by_freq: bool = False,
) -> tuple[Array, Saved]:
    (W,) = p
    _check(W, x, weights, mode, offsets, padding_idx, scale_grad_by_freq)
    shape = x.shape
    lengths = np.diff(np.append(offsets, len(x))) if offsets else np.full(len(x), x.shape[1])  # (N,)
    given = np.arange(lengths.max(initial=1)) < lengths[:, None]  # (N, B)
    x = _filled(x, given)  # (N, B)
    there = np.where(x == padding_idx, False, given)  # (N, B)  no row is None
    rows, first = W[x], None  # (N, B, D)
    if mode == "max":
        rows = np.where(there[..., None], rows, -np.inf)
        first = np.argmax(rows, axis=1)  # (N, D)
        largest = np.take_along_axis(rows, first[:, None], 1)[:, 0]  # (N, D)
        y = np.where(there.any(axis=1, keepdims=True), largest, 0)  # (N, D)
    else:
        if weights is not None:
            weights = _filled(weights, given)  # (N, B)
            rows = rows * weights[..., None]
        y = np.where(there[..., None], rows, 0).sum(axis=1)  # (N, D)
        if mode == "mean":
            y = y / _counts(there, y)
    return y, Saved(x, there, given, shape, W, weights, first, mode, scale_grad_by_freq)


def backward(saved: Saved, dy: Array) -> tuple[tuple[None, Array | None], Params]:
    x, there, given, shape, W, weights, first, mode, scale_grad_by_freq = saved
    dW, dweights = np.zeros_like(W), None  # (V, D)
    if first is not None:
        chosen = np.take_along_axis(x, first, 1)  # (N, D)  rows of W
        dy = np.where(there.any(axis=1, keepdims=True), dy, 0)  # (N, D)
        np.add.at(dW, (chosen, np.arange(W.shape[1])), dy)
        return (None, None), Params(dW)
    if mode == "mean":
        dy = dy / _counts(there, dy)
    drows = np.where(there[..., None], dy[:, None], 0)  # (N, B, D)
    if weights is not None:
        dweights = (drows * W[x]).sum(axis=2)[given].reshape(shape)
        drows = drows * weights[..., None]
    if scale_grad_by_freq:
        drows = drows / np.bincount(x[given])[x][..., None]
    np.add.at(dW, x, drows)
    return (None, dweights), Params(dW)


def _filled(values: Array, given: Array) -> Array:
    """The values in the places where there are some."""
    filled: Array = np.zeros_like(values, shape=given.shape)  # (N, B)
    filled[given] = values.ravel()
    return filled


def _counts(there: Array, like: Array) -> Array:
    """How many rows a bag has, and 1 for one that has none: (N, 1), numbers like those to be divided."""
    counts: Array = np.zeros_like(like, shape=(len(there), 1))
    counts[:, 0] = np.maximum(there.sum(axis=1), 1)
    return counts


def _check(
    W: Array,
    x: Array,
    weights: Array | None,
    mode: str,
    offsets: tuple[int, ...] | None,
    padding_idx: int | None,
    scale_grad_by_freq: bool,
) -> None:
    V = len(W)
    if x.dtype.kind not in "iu" or not ((x >= 0) & (x < V)).all():
        raise ValueError(f"embedding_bag: x must hold integers from 0 to {V - 1}, the rows of W {W.shape}")
    if x.ndim != (1 if offsets else 2):
        raise ValueError(f"embedding_bag: x is (N, B), or (M,) with option offsets; got {x.shape}")
    if offsets and (offsets[0] != 0 or (np.diff([*offsets, len(x)]) < 0).any()):
        raise ValueError(f"embedding_bag: option offsets must rise from 0 to {len(x)} at most; got {offsets}")
    if padding_idx is not None and not 0 <= padding_idx < V:
        raise ValueError(f"embedding_bag: padding_idx must be a row of W {W.shape}; got {padding_idx}")
    if weights is not None and (mode != "sum" or weights.shape != x.shape):
        raise ValueError(
            f"embedding_bag: weights must be as x {x.shape}, and the mode sum; got {weights.shape}, {mode}"
        )
    if scale_grad_by_freq and mode == "max":
        raise ValueError("embedding_bag: option scale_grad_by_freq is not for mode max")
