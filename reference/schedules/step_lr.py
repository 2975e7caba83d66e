"""The rate falls by a factor after every so many steps.

    lr(t) = lr · gamma^⌊t / step_size⌋

Shapes      t a whole number, the steps taken before; lr and the result ()
Source      torch.optim.lr_scheduler.StepLR; optax.exponential_decay with staircase
Raises      ValueError if step_size is below 1
"""

from .. import Array, constants


def rate(t: int, lr: Array, *, step_size: int, gamma: float = 0.1) -> Array:
    if step_size < 1:
        raise ValueError(f"step_lr: step_size must be at least 1, got {step_size}")
    return lr * constants.decimal(gamma, lr) ** (t // step_size)
