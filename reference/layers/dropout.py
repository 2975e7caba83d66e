"""Dropout with a given mask  y = m x / (1 − p): what is kept makes up for what is dropped.

The mask has no gradient:

    dx = m dy / (1 − p)

Shapes      x (...), mask m (...) of 0 and 1, integers -> y (...)
Convention  p is the share that is dropped, as everywhere today; TensorFlow 1 asked for the share that is kept. The
            scale is that of training, so that use needs none. Frameworks draw m themselves; here it is given, so that
            there is something to compare.
Source      Srivastava et al. (2014), Dropout, section 10 (scaled in training)
Raises      ValueError if the mask has another shape than x or other numbers than 0 and 1, or p is not from 0 up to,
            but not including, 1
"""

from typing import NamedTuple

from .. import Array
from ..constants import whole
from ..masks import only


class Saved(NamedTuple):
    kept: Array  # (...)  m = 1
    share: Array  # ()  1 − p


def forward(x: Array, mask: Array, *, p: float = 0.5) -> tuple[Array, Saved]:
    _check(x, mask, p)
    kept = mask == 1  # (...)
    share = whole(1, x) - p  # ()
    y = only(kept, x)  # (...)
    y /= share
    return y, Saved(kept, share)


def backward(saved: Saved, dy: Array) -> tuple[Array, None]:
    dx = only(saved.kept, dy)  # (...)
    dx /= saved.share
    return dx, None


def _check(x: Array, mask: Array, p: float) -> None:
    if mask.shape != x.shape or mask.dtype.kind not in "iu" or not ((mask | 1) == 1).all():
        raise ValueError(f"dropout: the mask must hold integers 0 and 1 in the shape of x {x.shape}; got {mask.shape}")
    if not 0 <= p < 1:
        raise ValueError(f"dropout: option p must be at least 0 and below 1; got {p}")
