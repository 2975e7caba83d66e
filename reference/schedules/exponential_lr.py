"""The rate falls by the same factor from step to step.

    lr(t) = lr · gamma^(t / steps)

Shapes      t a whole number, the steps taken before; lr and the result ()
Convention  steps: how many of them gamma is spread over, smoothly; PyTorch has 1, Optax any (its transition_steps).
            step_lr has the same with stairs.
Source      torch.optim.lr_scheduler.ExponentialLR; optax.exponential_decay
Raises      ValueError if steps is below 1
"""

from .. import Array, constants


def rate(t: int, lr: Array, *, gamma: float, steps: int = 1) -> Array:
    if steps < 1:
        raise ValueError(f"exponential_lr: steps must be at least 1, got {steps}")
    return lr * constants.decimal(gamma, lr) ** (constants.whole(t, lr) / steps)
