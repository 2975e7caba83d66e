"""All gradients are made shorter together, where their common length is above a limit.

    n = √(Σ over all parameters of Σ g²)                    g = g · min(1, max_norm / (n + ε))

Shapes      each gradient (...)
Convention  eps = 1e-6 is PyTorch's and MLX's, which thus shorten even a gradient of exactly max_norm; 0 that of Optax,
            TensorFlow and Keras. An infinite gradient has the factor 0, and is NaN itself.
Source      Pascanu, Mikolov, Bengio (2013), On the difficulty of training recurrent neural networks, algorithm 1
Raises      ValueError if max_norm is not above 0
"""

import numpy as np

from .. import Array
from . import Grads


def clip(grads: Grads, params: Grads, *, max_norm: float, eps: float = 1e-6) -> Grads:  # noqa: ARG001 - as all do
    if max_norm <= 0:
        raise ValueError(f"clip_global_norm: max_norm must be above 0, got {max_norm}")
    norm = length(list(grads.values()))
    factor = max_norm / np.maximum(norm + eps, max_norm)
    with np.errstate(invalid="ignore"):  # infinity times the factor 0 is NaN, and meant to be
        return {name: g * factor for name, g in grads.items()}


def length(arrays: list[Array]) -> Array:
    """√ of the sum of all squares."""
    total: Array = np.sqrt(np.concatenate([np.square(g).reshape(-1) for g in arrays]).sum())
    if not np.isfinite(total) and not all(np.isfinite(g).all() for g in arrays):
        total = np.maximum.reduce([np.abs(g).max() for g in arrays])  # infinite or undefined, without rounding
    return total
