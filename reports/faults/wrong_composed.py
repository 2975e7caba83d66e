"""Mistakes in operations that are made of others: a convolution in another layout, a loss that makes its logits …"""

# ruff: noqa: ARG005 - each part takes what the right one takes, and leaves out what it gets wrong

from typing import Any

import numpy as np

from ...reference.layers import conv_tbc, cosine_distance
from ...reference.losses import linear_cross_entropy
from .planting import Part, wrong


# ---------------------------------------------------------------- convolution over time
def _kernel(of: Part) -> Part:
    return lambda right, p, x, **options: right(p._replace(W=of(p.W)), x, **options)


def _of_kernel(of: Part) -> Part:
    def backward(right: Part, saved: Any, dy: Any) -> Any:
        dx, dp = right(saved, dy)
        return dx, of(dp, dy)

    return backward


def _border_in_front(right: Part, p: Any, x: Any, *, pad: int = 0) -> Any:
    """All of the border before the first time, as for a convolution that sees no future."""
    _, saved = right(p, x, pad=pad)
    wide = np.concatenate([np.zeros_like(x, shape=(2 * pad, *x.shape[1:])), x])
    return right(p, wide)[0], saved


CONV_TBC = [
    wrong(conv_tbc, "E26-conv_tbc-flipped", "the kernel as it stands; flipped, as in textbooks", "loss",
          forward=_kernel(lambda W: np.flip(W, 0))),
    wrong(conv_tbc, "E26-conv_tbc-dW-flipped", "dW as it stands; flipped",
          backward=_of_kernel(lambda dp, dy: dp._replace(W=np.flip(dp.W, 0)))),
    wrong(conv_tbc, "conv_tbc-causal", "the border on both sides; all of it in front", "loss",
          forward=_border_in_front),
    wrong(conv_tbc, "conv_tbc-db-first-time", "db sums all times; the first",
          backward=_of_kernel(lambda dp, dy: dp._replace(b=dy[0].sum(axis=0)))),
    wrong(conv_tbc, "conv_tbc-dW-mean", "dW sums over the batch; the mean",
          backward=_of_kernel(lambda dp, dy: dp._replace(W=dp.W / max(1, dy.shape[1])))),
    wrong(conv_tbc, "conv_tbc-time-backwards", "dx in the order of time; from the last to the first",
          backward=lambda right, saved, dy: (lambda dx, dp: (np.flip(dx, 0), dp))(*right(saved, dy))),
]  # fmt: skip


# ---------------------------------------------------------------- logits and their loss
def _gradients(*, x: Part = lambda g, s: g, W: Part = lambda g, s: g, b: Part = lambda g, s: g) -> Part:
    """Other gradients of the features, the weight and the bias, from the right ones and what was saved."""

    def backward(right: Part, s: Any, dloss: Any = None) -> Any:
        dx, _, dW, db = right(s, dloss)
        return x(dx, s), None, W(dW, s), None if db is None else b(db, s)

    return backward


def _turned(W: Any) -> Any:
    return W.T if W.shape[0] == W.shape[-1] else W


def _last_row(right: Part, s: Any, dloss: Any = None) -> Any:
    last = np.arange(len(s.x))[:, None] == len(s.x) - 1
    dx, _, _, db = right(s, dloss)
    return dx, None, right(s._replace(x=np.where(last, s.x, 0)), dloss)[2], db


def _without_bias(right: Part, x: Any, *, linear_bias: Any = None, **others: Any) -> Any:
    return right(x, linear_bias=None if linear_bias is None else 0 * linear_bias, **others)


LINEAR_CROSS_ENTROPY = [
    wrong(linear_cross_entropy, "linear_cross_entropy-no-bias", "logits with a bias; without", "loss",
          forward=_without_bias),
    wrong(linear_cross_entropy, "linear_cross_entropy-turned", "W has the classes first; the features, if it can",
          "loss", forward=lambda right, x, *, linear_weight, **o: right(
              x, linear_weight=_turned(linear_weight), **o)),
    wrong(linear_cross_entropy, "E01-linear_cross_entropy-weight", "the loss divides once; dW once more by the rows",
          backward=_gradients(W=lambda g, s: g / len(s.x))),
    wrong(linear_cross_entropy, "C36-linear_cross_entropy-weight", "the weight has a gradient; it is a constant",
          backward=_gradients(W=lambda g, s: 0 * g)),
    wrong(linear_cross_entropy, "C36-linear_cross_entropy-features", "the features have a gradient; constants",
          backward=_gradients(x=lambda g, s: 0 * g)),
    wrong(linear_cross_entropy, "linear_cross_entropy-bias-mean", "db sums over the rows; their mean",
          backward=_gradients(b=lambda g, s: g / len(s.x))),
    wrong(linear_cross_entropy, "C05-linear_cross_entropy", "dloss times the slope; the slope",
          backward=lambda right, s, dloss=None: right(s, None if dloss is None else np.ones_like(dloss))),
    wrong(linear_cross_entropy, "C36-linear_cross_entropy-last-row", "all rows make dW; the last",
          backward=_last_row),
]  # fmt: skip

# ---------------------------------------------------------------- distances
COSINE_DISTANCE = [
    wrong(cosine_distance, "cosine_distance-of-one", "1 less the cosine; the cosine less 1", "loss",
          forward=lambda right, x, z, **o: (lambda y, saved: (-y, saved))(*right(x, z, **o))),
    wrong(cosine_distance, "cosine_distance-half", "from 0 to 2; from 0 to 1", "loss",
          forward=lambda right, x, z, **o: (lambda y, saved: (y / 2, saved))(*right(x, z, **o))),
    wrong(cosine_distance, "C34-cosine_distance", "less the slope of the cosine; the slope",
          backward=lambda right, saved, dy: right(saved, -dy)),
    wrong(cosine_distance, "C36-cosine_distance-target", "both vectors have a gradient; the first",
          backward=lambda right, saved, dy: (lambda dx, dz: (dx, 0 * dz))(*right(saved, dy))),
    wrong(cosine_distance, "cosine_distance-usual-bound", "the bound that is asked for; the usual one", "loss",
          forward=lambda right, x, z, **o: right(x, z, **o | {"eps": 1e-8})),
]  # fmt: skip

FAULTS = [*CONV_TBC, *LINEAR_CROSS_ENTROPY, *COSINE_DISTANCE]
