"""What convolutions share: which numbers of an array each number of a kernel meets.

A kernel of k numbers slides over an array, to L places. On the way, its i-th number meets L numbers of the array: the
i-th tap, which is a slice. A convolution gathers the taps; its gradient, and its transpose, scatter them, and add where
they meet.

Shapes      k = ∏ K and L = ∏ L where they stand alone; G groups, each of C/G channels below and O/G above
"""

import math
from collections.abc import Iterable
from itertools import product
from types import EllipsisType
from typing import TypeAlias

import numpy as np

from .. import Array
from ._padding import Widths

Tap: TypeAlias = tuple[EllipsisType | slice, ...]
Numbers: TypeAlias = tuple[int, ...]


def each(value: int | Numbers, axes: int, name: str, least: int = 1) -> Numbers:
    """An option that is one number for all axes, or one for each.

    Raises ValueError where it is neither, or has a number below the least.
    """
    numbers = (value,) * axes if isinstance(value, int) else value
    if len(numbers) != axes or any(number < least for number in numbers):
        raise ValueError(f"{name} must be a number of {least} or more, or one for each of {axes} axes; got {value}")
    return numbers


def places(sizes: Numbers, kernel: Numbers, stride: Numbers, dilation: Numbers) -> Numbers:
    """To how many places the kernel can be moved, along each axis."""
    each_axis = zip(sizes, spans(kernel, dilation), stride, strict=True)
    return tuple((n - span) // s + 1 for n, span, s in each_axis)


def spans(kernel: Numbers, dilation: Numbers) -> Numbers:
    """How far the kernel reaches from the first of what it meets to the last, both counted."""
    return tuple(d * (k - 1) + 1 for k, d in zip(kernel, dilation, strict=True))


def taps(places: Numbers, kernel: Numbers, stride: Numbers, dilation: Numbers) -> list[Tap]:
    """For each number of the kernel, the slice that it meets when it is moved to so many places along each axis."""
    along = [
        [slice(d * i, d * i + s * n, s) for i in range(k)]
        for n, k, s, d in zip(places, kernel, stride, dilation, strict=True)
    ]
    return [(..., *tap) for tap in product(*along)]


def window(op: str, axes: int, kernel_size: int | Numbers, stride: int | Numbers, padding: int | Numbers,
           dilation: int | Numbers) -> tuple[Numbers, Numbers, Numbers, Widths]:  # fmt: skip
    """The kernel, its stride and its dilation, and the borders, for each axis."""
    kernel, s, d = (
        each(value, axes, f"{op}: {name}")
        for name, value in (("kernel_size", kernel_size), ("stride", stride), ("dilation", dilation))
    )
    return kernel, s, d, tuple((n, n) for n in each(padding, axes, f"{op}: padding", least=0))


def unfolded(wide: Array, at: list[Tap]) -> Array:
    """The taps of an array, side by side: (N, C, *S) -> (N, C·k, L)."""
    windows = np.stack([wide[tap] for tap in at], axis=2)  # (N, C, k, *L)
    return windows.reshape(len(wide), wide.shape[1] * len(at), math.prod(windows.shape[3:]))


def folded(columns: Array, at: list[Tap], shape: Numbers) -> Array:
    """The transpose of `unfolded`: (N, C·k, L) -> an array of this shape, (N, C, *S)."""
    N, C, *_ = shape
    parts = columns.reshape(N, C, len(at), columns.shape[2]).transpose(2, 0, 1, 3)  # (k, N, C, L)
    return scattered(parts, at, columns, shape)


def scattered(parts: Iterable[Array], at: list[Tap], like: Array, shape: Numbers) -> Array:
    """k parts (N, C, L), each added at its tap of an array of this shape, (N, C, *S)."""
    wide = np.zeros_like(like, shape=shape)  # (N, C, *S)
    for part, tap in zip(parts, at, strict=True):
        met = wide[tap]  # (N, C, *L)
        met += part.reshape(met.shape)
    return wide


def by_group(x: Array, groups: int) -> Array:
    """(N, C, *L) -> (N, G, C/G, L)."""
    return x.reshape(len(x), groups, x.shape[1] // groups, math.prod(x.shape[2:]))


def correlate(wide: Array, W: Array, at: list[Tap], groups: int) -> tuple[Array, Array]:
    """Each kernel of W (O, C/G, *K) at each place: (N, G, O/G, L). And the taps that it met: (N, G, C/G·k, L)."""
    columns = unfolded(wide, at)  # (N, C·k, L)
    rows = columns.reshape(len(wide), groups, W[0].size, columns.shape[2])  # (N, G, C/G·k, L)
    return W.reshape(groups, len(W) // groups, W[0].size) @ rows, rows


def spread(d: Array, W: Array, at: list[Tap], shape: Numbers) -> Array:
    """The transpose of `correlate`: each kernel of W, times its number of d (N, G, O/G, L), added up: (N, C, *S)."""
    _, groups, filters, _ = d.shape
    kernels = W.reshape(groups, filters, W.shape[1], len(at)).transpose(3, 0, 2, 1)  # (k, G, C/G, O/G)
    return scattered((kernel @ d for kernel in kernels), at, d, shape)


def kernel_gradient(d: Array, rows: Array, shape: Numbers) -> Array:
    """Of W, of this shape, in `correlate`: d (N, G, O/G, L) is the gradient of what came out, rows the taps."""
    dW: Array = (d @ rows.mT).sum(axis=0)  # (G, O/G, C/G·k)
    return dW.reshape(shape)
