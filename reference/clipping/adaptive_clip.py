"""The gradient of each unit is made shorter where it is long beside the unit's own weights.

    limit = clipping · max(‖w‖, eps)                  g = g · limit / max(‖g‖, limit)

Norms are those of one unit: the weights that lead to one output. A vector, or a number, is one unit.

Shapes      each gradient (...)
Convention  units = "last": they stand along the last axis, as in JAX's kernels, and of three axes along the last
            two, as in optax.adaptive_grad_clip; "first": along the first axis, as in PyTorch's.
Source      Brock, De, Smith, Simonyan (2021), High-performance large-scale image recognition without normalization,
            eq. 3
Raises      ValueError if clipping or eps is not above 0
"""

from typing import Literal

import numpy as np

from .. import Array
from . import Grads


def clip(
    grads: Grads, params: Grads, *, clipping: float, eps: float = 1e-3, units: Literal["last", "first"] = "last"
) -> Grads:
    if clipping <= 0 or eps <= 0:
        raise ValueError(f"adaptive_clip: clipping {clipping} and eps {eps} must be above 0")
    clipped: Grads = {}
    for name, g in grads.items():
        limit = clipping * np.maximum(_norms(params[name], units), eps)
        clipped[name] = g * (limit / np.maximum(_norms(g, units), limit))
    return clipped


def _norms(x: Array, units: str) -> Array:
    """The norm of each unit, with axes of length 1 where it sums."""
    if x.ndim < 2:
        axes = tuple(range(x.ndim))
    elif units == "first":
        axes = tuple(range(1, x.ndim))
    else:
        axes = (0,) if x.ndim == 3 else tuple(range(x.ndim - 1))
    norms: Array = np.sqrt(np.square(x).sum(axis=axes, keepdims=True))
    return norms
