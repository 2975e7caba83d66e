"""What a kernel meets, place by place: its windows side by side, as columns (im2col).

Column l holds, for each channel c, the numbers of x with a border of zeros, x̂, that a kernel meets at place l: with i
its numbers, s the stride and d the dilation, on each axis,

    y_n(ci)l = x̂_nc(sl+di)      dx̂_ncj = Σ_il dy_n(ci)l over all s l + d i = j      dx = dx̂ without its border

Shapes      x (N, C, *S), kernel of k = ∏ K numbers -> y (N, C·k, L), L = ∏ of the places along each axis
Convention  The rows of a column go through the channels, and for each through the kernel, its last axis fastest, as in
            PyTorch and JAX; TensorFlow's patches have the channels fastest.
Source      Chellapilla, Puri, Simard (2006), High Performance Convolutional Neural Networks for Document Processing;
            torch.nn.Unfold for the options
Raises      ValueError if x and the options do not fit, or x with its border is smaller than the kernel
"""

from typing import NamedTuple

from .. import Array
from ._convolution import Numbers, Tap, folded, places, taps, unfolded, window
from ._padding import Widths, padded, unpadded


class Saved(NamedTuple):
    at: list[Tap]
    shape: Numbers  # of x̂
    widths: Widths


def forward(
    x: Array,
    *,
    kernel_size: int | tuple[int, ...] = 2,
    stride: int | tuple[int, ...] = 1,
    padding: int | tuple[int, ...] = 0,
    dilation: int | tuple[int, ...] = 1,
) -> tuple[Array, Saved]:
    if not 3 <= x.ndim <= 5:
        raise ValueError(f"unfold: x {x.shape} needs one to three axes after its channels")
    K, s, d, widths = window("unfold", x.ndim - 2, kernel_size, stride, padding, dilation)
    wide = padded(x, widths, "zeros")  # (N, C, *S)  x̂
    L = places(wide.shape[2:], K, s, d)
    if min(L) < 1:
        raise ValueError(f"unfold: x {x.shape} with its border, {wide.shape}, is smaller than the kernel {K}")
    at = taps(L, K, s, d)
    return unfolded(wide, at), Saved(at, wide.shape, widths)


def backward(saved: Saved, dy: Array) -> Array:
    at, shape, widths = saved
    dwide = folded(dy, at, shape)  # (N, C, *S)
    return unpadded(dwide, widths, "zeros")
