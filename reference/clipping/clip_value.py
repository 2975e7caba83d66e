"""Every element of every gradient is held between −clip_value and clip_value.

    g = max(−c, min(c, g))

Shapes      each gradient (...)
Source      torch.nn.utils.clip_grad_value_; optax.clip
Raises      ValueError if clip_value is not above 0
"""

import numpy as np

from . import Grads


def clip(grads: Grads, params: Grads, *, clip_value: float) -> Grads:  # noqa: ARG001 - as all do
    if clip_value <= 0:
        raise ValueError(f"clip_value: clip_value must be above 0, got {clip_value}")
    return {name: np.maximum(np.minimum(g, clip_value), -clip_value) for name, g in grads.items()}
