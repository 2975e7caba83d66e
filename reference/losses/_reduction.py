"""How the terms of a loss become the loss, and how its gradient finds its way back to them."""

from typing import Literal, TypeAlias

from .. import Array

Reduction: TypeAlias = Literal["mean", "sum", "none"]


def reduce(terms: Array, reduction: Reduction) -> Array:
    """The mean, the sum, or the terms themselves: terms (...) -> () or (...)."""
    if reduction == "none":
        return terms
    total: Array = terms.sum()
    return total / terms.size if reduction == "mean" else total


def spread(gradient: Array, dloss: Array | None, count: int, reduction: Reduction) -> Array:
    """∂L/∂prediction from ∂term/∂prediction: times ∂L/∂term, which is dloss, or dloss / count for the mean.

    dloss is None where nothing stands above the loss: ∂L/∂loss = 1.
    """
    if dloss is None:
        return gradient / count if reduction == "mean" else gradient
    return gradient * (dloss / count if reduction == "mean" else dloss)
