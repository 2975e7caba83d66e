"""Nearest-neighbour resizing  y_o = x_i, i the place of x that place o of y lies in.

With r = S / O along each spatial axis, i = ⌊r o⌋, or i = ⌊r (o + ½)⌋ in mode "nearest-exact". Each x has the sum of its
copies, and one that is not copied nothing:

    dx_i = Σ dy_o over all o of which i is the place

Shapes      x (N, C, S, ...) with one, two or three spatial axes -> y (N, C, O, ...), O = size or ⌊S scale_factor⌋
Convention  One size or scale for all spatial axes, or one for each. r is 1 / scale_factor where that is given.
            "nearest" asks for the place of o's left edge, as PyTorch and OpenCV have it by that name; "nearest-exact"
            for that of its centre, as JAX, TensorFlow and Pillow have it. From 3 to 5: 0 0 1 1 2 and 0 0 1 2 2.
Source      torch.nn.Upsample; jax.image.resize
Raises      ValueError if x has no spatial axis, or not just one of size and scale_factor is given and fits it
"""

from typing import Literal, NamedTuple

from .. import Array
from ..constants import whole
from ._pooling import Sizes, along_axes
from ._resizing import Scales, _check, axes, below, weights


class Saved(NamedTuple):
    matrices: list[Array]  # (S, O) for each spatial axis


def forward(
    x: Array,
    *,
    size: Sizes | None = None,
    scale_factor: Scales | None = None,
    mode: Literal["nearest", "nearest-exact"] = "nearest",
) -> tuple[Array, Saved]:
    _check("upsample_nearest", x, size, scale_factor)
    halves = 1 if mode == "nearest-exact" else 0
    found = axes(x.shape[2:], size, scale_factor, halves)
    matrices = [weights(axis, below(axis, halves), [whole(1, x)]) for axis in found]  # (S, O) each
    return along_axes(x, matrices), Saved(matrices)


def backward(saved: Saved, dy: Array) -> Array:
    return along_axes(dy, [matrix.T for matrix in saved.matrices])
