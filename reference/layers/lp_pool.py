"""Power-average pooling  y_o = (Σ x_i^p)^(1/p) over the places i of window o, p = norm_type.

The windows are k places long and slide by s along each spatial axis. With y_o^p = Σ x_i^p:

    dx_i = x_i^(p−1) Σ dy_o / y_o^(p−1) over all windows o that have place i

Where a window is all zeros, y_o has no derivative but for p = 1, and no x of it gets a gradient. p = 1 sums the window.

Shapes      x (N, C, S, ...) with one, two or three spatial axes -> y (N, C, O, ...),
            O = ⌊(S − k) / s⌋ + 1, with ⌈⌉ in ceil_mode
Convention  A size is one number for all spatial axes, or one for each. stride is kernel_size unless given.
            x is not made positive first, as PyTorch has it: of a sum below 0 there is no root but for p = 1.
            clipped = "mean": a window that reaches beyond the end in ceil_mode, n of its K places on x, counts K / n
            times, as in PyTorch, which pools averages; "sum": the formula as it stands.
Source      Sermanet, Chintala, LeCun (2012), Convolutional Neural Networks Applied to House Numbers
            Digit Classification (Lp pooling); torch.nn.LPPool2d
Raises      ValueError if x has no spatial axis, sizes do not fit it, or norm_type is below 1
"""

import math
from typing import Literal, NamedTuple

import numpy as np

from .. import Array
from ..constants import whole
from ._pooling import Sizes, _check, along_axes, each, grid, members, sliding


class Saved(NamedTuple):
    x: Array  # (N, C, S, ...)
    y: Array  # (N, C, O, ...)
    sums: list[Array]  # (S, O) for each spatial axis: 1 where a window has a place
    divisor: Array | int  # (O, ...)  the places of each window
    full: int  # of a window that is not clipped
    norm_type: int


def forward(
    x: Array,
    *,
    norm_type: int = 2,
    kernel_size: Sizes = 2,
    stride: Sizes | None = None,
    ceil_mode: bool = False,
    clipped: Literal["mean", "sum"] = "mean",
) -> tuple[Array, Saved]:
    _check("lp_pool", x.shape, kernel_size, stride)
    if norm_type < 1:
        raise ValueError(f"lp_pool: option norm_type must be 1 or more, got {norm_type}")
    lengths = x.shape[2:]
    sums = members(sliding(lengths, kernel_size, stride, ceil_mode=ceil_mode), lengths, x.dtype)  # (S, O) each
    full = math.prod(each(kernel_size, lengths))
    divisor = grid([axis.sum(axis=0) for axis in sums]) if clipped == "mean" else full  # (O, ...)
    y = np.power(along_axes(np.power(x, norm_type), sums) / divisor * full, whole(1, x) / norm_type)  # (N, C, O, ...)
    return y, Saved(x, y, sums, divisor, full, norm_type)


def backward(saved: Saved, dy: Array) -> Array:
    x, y, sums, divisor, full, norm_type = saved
    slope = dy / np.power(np.where(y == 0, 1, y), norm_type - 1)  # (N, C, O, ...)
    return np.power(x, norm_type - 1) * along_axes(slope / divisor * full, [axis.T for axis in sums])
