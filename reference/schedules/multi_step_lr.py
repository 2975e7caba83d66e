"""The rate falls by a factor at each milestone.

    lr(t) = lr · gamma^(how many milestones are at most t)

Shapes      t a whole number, the steps taken before; lr and the result ()
Convention  A milestone that is named twice counts twice.
Source      torch.optim.lr_scheduler.MultiStepLR; optax.piecewise_constant_schedule
"""

from .. import Array, constants


def rate(t: int, lr: Array, *, milestones: tuple[int, ...], gamma: float = 0.1) -> Array:
    return lr * constants.decimal(gamma, lr) ** sum(milestone <= t for milestone in milestones)
