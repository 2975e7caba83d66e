"""The rate falls along half a cosine, from lr to its floor.

    lr(t) = floor + (lr − floor) (1 + cos(π t / T)) / 2      until t = T, and the floor from there on

Shapes      t a whole number, the steps taken before; lr and the result ()
Convention  floor = "rate": min_lr itself, as PyTorch's eta_min; "share": min_lr · lr, as Optax's alpha.
            after = "stays": at the floor, as in Optax; "rises": the cosine goes on, as in PyTorch.
Source      Loshchilov, Hutter (2017), SGDR: stochastic gradient descent with warm restarts, eq. 5
Raises      ValueError if T is below 1
"""

from typing import Literal

import numpy as np

from .. import Array, constants


def rate(
    t: int,
    lr: Array,
    *,
    T: int,
    min_lr: float = 0.0,
    floor: Literal["rate", "share"] = "rate",
    after: Literal["stays", "rises"] = "stays",
) -> Array:
    if T < 1:
        raise ValueError(f"cosine_lr: T must be at least 1, got {T}")
    lowest = min_lr * lr if floor == "share" else constants.decimal(min_lr, lr)
    share = (1 + np.cos(constants.pi(lr) * (min(t, T) if after == "stays" else t) / T)) / 2
    return lowest + (lr - lowest) * share
