"""The rate goes along a straight line, from one share of itself to another.

    lr(t) = lr · (start + (end − start) · min(t, T) / T)        start, end, T: start_factor, end_factor, total_iters

Shapes      t a whole number, the steps taken before; lr and the result ()
Source      torch.optim.lr_scheduler.LinearLR; optax.linear_schedule
Raises      ValueError if total_iters is below 1
"""

from .. import Array, constants


def rate(t: int, lr: Array, *, start_factor: float, end_factor: float = 1.0, total_iters: int = 5) -> Array:
    if total_iters < 1:
        raise ValueError(f"linear_lr: total_iters must be at least 1, got {total_iters}")
    start, end = constants.decimal(start_factor, lr), constants.decimal(end_factor, lr)
    return lr * (start + (end - start) * min(t, total_iters) / total_iters)
