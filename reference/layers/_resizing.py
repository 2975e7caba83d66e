"""Resizing, one spatial axis after the other: a matrix of weights (S, O) along each, and its transpose on the way back.

Place o of the O after lies at place r (o + shift) − shift of the S before. With r = S / O and a shift of one half, the
edges of the two axes meet; with r = (S − 1) / (O − 1) and no shift, their first and last places do.
"""

from typing import NamedTuple, TypeAlias

import numpy as np

from .. import Array
from ..constants import whole
from ._pooling import Lengths, Sizes, each

Scales: TypeAlias = float | tuple[float, ...]
"""One number for each spatial axis, or one for all."""


class Axis(NamedTuple):
    """One spatial axis, before and after. All are whole numbers, so that no place is rounded to the wrong one."""

    before: int  # S
    after: int  # O
    ratio: tuple[int, int]  # r, as a fraction
    halves: int  # twice the shift: 1 or 0


def axes(
    before: Lengths, size: Sizes | None, scale_factor: Scales | None, halves: int, *, align_corners: bool = False
) -> list[Axis]:
    """What becomes of spatial axes of these lengths S: the size that is given, or ⌊S scale_factor⌋ places."""
    if scale_factor is None:
        assert size is not None
        after = each(size, before)
        ratios = list(zip(before, after, strict=True))
    else:
        scales = each(scale_factor, before)
        after = tuple(int(S * scale) for S, scale in zip(before, scales, strict=True))
        ratios = [scale.as_integer_ratio()[::-1] for scale in scales]
    if align_corners:
        halves, ratios = 0, [(S - 1, n - 1 or 1) for S, n in zip(before, after, strict=True)]
    return [Axis(*axis, halves) for axis in zip(before, after, ratios, strict=True)]


def below(axis: Axis, plus: int = 0) -> Array:
    """The last whole place (O,) before or at that of each of the O after, with some halves added to it."""
    above, under = axis.ratio
    halves = [above * (2 * o + axis.halves) + under * (plus - axis.halves) for o in range(axis.after)]
    return np.array([twice // (2 * under) for twice in halves])


def beyond(axis: Axis, x: Array) -> Array:
    """How far (O,) each place lies beyond the one below it, from 0 up to 1, in the arithmetic of x."""
    above, under = axis.ratio
    shift = axis.halves / 2
    after = (np.arange(axis.after) + shift).astype(x.dtype)  # (O,)
    beyond: Array = whole(above, x) / under * after - shift - below(axis).astype(x.dtype)
    return beyond


def weights(axis: Axis, first: Array, taps: list[Array]) -> Array:
    """The matrix (S, O) of weights (O,) for the place `first` (O,) and those after it; the ends of the axis repeat."""
    places = first + np.arange(len(taps))[:, None]  # (taps, O)
    inside = np.minimum(np.maximum(places, 0), axis.before - 1)  # (taps, O)
    matrix = np.zeros_like(taps[0], shape=(axis.before, axis.after))  # (S, O)
    np.add.at(matrix, (inside, np.arange(axis.after)), np.stack(taps))
    return matrix


def _check(op: str, x: Array, size: Sizes | None, scale_factor: Scales | None) -> None:
    """Raises ValueError unless there is a size or a scale for each spatial axis, and something is left of it."""
    given = size if scale_factor is None else scale_factor
    if x.ndim < 3 or 0 in x.shape[2:] or given is None or (size is not None and scale_factor is not None):
        raise ValueError(f"{op}: x {x.shape} must be (N, C, ...), and either size or scale_factor be given")
    numbers = given if isinstance(given, tuple) else (given,) * (x.ndim - 2)
    if len(numbers) != x.ndim - 2 or min(numbers) <= 0:
        raise ValueError(f"{op}: one positive number is needed for each spatial axis of x {x.shape}; got {given}")
    if scale_factor is not None and any(int(S * scale) < 1 for S, scale in zip(x.shape[2:], numbers, strict=True)):
        raise ValueError(f"{op}: nothing of x {x.shape} is left at a scale_factor of {scale_factor}")
