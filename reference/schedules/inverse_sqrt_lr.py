"""The rate falls with the root of the steps.

    lr(t) = lr · √(timescale / (timescale + t))

Shapes      t a whole number, the steps taken before; lr and the result ()
Convention  Behind a warm-up of timescale steps, the rate is in proportion to 1/√(all steps), as in the source.
Source      Vaswani et al. (2017), Attention is all you need, section 5.3, eq. 3
Raises      ValueError if timescale is below 1
"""

import numpy as np

from .. import Array, constants


def rate(t: int, lr: Array, *, timescale: int = 10_000) -> Array:
    if timescale < 1:
        raise ValueError(f"inverse_sqrt_lr: timescale must be at least 1, got {timescale}")
    result: Array = lr * np.sqrt(constants.whole(timescale, lr) / (timescale + t))
    return result
