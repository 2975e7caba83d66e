"""The rate falls along a power of the steps that are left.

    lr(t) = min_lr + (lr − min_lr) · (1 − min(t, T) / T)^power        T: total_iters

Shapes      t a whole number, the steps taken before; lr and the result ()
Convention  min_lr, where the rate ends: 0 in PyTorch, any in Optax (its end_value).
Source      torch.optim.lr_scheduler.PolynomialLR; optax.polynomial_schedule
Raises      ValueError if total_iters is below 1, or power not above 0
"""

from .. import Array, constants


def rate(t: int, lr: Array, *, total_iters: int = 5, power: float = 1.0, min_lr: float = 0.0) -> Array:
    if total_iters < 1 or power <= 0:
        raise ValueError(f"polynomial_lr: total_iters {total_iters} must be at least 1, power {power} above 0")
    lowest = constants.decimal(min_lr, lr)
    left = constants.whole(max(total_iters - t, 0), lr) / total_iters
    return lowest + (lr - lowest) * left**power
