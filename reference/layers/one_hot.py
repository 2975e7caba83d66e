"""One-hot vectors  y_k = on where k = x, off elsewhere.

With dy = ∂L/∂y, `on` is in y once for each x, and `off` everywhere else:

    d on = Σ dy where k = x      d off = Σ dy elsewhere

An index has no gradient.

Shapes      x (...) integers below K, on (), off () -> y (..., K)
Convention  on and off are parameters, so that y has their kind of number. The one_hot of torch.nn.functional and of
            jax.nn has 1 and 0; tf.one_hot has both to choose.
Source      TensorFlow documentation of tf.one_hot
Raises      ValueError if x is not of integers from 0 up to, but not including, num_classes
"""

from typing import NamedTuple

import numpy as np

from .. import Array


class Params(NamedTuple):
    on: Array  # ()
    off: Array  # ()


class Saved(NamedTuple):
    hot: Array  # (..., K)


def forward(p: Params, x: Array, *, num_classes: int) -> tuple[Array, Saved]:
    _check(x, num_classes)
    hot = x[..., None] == np.arange(num_classes)  # (..., K)
    return np.where(hot, p.on, p.off), Saved(hot)


def backward(saved: Saved, dy: Array) -> tuple[None, Params]:
    (hot,) = saved
    return None, Params(np.where(hot, dy, 0).sum(), np.where(hot, 0, dy).sum())


def _check(x: Array, num_classes: int) -> None:
    if x.dtype.kind not in "iu" or not ((x >= 0) & (x < num_classes)).all():
        raise ValueError(f"one_hot: x must hold integers from 0 to {num_classes - 1}")
