"""Mistakes in convolutions and in their transposes. Each replaces a part of the right one, under its name there."""

from typing import Any

import numpy as np

from ...reference.layers import _convolution, conv, conv_transpose
from ...reference.layers._convolution import by_group, correlate, kernel_gradient, spread
from ...reference.layers._padding import padded, unpadded
from .planting import swap


def _flipped(W: Any) -> Any:
    return np.flip(W, tuple(range(2, W.ndim)))


def _channels_exchanged(W: Any) -> Any:
    return W.swapaxes(0, 1) if W.shape[0] == W.shape[1] else W


def _axes_exchanged(W: Any) -> Any:
    return W.swapaxes(-1, -2) if W.ndim > 3 and W.shape[-1] == W.shape[-2] else W


def _spread_with(change: Any) -> Any:
    return lambda d, W, at, shape: spread(d, change(W), at, shape)


def _first_plane(d: Any, W: Any, at: Any, shape: Any) -> Any:
    """The taps of the kernel's first plane for all of its planes."""
    same = at if len(shape) < 5 else [(tap[0], at[0][1], *tap[2:]) for tap in at]
    return spread(d, W, same, shape)


def _rest_in_front(d: Any, W: Any, at: Any, shape: Any) -> Any:
    """A transposed convolution as long as its places, and what is lacking put before them."""
    used = [max(tap[axis].stop - tap[axis].step + 1 for tap in at) for axis in range(1, len(shape) - 1)]
    short = spread(d, W, at, (*shape[:2], *used))
    return np.pad(short, [(0, 0), (0, 0), *((n - m, 0) for n, m in zip(shape[2:], used, strict=True))])


def _no_stride(d: Any, W: Any, at: Any, shape: Any) -> Any:
    """Every place next to the one before."""
    near = [tuple(slice(s.start, s.start + len(range(s.start, s.stop, s.step))) if s is not ... else s for s in tap)
            for tap in at]  # fmt: skip
    return spread(d, W, near, shape)


def _undilated(places: Any, kernel: Any, stride: Any, dilation: Any) -> Any:
    return _convolution.taps(places, kernel, stride, (1,) * len(dilation))


def _dealt(x: Any, groups: int) -> Any:
    """Channels dealt to the groups in turn."""
    N, C, *L = x.shape
    return by_group(x.reshape(N, C // groups, groups, *L).swapaxes(1, 2).reshape(N, C, *L), groups)


def _next_group(d: Any, W: Any, at: Any, shape: Any) -> Any:
    groups = d.shape[1]
    return spread(d, np.roll(W, W.shape[0] // groups, axis=0) if groups > 1 else W, at, shape)


def _next_channel(d: Any, rows: Any, shape: Any) -> Any:
    """The gradient of each channel's kernel from the channel before it."""
    return kernel_gradient(d, np.roll(rows, rows.shape[2] // shape[1], axis=2), shape)


def _first_image(d: Any, rows: Any, shape: Any) -> Any:
    return kernel_gradient(d[:1], rows[:1], shape)


def _gradients_with(change: Any) -> Any:
    """The parameters' gradients, with another one of the bias."""

    def backward_parameters(saved: Any, dy: Any) -> Any:
        dW = kernel_gradient(by_group(dy, saved.rows.shape[1]), saved.rows, saved.W.shape)
        return conv.Params(dW, change(dy) if saved.has_b else None)

    return backward_parameters


def _transposed_gradients_with(change: Any) -> Any:

    def backward(saved: Any, dy: Any) -> Any:
        dx, dp = right_transpose_backward(saved, dy)
        return dx, conv_transpose.Params(dp.W, change(dy) if saved.has_b else None)

    return backward


def _never_turned_back(saved: Any, dy: Any) -> Any:
    dx, dp = right_transpose_backward(saved, dy)
    return dx, conv_transpose.Params(_flipped(dp.W) if saved.kernel == "plain" else dp.W, dp.b)


def _over_all(dy: Any) -> Any:
    return np.full(dy.shape[1:2], dy.sum(), dy.dtype)


def _over_images(dy: Any) -> Any:
    return dy.sum(axis=0).reshape(dy.shape[1], -1)[:, :1].sum(axis=1)


def _over_positions_mean(dy: Any) -> Any:
    return dy.sum(axis=(0, *range(2, dy.ndim))) / max(dy[0, 0].size if dy.size else 1, 1)


def _turned_widths(right: Any) -> Any:
    return lambda *arguments: tuple((after, before) for before, after in right(*arguments))


def _half_the_kernel(padding: Any, sizes: Any, span: Any, stride: Any) -> Any:
    """As for a stride of one."""
    return conv_widths(padding, sizes, span, (1,) * len(sizes))


def _border_dropped(dwide: Any, widths: Any, mode: str) -> Any:
    return unpadded(dwide, widths, "zeros")


def _border_to_the_edge(dwide: Any, widths: Any, mode: str) -> Any:
    return unpadded(dwide, widths, "replicate" if mode == "reflect" else mode)


def _in_front_alone(x: Any, widths: Any, mode: str) -> Any:
    return padded(x, tuple((2 * before, 0) for before, _ in widths), mode)


def _correlated_with(change: Any) -> Any:
    return lambda wide, W, at, groups: correlate(wide, change(W), at, groups)


conv_widths = conv._widths
right_transpose_backward = conv_transpose.backward
FAULTS = [
    swap(conv, "E26-conv-dx-flipped", "dx weighs dy by W as it stands; by W flipped", spread=_spread_with(_flipped)),
    swap(conv, "E26-conv-flipped", "y meets W as it stands; flipped, as in textbooks", "loss",
         correlate=_correlated_with(_flipped)),
    swap(conv, "E26-conv-dW-flipped", "dW as it stands; flipped",
         kernel_gradient=lambda d, rows, shape: _flipped(kernel_gradient(d, rows, shape))),
    swap(conv, "conv-dx-channels-exchanged", "W (O, C, …); W (C, O, …), where the shape does not tell",
         spread=_spread_with(_channels_exchanged)),
    swap(conv, "conv-axes-exchanged", "a kernel's rows and columns; its columns and rows, where it is square", "loss",
         correlate=_correlated_with(_axes_exchanged)),
    swap(conv, "conv-dx-axes-exchanged", "a kernel's rows and columns; its columns and rows, where it is square",
         spread=_spread_with(_axes_exchanged)),
    swap(conv, "C23-first-plane", "each plane of the kernel has its own of x; all have the first's",
         spread=_first_plane),
    swap(conv, "C23-next-channel", "dW_oc is made of x's channel c; of the one before",
         kernel_gradient=_next_channel),
    swap(conv, "C24-rest-in-front", "what no place reaches gets 0, at the end; at the beginning",
         spread=_rest_in_front),
    swap(conv, "C24-stride-forgotten", "dx spreads dy by the stride; side by side", spread=_no_stride),
    swap(conv, "C24-groups-dealt", "a group is a block of channels; every G-th", by_group=_dealt),
    swap(conv, "C24-next-group", "dx of a group comes from its own kernels; the next group's", spread=_next_group),
    swap(conv, "conv-dilation-forgotten", "a kernel's numbers lie d apart; side by side", "loss", taps=_undilated),
    swap(conv, "conv-first-image-only", "dW sums over all images; the first", kernel_gradient=_first_image),
    swap(conv, "conv-db-over-all", "db sums each channel; everything", backward_parameters=_gradients_with(_over_all)),
    swap(conv, "conv-db-first-position", "db sums all positions; the first",
         backward_parameters=_gradients_with(_over_images)),
    swap(conv, "conv-db-mean", "db sums over positions; their mean",
         backward_parameters=_gradients_with(_over_positions_mean)),
    swap(conv, "conv-same-in-front", "the last of an odd border stands behind; in front", "loss",
         _widths=_turned_widths(conv_widths)),
    swap(conv, "conv-same-half-the-kernel", "the border makes the last place fit; it is half the kernel", "loss",
         _widths=_half_the_kernel),
    swap(conv, "conv-border-dropped", "a border of copies adds its gradient; it is dropped", unpadded=_border_dropped),
    swap(conv, "conv-border-to-the-edge", "a reflected number gets its gradient; the edge gets it",
         unpadded=_border_to_the_edge),
    swap(conv, "conv-border-in-front", "half of the border stands behind; all of it in front", "loss",
         padded=_in_front_alone),
    swap(conv_transpose, "E26-transpose-flipped", "the kernel as `conv` would have it; turned round", "loss",
         spread=_spread_with(_flipped)),
    swap(conv_transpose, "E26-transpose-dx-flipped", "dx meets W as it stands; flipped",
         correlate=_correlated_with(_flipped)),
    swap(conv_transpose, "conv-transpose-channels-exchanged", "W (C, O, …); W (O, C, …)", "loss",
         spread=_spread_with(_channels_exchanged)),
    swap(conv_transpose, "conv-transpose-plain-dW", "dW of a plain kernel is turned back; it is not",
         backward=_never_turned_back),
    swap(conv_transpose, "C24-transpose-groups-dealt", "a group is a block of channels; every G-th", "loss",
         by_group=_dealt),
    swap(conv_transpose, "C24-transpose-rest-in-front", "output_padding lengthens y behind; in front", "loss",
         spread=_rest_in_front),
    swap(conv_transpose, "conv-transpose-db-over-all", "db sums each channel; everything",
         backward=_transposed_gradients_with(_over_all)),
    swap(conv_transpose, "conv-transpose-db-first-position", "db sums all positions; the first",
         backward=_transposed_gradients_with(_over_images)),
    swap(conv_transpose, "conv-transpose-first-image-only", "dW sums over all images; the first",
         kernel_gradient=_first_image),
]  # fmt: skip
