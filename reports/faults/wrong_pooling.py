"""Mistakes in poolings and in resizing. Each is a backward, or a forward, of its own."""

from typing import Any

import numpy as np

from ...reference.layers import (
    _pooling,
    adaptive_avg_pool,
    avg_pool,
    lp_pool,
    max_pool,
    pixel_shuffle,
    upsample_bicubic,
    upsample_linear,
    upsample_nearest,
)
from .planting import swap


def _transposed(sums: Any) -> Any:
    return [axis.T for axis in sums]


def _whole_window(saved: Any, dy: Any) -> Any:
    return _pooling.along_axes(dy / int(np.max(saved.divisor)), _transposed(saved.sums))


def _even_windows(saved: Any, dy: Any) -> Any:
    """The gradient spread over windows of one length, ⌊S / O⌋, that touch."""
    lengths = [axis.shape for axis in saved.sums]
    sums = [np.equal.outer(np.arange(S) // (S // n), np.arange(n)).astype(dy.dtype) for S, n in lengths]
    divisor = _pooling.grid([axis.sum(axis=0) for axis in sums])
    return _pooling.along_axes(dy / divisor, _transposed(sums))


def _assigned(saved: Any, dy: Any) -> Any:
    shape, into, *_ = saved
    planes, size = shape[0] * shape[1], int(np.prod(shape[2:]))
    dx = np.zeros_like(dy, shape=planes * (size + 1))
    dx[into] = dy.ravel() if saved.window is None else dy.ravel()[saved.window]
    return dx.reshape(planes, size + 1)[:, :size].reshape(shape)


def _to_each(saved: Any, dy: Any) -> Any:
    share = None if saved.share is None else np.ones_like(saved.share)
    return _pooling.spread(saved._replace(share=share), dy)


def _zero_padded(x: Any, **options: Any) -> Any:
    y, saved = max_pool_forward(x, **options)
    return (np.maximum(y, 0) if options.get("padding") else y), saved


max_pool_forward, shuffle_forward = max_pool.forward, pixel_shuffle.forward
bicubic_forward, nearest_forward, linear_forward = (
    m.forward for m in (upsample_bicubic, upsample_nearest, upsample_linear)
)


def _channels_together(x: Any, **options: Any) -> Any:
    r = options.get("upscale_factor", 2)
    N, channels, H, W = x.shape
    y = x.reshape(N, r * r, channels // (r * r), H, W).swapaxes(1, 2).reshape(x.shape)
    return shuffle_forward(y, **options)


def _mean_of_copies(saved: Any, dy: Any) -> Any:
    means = [matrix.T / np.maximum(matrix.sum(axis=1), 1) for matrix in saved.matrices]
    return _pooling.along_axes(dy, means)


def _other_corners(x: Any, **options: Any) -> Any:
    return linear_forward(x, **options | {"align_corners": not options.get("align_corners", False)})


def _other_kernel(x: Any, **options: Any) -> Any:
    other = "keys" if options.get("kernel", "opencv") == "opencv" else "opencv"
    return bicubic_forward(x, **options | {"kernel": other})


def _ratio_of_lengths(x: Any, **options: Any) -> Any:
    scales = options.pop("scale_factor", None)
    if scales is not None:
        each = scales if isinstance(scales, tuple) else (scales,) * (x.ndim - 2)
        options["size"] = tuple(int(S * scale) for S, scale in zip(x.shape[2:], each, strict=True))
    return nearest_forward(x, **options)


def _power(saved: Any, dy: Any) -> Any:
    return right_lp(saved, dy) * saved.x


right_lp = lp_pool.backward

FAULTS = [
    swap(avg_pool, "C21-whole-window", "a clipped window is divided by its places; by those of a whole one",
         backward=_whole_window),
    swap(adaptive_avg_pool, "C22-even-windows", "the forward's windows; windows of one length",
         backward=_even_windows),
    swap(max_pool, "max-pool-assigned", "windows that overlap add up; the last overwrites", backward=_assigned),
    swap(max_pool, "max-pool-to-each", "equals share dy, where they share; each has all of it", backward=_to_each),
    swap(max_pool, "max-pool-zero-padding", "padding is never the largest; it is 0", column="loss",
         forward=_zero_padded),
    swap(lp_pool, "lp-pool-power", "x to the power of p − 1; of p", backward=_power),
    swap(pixel_shuffle, "pixel-shuffle-channels", "a channel's r² pixels follow each other; those of a pixel do",
         forward=_channels_together, column="loss"),
    swap(upsample_nearest, "nearest-mean", "the sum over the copies; their mean", backward=_mean_of_copies),
    swap(upsample_nearest, "nearest-ratio", "the scale that is given; that of the lengths", forward=_ratio_of_lengths,
         column="loss"),
    swap(upsample_linear, "linear-corners", "edges aligned or corners; the other", column="loss",
         forward=_other_corners),
    swap(upsample_bicubic, "bicubic-kernel", "a = −¾ or −½; the other", forward=_other_kernel, column="loss"),
]  # fmt: skip
