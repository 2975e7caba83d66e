"""The exponential moving average of a parameter.

    a = decay a + (1 − decay) θ

Shapes      average and parameter (...) alike
Convention  start = "copy": the first average is the parameter after the first step, as in PyTorch's AveragedModel;
            "zero": a₀ = 0, corrected by 1 / (1 − decayᵗ), as optax.ema does with updates.
Source      Polyak, Juditsky (1992), Acceleration of stochastic approximation by averaging, for averaging as such;
            torch.optim.swa_utils.get_ema_multi_avg_fn
"""

from typing import Literal

from .. import Array, constants


def update(
    average: Array, param: Array, count: int, *, decay: float = 0.999, start: Literal["copy", "zero"] = "copy"
) -> Array:
    share = 1 - constants.decimal(decay, param)
    if start == "zero":  # the average as it is corrected, so that what went before is known
        weight = 1 - constants.decimal(decay, param) ** count
        after: Array = (decay * weight * average + share * param) / (1 - constants.decimal(decay, param) ** (count + 1))
        return after
    return param if count == 0 else decay * average + share * param
