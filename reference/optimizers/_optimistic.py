"""A step, and by how much it has changed: the next change is expected to be like the last."""

from typing import Literal

from .. import Array


def optimistic(
    x: Array, before: Array | None, alpha: float | Array, beta: float | Array, first: Literal["same", "zero"]
) -> Array:
    """α x + β (x − before), before being x itself or 0 where there was none."""
    if before is None:
        return alpha * x if first == "same" else alpha * x + beta * x
    return alpha * x + beta * (x - before)
