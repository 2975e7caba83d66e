"""Each gradient is made shorter by itself, where it is above a limit.

    n = √(Σ g²)                       g = g · min(1, max_norm / (n + ε))

Shapes      each gradient (...)
Convention  measure = "norm": n as above, as Keras's clipnorm, or PyTorch's clip_grad_norm_ of one parameter at a time;
            "rms": n = √(mean of g²), as optax.clip_by_block_rms.
            eps = 1e-6 is PyTorch's; 0 that of Optax and Keras.
Source      torch.nn.utils.clip_grad_norm_; optax.clip_by_block_rms; keras.optimizers.Optimizer, clipnorm
Raises      ValueError if max_norm is not above 0
"""

from typing import Literal

import numpy as np

from . import Grads
from .clip_global_norm import length


def clip(
    grads: Grads,
    params: Grads,  # noqa: ARG001 - as all do
    *,
    max_norm: float,
    eps: float = 1e-6,
    measure: Literal["norm", "rms"] = "norm",
) -> Grads:
    if max_norm <= 0:
        raise ValueError(f"clip_norm: max_norm must be above 0, got {max_norm}")
    clipped: Grads = {}
    for name, g in grads.items():
        n = length([g])
        if measure == "rms":
            n = n / np.sqrt(np.full_like(g, g.size, shape=()))
        with np.errstate(invalid="ignore"):  # infinity times the factor 0 is NaN, and meant to be
            clipped[name] = g * (max_norm / np.maximum(n + eps, max_norm))
    return clipped
