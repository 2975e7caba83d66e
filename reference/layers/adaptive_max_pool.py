"""Adaptive max pooling  y_o = max x_i over the places i of window o, for as many windows as asked.

Along an axis of S places, window o of O goes from ⌊o S / O⌋ up to, but not including, ⌈(o + 1) S / O⌉: windows may
overlap, and differ in length. One window for all is global max pooling. As in max pooling:

    dx_i = Σ dy_o over all windows o whose largest is x_i

Shapes      x (N, C, S, ...) with one, two or three spatial axes -> y (N, C, O, ...), O = output_size
Convention  output_size is one number for all spatial axes, or one for each.
            ties = "first": the first of equals has all of dy, as in PyTorch; "even": they share it.
Source      torch.nn.AdaptiveMaxPool2d
Raises      ValueError if x has no spatial axis, or output_size does not fit it
"""

from .. import Array
from ._pooling import Largest, Sizes, Ties, _check, divided, largest, spread

Saved = Largest


def forward(x: Array, *, output_size: Sizes = 1, ties: Ties = "first") -> tuple[Array, Saved]:
    _check("adaptive_max_pool", x.shape, output_size)
    return largest(x, divided(x.shape[2:], output_size), ties)


def backward(saved: Saved, dy: Array) -> Array:
    return spread(saved, dy)
