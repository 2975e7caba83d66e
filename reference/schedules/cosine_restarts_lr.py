"""The rate falls along half a cosine, over and over: each time it starts again from lr, and may take longer.

    lr(t) = min_lr + (lr − min_lr) (1 + cos(π s / Tᵢ)) / 2        s: the steps since the latest restart
    T₀ = T ,  Tᵢ₊₁ = T_mult · Tᵢ                                  so that min_lr itself is never reached

Shapes      t a whole number, the steps taken before; lr and the result ()
Source      Loshchilov, Hutter (2017), SGDR: stochastic gradient descent with warm restarts, eq. 5;
            torch.optim.lr_scheduler.CosineAnnealingWarmRestarts; optax.sgdr_schedule
Raises      ValueError if T or T_mult is below 1
"""

import numpy as np

from .. import Array, constants


def rate(t: int, lr: Array, *, T: int, T_mult: int = 1, min_lr: float = 0.0) -> Array:
    if T < 1 or T_mult < 1:
        raise ValueError(f"cosine_restarts_lr: T and T_mult must be at least 1, got {T} and {T_mult}")
    since, length = t, T
    for _ in range(t):  # there are no more restarts than steps
        if since >= length:
            since, length = since - length, T_mult * length
    lowest = constants.decimal(min_lr, lr)
    return lowest + (lr - lowest) * (1 + np.cos(constants.pi(lr) * since / length)) / 2
