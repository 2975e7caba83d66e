"""What losses of class labels share: one row for each label, its weight, and what the mean divides by."""

from typing import Literal, NamedTuple, TypeAlias

import numpy as np

from .. import Array
from ..constants import whole
from ._reduction import Reduction

Empty: TypeAlias = Literal["nan", "zero"]
"""What the mean is where nothing is left to be averaged: 0 / 0, or 0."""


class Labels(NamedTuple):
    target: Array  # (M,)  a class in every row: 0 where ignored
    kept: Array | None = None  # (M,)  False where ignored; None where none can be
    share: Array | None = None  # (M,)  the weight of each row; None where all count as one


def rows(x: Array) -> Array:
    """A row for each label: (N, C, ...) -> (M, C), M the number of labels."""
    return x if x.ndim == 2 else np.moveaxis(x, 1, -1).reshape(-1, x.shape[1])


def restored(dx: Array, shape: tuple[int, ...]) -> Array:
    """The opposite of `rows`: (M, C) -> (N, C, ...)."""
    return dx if len(shape) == 2 else np.moveaxis(dx.reshape(shape[0], *shape[2:], shape[1]), -1, 1)


def labelled(target: Array, weight: Array | None, ignore_index: int | None, like: Array) -> Labels:
    """The labels of all rows, and how much each counts."""
    target = target.ravel()  # (M,)
    if ignore_index is None:
        return Labels(target, None, None if weight is None else weight[target])
    kept = target != ignore_index  # (M,)
    target = np.where(kept, target, 0)  # (M,)
    return Labels(target, kept, np.where(kept, whole(1, like) if weight is None else weight[target], 0))


def without(values: Array, kept: Array | None) -> Array:
    """Zero in the rows that are ignored, whatever stands there: (M,) or (M, C)."""
    return values if kept is None else np.where(kept if values.ndim == 1 else kept[:, None], values, 0)


def reduce(terms: Array, share: Array | None, reduction: Reduction, empty: Empty) -> tuple[Array, Array | int | None]:
    """The loss, and what the gradient is divided by: the sum of the rows' weights, or None where by nothing."""
    if reduction == "none":
        return terms, None
    total: Array = terms.sum()
    by = len(terms) if share is None else share.sum()
    if reduction == "sum" or (empty == "zero" and by == 0):
        return total, None
    return divided(total, by), by


def divided(total: Array, by: Array | int) -> Array:
    """0 / 0 is NaN, without a warning."""
    if by != 0:
        return total / by
    with np.errstate(invalid="ignore"):
        return total / by


def _check(op: str, x: Array, target: Array, weight: Array | None, ignore_index: int | None) -> None:
    """Raises ValueError where labels (N, ...) do not fit predictions (N, C, ...), or are no classes."""
    if x.ndim < 2 or target.shape != x.shape[:1] + x.shape[2:] or target.dtype.kind not in "iu":
        raise ValueError(f"{op}: prediction {x.shape} and target {target.shape} do not fit: (N, C, ...) needs (N, ...) "
                         "integers")  # fmt: skip
    C = x.shape[1]
    if weight is not None and weight.shape != (C,):
        raise ValueError(f"{op}: weight {weight.shape} must have one number for each of the {C} classes")
    named = target if ignore_index is None else target[target != ignore_index]
    if named.size and not 0 <= named.min() <= named.max() < C:
        raise ValueError(f"{op}: target must be a class from 0 to {C - 1}, or ignore_index = {ignore_index}")
