"""The rate climbs from a low one to lr, and then falls to one that is far lower: in one cycle for the whole training.

    low = lr / div_factor        lowest = low / final_div_factor
    two phases      low → lr → lowest              which end at a and T
    three phases    low → lr → low → lowest        which end at a, b and T
    p, the share of a phase that is over:  cos     from → to is  to + (from − to) (1 + cos(π p)) / 2
                                           linear                from + (to − from) p

Shapes      t a whole number, the steps taken before; lr and the result ()
Convention  ends = "last": a = pct_start · total_steps − 1, which need not be a whole number, and T = total_steps − 1,
            the last step, as in PyTorch; "after": a = ⌊pct_start · total_steps⌋ and T = total_steps, the step after the
            last, as in Optax.
            pct_final: where the second of three phases ends, like pct_start, as in Optax; None: b = 2 a, as in PyTorch.
            The rate stays at the lowest after T, where PyTorch refuses to go on.
Source      Smith, Topin (2019), Super-convergence: very fast training of neural networks using large learning rates,
            section 3; torch.optim.lr_scheduler.OneCycleLR; optax.cosine_onecycle_schedule, linear_onecycle_schedule
Raises      ValueError if a phase has no length
"""

from itertools import pairwise
from typing import Literal, NamedTuple

import numpy as np

from .. import Array, constants


def rate(
    t: int,
    lr: Array,
    *,
    total_steps: int,
    pct_start: float = 0.3,
    pct_final: float | None = None,
    anneal_strategy: Literal["cos", "linear"] = "cos",
    div_factor: float = 25.0,
    final_div_factor: float = 1e4,
    three_phase: bool = False,
    ends: Literal["last", "after"] = "last",
) -> Array:
    low = lr / div_factor
    lowest = low / final_div_factor
    first = _end(pct_start, total_steps, ends, lr)
    second = End(2 * first.step, 2 * first.exact) if pct_final is None else _end(pct_final, total_steps, ends, lr)
    last = _end(1.0, total_steps, ends, lr)
    stops = [first, second, last] if three_phase else [first, last]
    rates = [low, lr, low, lowest] if three_phase else [low, lr, lowest]
    _check([0, *(stop.step for stop in stops)])
    phase = sum(t >= stop.step for stop in stops[:-1])
    start = stops[phase - 1].exact if phase else 0
    over = (min(t, int(last.step)) - start) / (stops[phase].exact - start)
    before, after = rates[phase], rates[phase + 1]
    if anneal_strategy == "linear":
        return before + (after - before) * over
    return after + (before - after) * (1 + np.cos(constants.pi(lr) * over)) / 2


class End(NamedTuple):
    """The step at which a phase ends: as a float to compare with, and as the arithmetic has it."""

    step: float
    exact: Array


def _end(share: float, total_steps: int, ends: str, like: Array) -> End:
    if ends == "after":
        return End(int(share * total_steps), constants.whole(int(share * total_steps), like))
    return End(share * total_steps - 1, constants.decimal(share, like) * total_steps - 1)


def _check(steps: list[float]) -> None:
    if any(end <= start for start, end in pairwise(steps)):
        raise ValueError(f"one_cycle_lr: a phase has no length: they meet at the steps {steps}")
