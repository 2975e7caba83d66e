"""The rate goes up and down between lr and max_lr along straight lines, over and over.

    lr(t) = lr + (max_lr − lr) · p · height        p rises from 0 to 1 in step_size_up steps, falls in step_size_down
    height = 1                triangular
             2^−cycle         triangular2          cycle: how many are over
             gamma^t          exp_range

Shapes      t a whole number, the steps taken before; lr and the result ()
Convention  step_size_down = None: as long as step_size_up
Source      Smith (2017), Cyclical learning rates for training neural networks, section 3.1;
            torch.optim.lr_scheduler.CyclicLR
Raises      ValueError if a way takes no step
"""

from typing import Literal

from .. import Array, constants


def rate(
    t: int,
    lr: Array,
    *,
    max_lr: float,
    step_size_up: int = 2000,
    step_size_down: int | None = None,
    mode: Literal["triangular", "triangular2", "exp_range"] = "triangular",
    gamma: float = 1.0,
) -> Array:
    down = step_size_up if step_size_down is None else step_size_down
    if step_size_up < 1 or down < 1:
        raise ValueError(f"cyclic_lr: up and down must take at least one step, got {step_size_up} and {down}")
    cycle, since = divmod(t, step_size_up + down)
    steps, way = (since, step_size_up) if since < step_size_up else (step_size_up + down - since, down)
    height = (constants.decimal(max_lr, lr) - lr) * steps / way
    if mode == "exp_range":
        return lr + height * constants.decimal(gamma, lr) ** t
    return lr + (height / 2**cycle if mode == "triangular2" else height)
