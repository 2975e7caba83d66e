"""Pixel unshuffle: each square of r by r pixels becomes one pixel of r² channels. Pixel shuffle undoes it.

    y[n, c r² + r i + j, h, w] = x[n, c, r h + i, r w + j]        0 ≤ i, j < r = downscale_factor

No number changes, so that dx is dy with its pixels put back where they came from.

Shapes      x (N, C, H r, W r) -> y (N, C r², H, W)
Convention  Channels are counted as above in PyTorch. TensorFlow's space_to_depth and ONNX's SpaceToDepth have the C
            channels of one pixel together, y[n, (r i + j) C + c, h, w].
Source      Shi et al. (2016), Real-Time Single Image and Video Super-Resolution, equation 4
            (with the other order of channels); torch.nn.PixelUnshuffle
Raises      ValueError if x has not four axes, or its height or width is not a multiple of r
"""

from typing import NamedTuple

from .. import Array
from ._pixels import coarser, finer


class Saved(NamedTuple):
    downscale_factor: int


def forward(x: Array, *, downscale_factor: int = 2) -> tuple[Array, Saved]:
    _check(x, downscale_factor)
    return coarser(x, downscale_factor), Saved(downscale_factor)


def backward(saved: Saved, dy: Array) -> Array:
    return finer(dy, saved.downscale_factor)


def _check(x: Array, r: int) -> None:
    if r < 1 or x.ndim != 4 or x.shape[2] % r or x.shape[3] % r:
        raise ValueError(f"pixel_unshuffle: x {x.shape} must be (N, C, H r, W r), r = downscale_factor = {r}")
