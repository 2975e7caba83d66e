"""Lookahead: the parameters run ahead for some steps, and are then called back to slow ones that followed a part of it.

    every step              θ by the rule
    every `every`-th one    a = a + share (θ − a) ,   θ = a                 a₀ = θ₀

a are the slow parameters. They are an average of where each round ended, Σ share (1 − share)ⁿ⁻ⁱ θᵢ of n rounds and what
is left of θ₀, and each round begins there.

Shapes      average and parameter (...) alike
Convention  reset: what the rule remembers begins anew after each round; else it lasts, as in Optax unless told. The
            paper compares both with an average of it.
Source      Zhang, Lucas, Hinton, Ba (2019), Lookahead optimizer: k steps forward, 1 step back, algorithm 1
Raises      ValueError if every is below 1
"""

from .. import Array


def update(
    average: Array,
    param: Array,
    count: int,
    *,
    every: int,
    share: float = 0.5,
    reset: bool = False,  # noqa: ARG001 - the step does it, which has what the rule remembers
) -> Array:
    return average + share * (param - average) if synchronised(count, every) else average


def synchronised(count: int, every: int) -> bool:
    """Whether the step after `count` others ends a round."""
    if every < 1:
        raise ValueError(f"lookahead: every must be at least 1, got {every}")
    return (count + 1) % every == 0
