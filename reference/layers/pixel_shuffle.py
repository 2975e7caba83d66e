"""Pixel shuffle: r² channels become r by r pixels of one.

    y[n, c, r h + i, r w + j] = x[n, c r² + r i + j, h, w]        0 ≤ i, j < r = upscale_factor

No number changes, so that dx is dy with its pixels put back where they came from.

Shapes      x (N, C r², H, W) -> y (N, C, H r, W r)
Convention  Channels are counted as above in PyTorch and in ONNX's DepthToSpace of mode CRD. TensorFlow's depth_to_space
            has the C channels of one pixel together, x[n, (r i + j) C + c, h, w].
Source      Shi et al. (2016), Real-Time Single Image and Video Super-Resolution, equation 4
            (with the other order of channels); torch.nn.PixelShuffle
Raises      ValueError if x has not four axes, or its channels are not a multiple of r²
"""

from typing import NamedTuple

from .. import Array
from ._pixels import coarser, finer


class Saved(NamedTuple):
    upscale_factor: int


def forward(x: Array, *, upscale_factor: int = 2) -> tuple[Array, Saved]:
    _check(x, upscale_factor)
    return finer(x, upscale_factor), Saved(upscale_factor)


def backward(saved: Saved, dy: Array) -> Array:
    return coarser(dy, saved.upscale_factor)


def _check(x: Array, r: int) -> None:
    if r < 1 or x.ndim != 4 or x.shape[1] % (r * r):
        raise ValueError(f"pixel_shuffle: x {x.shape} must be (N, C r², H, W), r = upscale_factor = {r}")
