"""Average pooling  y_o = Σ x_i / n_o over the places i of window o.

The windows are k places long and slide by s along each spatial axis. Each x has its part of each of its windows:

    dx_i = Σ dy_o / n_o over all windows o that have place i

n_o counts the window's places on x and on what pads it, which is zeros; the padding is not counted where that is asked.

Shapes      x (N, C, S, ...) with one, two or three spatial axes -> y (N, C, O, ...),
            O = ⌊(S + 2 p − k) / s⌋ + 1, with ⌈⌉ in ceil_mode
Convention  A size is one number for all spatial axes, or one for each. stride is kernel_size unless given. In ceil_mode
            a last window may reach beyond what pads the end, but not begin there; what it has beyond is not counted.
            count_include_pad is true in PyTorch and Flax by default; TensorFlow and Keras do not count padding.
            divisor_override stands in for n_o, the same for all windows.
Source      LeCun et al. (1998), Gradient-Based Learning, section II.B (subsampling); torch.nn.AvgPool2d for the options
Raises      ValueError if x has no spatial axis, sizes do not fit it, padding is over half a window, or the divisor is 0
"""

from typing import NamedTuple

from .. import Array
from ._pooling import Sizes, _check, along_axes, counts, each, members, sliding


class Saved(NamedTuple):
    sums: list[Array]  # (S, O) for each spatial axis: 1 where a window has a place
    divisor: Array | int  # (O, ...)  what each window is divided by


def forward(
    x: Array,
    *,
    kernel_size: Sizes = 2,
    stride: Sizes | None = None,
    padding: Sizes = 0,
    ceil_mode: bool = False,
    count_include_pad: bool = True,
    divisor_override: int | None = None,
) -> tuple[Array, Saved]:
    _check("avg_pool", x.shape, kernel_size, stride, padding)
    if divisor_override == 0:
        raise ValueError("avg_pool: option divisor_override must not be 0")
    lengths = x.shape[2:]
    places = sliding(lengths, kernel_size, stride, padding, ceil_mode=ceil_mode)  # (k, O) each
    sums = members(places, lengths, x.dtype)  # (S, O) each
    counted = each(padding if count_include_pad else 0, lengths)
    divisor = divisor_override or counts(places, lengths, counted, x.dtype)  # (O, ...)
    return along_axes(x, sums) / divisor, Saved(sums, divisor)


def backward(saved: Saved, dy: Array) -> Array:
    sums, divisor = saved
    return along_axes(dy / divisor, [axis.T for axis in sums])
