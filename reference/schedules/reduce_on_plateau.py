"""The rate falls by a factor when the loss has stopped getting better.

    better      L < best − threshold · best, or L < best − threshold; mode = "max": L > best + threshold · best …
    after more than `patience` losses in a row that are no better:  lr = max(lr · factor, lowest)
    the `cooldown` losses after that are not counted

Shapes      t a whole number, the steps taken before; lr, each loss and the result ()
Convention  sees = "past": a step's rate follows from the losses before it, as where PyTorch's scheduler steps after its
            optimizer; "now": from its own loss as well, as in optax.contrib.reduce_on_plateau.
            floor = "rate": min_lr is the lowest rate, as in PyTorch; "share": min_lr · lr, as Optax's min_scale.
            eps: a change that is not above it is left undone; 1e-8 is PyTorch's, 0 Optax's.
            patience is PyTorch's; Optax's, at which the rate falls, is one more.
Source      torch.optim.lr_scheduler.ReduceLROnPlateau
Raises      ValueError if factor is not between 0 and 1
"""

from collections.abc import Sequence
from typing import Literal

import numpy as np

from .. import Array, constants

NEEDS_VALUES = True


def rate(
    t: int,  # noqa: ARG001 - as all do
    lr: Array,
    values: Sequence[Array],
    *,
    mode: Literal["min", "max"] = "min",
    factor: float = 0.1,
    patience: int = 10,
    threshold: float = 1e-4,
    threshold_mode: Literal["rel", "abs"] = "rel",
    cooldown: int = 0,
    min_lr: float = 0.0,
    floor: Literal["rate", "share"] = "rate",
    eps: float = 1e-8,
    sees: Literal["past", "now"] = "past",
) -> Array:
    if not 0 < factor < 1:
        raise ValueError(f"reduce_on_plateau: factor must be between 0 and 1, got {factor}")
    lowest = min_lr * lr if floor == "share" else constants.decimal(min_lr, lr)
    sign = 1 if mode == "min" else -1
    best, bad, cooling = values[0], 0, 0
    for value in values[1:-1] if sees == "past" else values[1:]:
        gain = threshold * best if threshold_mode == "rel" else threshold
        if sign * (best - value) > gain:
            best, bad = value, 0
        else:
            bad += 1
        if cooling:
            cooling, bad = cooling - 1, 0
        if bad > patience:
            less = np.maximum(factor * lr, lowest)
            lr = less if lr - less > eps else lr
            cooling, bad = cooldown, 0
    return lr
