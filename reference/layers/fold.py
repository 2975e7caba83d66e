"""Columns put back to where `unfold` would have taken them from, and added up where they meet (col2im).

ŷ is y with a border; column l holds, for each channel c, what a kernel's numbers i add to ŷ at place l, with s the
stride and d the dilation, on each axis:

    ŷ_ncj = Σ_il x_n(ci)l over all s l + d i = j      y = ŷ without its border      dx_n(ci)l = dŷ_nc(sl+di)

Where no column reaches, y is 0. It undoes `unfold` only where the windows do not meet: elsewhere it counts them.

Shapes      x (N, C·k, L), kernel of k = ∏ K numbers -> y (N, C, *output_size), L = ∏ of the places along each axis
Convention  Rows in the order of `unfold`. output_size is that of y, without the border.
Source      torch.nn.Fold
Raises      ValueError if x has not the rows and columns that the options ask for
"""

import math
from typing import NamedTuple

from .. import Array
from ._convolution import Tap, folded, places, taps, unfolded, window
from ._padding import Widths, padded, unpadded


class Saved(NamedTuple):
    at: list[Tap]
    widths: Widths


def forward(
    x: Array,
    *,
    output_size: tuple[int, ...] = (1, 1),
    kernel_size: int | tuple[int, ...] = 2,
    stride: int | tuple[int, ...] = 1,
    padding: int | tuple[int, ...] = 0,
    dilation: int | tuple[int, ...] = 1,
) -> tuple[Array, Saved]:
    K, s, d, widths = window("fold", len(output_size), kernel_size, stride, padding, dilation)
    size = tuple(n + sum(both) for n, both in zip(output_size, widths, strict=True))
    L = places(size, K, s, d)
    _check(x, output_size, K, L)
    at = taps(L, K, s, d)
    wide = folded(x, at, (len(x), x.shape[1] // len(at), *size))  # (N, C, *S)  ŷ
    return unpadded(wide, widths, "zeros"), Saved(at, widths)


def backward(saved: Saved, dy: Array) -> Array:
    return unfolded(padded(dy, saved.widths, "zeros"), saved.at)


def _check(x: Array, output_size: tuple[int, ...], kernel: tuple[int, ...], places: tuple[int, ...]) -> None:
    k, L = math.prod(kernel), math.prod(places)
    if not 1 <= len(output_size) <= 3 or min(places) < 1:
        raise ValueError(f"fold: output_size {output_size} needs one to three axes, none below the kernel's {kernel}")
    if x.ndim != 3 or x.shape[1] % k or x.shape[2] != L:
        raise ValueError(f"fold: x {x.shape} must be (N, C·{k}, {L}) for output_size {output_size}, kernel {kernel}")
