"""The rate goes from one value to the next, along lines or half cosines, and reaches each at its milestone.

    vᵢ = vᵢ₋₁ · factorᵢ                              v₀ = lr, at the first step; v₁ at the first milestone …
    linear   lr(t) = a + (b − a) p                   a, b the values before and after, p the share of the way between
    cosine   lr(t) = b + (a − b) (1 + cos(π p)) / 2  their milestones that is over; after the last milestone, its value

Shapes      t a whole number, the steps taken before; lr and the result ()
Convention  A factor is of the value before it and not of lr, as in Optax: 0.1 and 0.01 come to 0.1 and 0.001 of it.
Source      optax.piecewise_interpolate_schedule
Raises      ValueError if milestones and factors are not as many, or the milestones do not rise from 1
"""

from itertools import pairwise
from typing import Literal

import numpy as np

from .. import Array, constants


def rate(
    t: int,
    lr: Array,
    *,
    milestones: tuple[int, ...],
    factors: tuple[float, ...],
    curve: Literal["linear", "cosine"] = "linear",
) -> Array:
    stops = (0, *milestones)
    if len(milestones) != len(factors) or any(end <= start for start, end in pairwise(stops)):
        raise ValueError(f"interpolated_lr: milestones {milestones} must rise from 1, with a factor each: {factors}")
    after = lr
    for start, end, factor in zip(stops, milestones, factors, strict=False):
        before, after = after, after * factor
        if t < end:
            over = constants.whole(t - start, lr) / (end - start)
            if curve == "linear":
                return before + (after - before) * over
            return after + (before - after) * (1 + np.cos(constants.pi(lr) * over)) / 2
    return after
