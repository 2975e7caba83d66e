"""Adaptive average pooling  y_o = Σ x_i / n_o over the n_o places i of window o, for as many windows as asked.

Along an axis of S places, window o of O goes from ⌊o S / O⌋ up to, but not including, ⌈(o + 1) S / O⌉: windows may
overlap, and differ in length. One window for all is global average pooling. Each x has its part of each of its windows:

    dx_i = Σ dy_o / n_o over all windows o that have place i

Shapes      x (N, C, S, ...) with one, two or three spatial axes -> y (N, C, O, ...), O = output_size
Convention  output_size is one number for all spatial axes, or one for each.
Source      Lin, Chen, Yan (2014), Network In Network, section 3.2 (one window); torch.nn.AdaptiveAvgPool2d
Raises      ValueError if x has no spatial axis, or output_size does not fit it
"""

from typing import NamedTuple

from .. import Array
from ._pooling import Sizes, _check, along_axes, divided, grid, members


class Saved(NamedTuple):
    sums: list[Array]  # (S, O) for each spatial axis: 1 where a window has a place
    divisor: Array  # (O, ...)  the places of each window


def forward(x: Array, *, output_size: Sizes = 1) -> tuple[Array, Saved]:
    _check("adaptive_avg_pool", x.shape, output_size)
    lengths = x.shape[2:]
    sums = members(divided(lengths, output_size), lengths, x.dtype)  # (S, O) each
    divisor = grid([axis.sum(axis=0) for axis in sums])  # (O, ...)
    return along_axes(x, sums) / divisor, Saved(sums, divisor)


def backward(saved: Saved, dy: Array) -> Array:
    sums, divisor = saved
    return along_axes(dy / divisor, [axis.T for axis in sums])
