"""Poolings: which places of x each window takes, and the largest of them.

Along one spatial axis, the windows are a table of places (k, O): column o has what window o takes. A place outside the
axis, below 0 or S and above, is padding, or stands where this window has fewer places than another. What follows from a
table alone is worked out once and kept.
"""

import math
from collections.abc import Sequence
from functools import cache, reduce
from typing import Any, Literal, NamedTuple, TypeAlias, TypeVar

import numpy as np

from .. import Array

Sizes: TypeAlias = int | tuple[int, ...]
"""One number for each spatial axis, or one for all."""
Lengths: TypeAlias = tuple[int, ...]
"""Those of the spatial axes of x (N, C, *S): S."""
Table: TypeAlias = tuple[tuple[int, ...], ...]
"""Places (k, O)."""
Ties: TypeAlias = Literal["first", "even"]
Number = TypeVar("Number", int, float)


def each(sizes: Number | tuple[Number, ...], lengths: Lengths) -> tuple[Number, ...]:
    """A number for each spatial axis."""
    return sizes if isinstance(sizes, tuple) else (sizes,) * len(lengths)


def sliding(
    lengths: Lengths,
    kernel_size: Sizes,
    stride: Sizes | None,
    padding: Sizes = 0,
    dilation: Sizes = 1,
    *,
    ceil_mode: bool,
) -> list[Table]:
    """The places (k, O) of windows that slide along each spatial axis. The last one begins before what pads the end."""
    sizes = [each(n, lengths) for n in (kernel_size, kernel_size if stride is None else stride, padding, dilation)]
    return [_sliding(*axis, ceil_mode) for axis in zip(lengths, *sizes, strict=True)]


@cache
def _sliding(S: int, k: int, s: int, p: int, d: int, ceil_mode: bool) -> Table:
    room = S + 2 * p - d * (k - 1) - 1  # how far the window can move
    last = min(-(-room // s), (S + p - 1) // s) if ceil_mode else room // s
    if last < 0:
        raise ValueError(f"a window of {k} places, {d} apart, does not fit on {S} with a padding of {p}")
    return _table(d * np.arange(k)[:, None] + s * np.arange(last + 1) - p)


def divided(lengths: Lengths, output_size: Sizes) -> list[Table]:
    """The places (k, O) of O windows that cover each spatial axis evenly: from ⌊o S / O⌋ up to ⌈(o + 1) S / O⌉."""
    places = []
    for S, O in zip(lengths, each(output_size, lengths), strict=True):  # noqa: E741 - the letter of the shapes
        o = np.arange(O)
        first, end = o * S // O, -(-(o + 1) * S // O)  # (O,)
        along = first + np.arange((end - first).max())[:, None]  # (k, O)
        places.append(_table(np.where(along < end, along, S)))
    return places


def _table(places: Array) -> Table:
    return tuple(map(tuple, places.tolist()))


# ---------------------------------------------------------------- sums over windows
def members(places: list[Table], lengths: Lengths, dtype: Any) -> list[Array]:
    """For each spatial axis the matrix (S, O) that sums over windows: 1 where a window has a place, 0 elsewhere."""
    return [_members(along, S, dtype) for S, along in zip(lengths, places, strict=True)]


@cache
def _members(along: Table, S: int, dtype: Any) -> Array:
    matrix = (np.array(along)[:, None] == np.arange(S)[:, None]).any(axis=0).astype(dtype)
    return _kept(matrix)


def counts(places: list[Table], lengths: Lengths, padding: Lengths, dtype: Any) -> Array:
    """How many places each window has (O, ...) on x and on so much before and after it."""
    return grid([_counts(along, -p, S + p, dtype) for S, p, along in zip(lengths, padding, places, strict=True)])


@cache
def _counts(along: Table, first: int, end: int, dtype: Any) -> Array:
    place = np.array(along)  # (k, O)
    return _kept(((place >= first) & (place < end)).sum(axis=0).astype(dtype))


def _kept(found: Array) -> Array:
    """What is kept for the next time, and nobody may change."""
    found.setflags(write=False)
    return found


def grid(counts: list[Array]) -> Array:
    """How many places each window has (O, ...), from how many it has along each spatial axis (O,)."""
    return reduce(np.multiply.outer, counts)


def along_axes(x: Array, matrices: Sequence[Array]) -> Array:
    """x (N, C, *S) times a matrix (S, O) along each spatial axis: (N, C, *O). NaN, as 0 · ∞ is, spreads along them."""
    for axis, matrix in enumerate(matrices, 2):
        x = (x.swapaxes(axis, -1) @ matrix).swapaxes(axis, -1)
    return x


# ---------------------------------------------------------------- the largest of a window
class Largest(NamedTuple):
    """Where the largest number of each window stands, for the way back."""

    x: tuple[int, ...]  # the shape
    into: Array  # (T,)  places in x, laid flat with one number more after each plane
    window: Array | None = None  # (T,)  the windows that these belong to, if not all of them, one by one
    share: Array | None = None  # (T,)  how many places share in each of those


def largest(x: Array, places: list[Table], ties: Ties) -> tuple[Array, Largest]:
    """The largest number of each window, y (N, C, *O), and where it stands."""
    flat, shape = _flat(tuple(places), x.shape[2:]), (*x.shape[:2], *(len(along[0]) for along in places))
    planes, size = math.prod(x.shape[:2]), math.prod(x.shape[2:])
    outside = np.full_like(x, -np.inf, shape=(planes, 1))
    windows = np.concatenate([x.reshape((planes, size)), outside], axis=1).take(flat, axis=1)  # (N C, K, O)
    y = windows.max(axis=1)  # (N C, O)
    equal = windows == y[:, None]  # (N C, K, O)
    start = np.arange(planes) * (size + 1)  # (N C,)
    if ties == "first":
        into = start[:, None] + flat[np.argmax(equal, axis=1), np.arange(flat.shape[1])]  # (N C, O)
        return y.reshape(shape), Largest(x.shape, into.ravel())
    plane, k, o = np.nonzero(equal)  # (T,)
    share = equal.sum(axis=1)[plane, o].astype(x.dtype)  # (T,)
    return y.reshape(shape), Largest(x.shape, start[plane] + flat[k, o], plane * flat.shape[1] + o, share)


def spread(saved: Largest, dy: Array) -> Array:
    """dx (N, C, *S): each window's dy, to its largest number, or shared among them."""
    shape, into, window, share = saved
    planes, size = math.prod(shape[:2]), math.prod(shape[2:])
    dy = dy.ravel()
    if window is not None:
        dy = dy[window] / share  # (T,)
    dx = np.zeros_like(dy, shape=planes * (size + 1))
    np.add.at(dx, into, dy)  # one number may be the largest of several windows
    return dx.reshape((planes, size + 1))[:, :size].reshape(shape)


@cache
def _flat(places: tuple[Table, ...], lengths: Lengths) -> Array:
    """The places (K, O) of whole windows in a plane laid flat; -1, the one after the last, where they are outside."""
    size = math.prod(lengths)
    flat = np.zeros((1, 1), int)
    for S, table in zip(lengths, places, strict=True):
        along = np.array(table)  # (k, O)
        inside = np.where((along >= 0) & (along < S), along, -size)  # (k, O)
        flat = flat[:, None, :, None] * S + inside[:, None, :]  # (K, k, O, o)
        flat = flat.reshape(len(flat) * len(along), -1)
    return _kept(np.maximum(flat, -1))


# ---------------------------------------------------------------- what is refused
@cache
def _check(
    op: str,
    shape: tuple[int, ...],
    kernel_size: Sizes,
    stride: Sizes | None = None,
    padding: Sizes = 0,
    dilation: Sizes = 1,
) -> None:
    """Raises ValueError unless every size has one number, and a fitting one, for each spatial axis."""
    given = (kernel_size, kernel_size if stride is None else stride, padding, dilation)
    sizes = [each(size, shape[2:]) for size in given]
    if len(shape) < 3 or 0 in shape[2:] or any(len(size) != len(shape) - 2 for size in sizes):
        raise ValueError(f"{op}: x (N, C, ...) needs one size for each spatial axis; got {given} for x {shape}")
    for k, s, p, d in zip(*sizes, strict=True):
        if min(k, s, d) < 1 or not 0 <= p <= (d * (k - 1) + 1) // 2:
            raise ValueError(f"{op}: sizes must be 1 or more, and padding at most half a window; got {given}")
