"""The rate is a share of itself for the first steps, and then the whole.

    lr(t) = factor · lr   for t < total_iters,        lr from there on

Shapes      t a whole number, the steps taken before; lr and the result ()
Source      torch.optim.lr_scheduler.ConstantLR
Raises      ValueError if total_iters is below 0
"""

from .. import Array, constants


def rate(t: int, lr: Array, *, factor: float, total_iters: int = 5) -> Array:
    if total_iters < 0:
        raise ValueError(f"constant_lr: total_iters must be at least 0, got {total_iters}")
    return constants.decimal(factor, lr) * lr if t < total_iters else lr
