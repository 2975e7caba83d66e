"""Cubic resizing: y_o is a sum of the four places of x around it, weighed by a cubic of their distance d.

Along each spatial axis, place o of y lies at place i + λ of x, i whole, 0 ≤ λ < 1:

    y_o = w(1 + λ) x_(i−1) + w(λ) x_i + w(1 − λ) x_(i+1) + w(2 − λ) x_(i+2)        dx has the same weights, transposed
    w(d) = (a + 2) d³ − (a + 3) d² + 1 where d ≤ 1,  a d³ − 5 a d² + 8 a d − 4 a where 1 ≤ d ≤ 2

Shapes      x (N, C, S, ...) with one, two or three spatial axes -> y (N, C, O, ...), O = size or ⌊S scale_factor⌋
Convention  One size or scale for all spatial axes, or one for each. i + λ = r (o + ½) − ½ with r = S / O, or
            1 / scale_factor; with align_corners, i + λ = r o with r = (S − 1) / (O − 1). There is no anti-aliasing.
            kernel = "opencv": a = −¾, and x repeats its first and last place, as PyTorch and OpenCV have it;
            "keys": a = −½, and weights beyond the ends of x are left out, the others made to sum to 1, as TensorFlow
            has it. JAX has both.
Source      Keys (1981), Cubic Convolution Interpolation for Digital Image Processing, equation 15 (a = −½)
Raises      ValueError if x has no spatial axis, or not just one of size and scale_factor is given and fits it
"""

from typing import Literal, NamedTuple

import numpy as np

from .. import Array
from ._pooling import Sizes, along_axes
from ._resizing import Axis, Scales, _check, axes, below, beyond, weights


class Saved(NamedTuple):
    matrices: list[Array]  # (S, O) for each spatial axis


def forward(
    x: Array,
    *,
    size: Sizes | None = None,
    scale_factor: Scales | None = None,
    align_corners: bool = False,
    kernel: Literal["opencv", "keys"] = "opencv",
) -> tuple[Array, Saved]:
    _check("upsample_bicubic", x, size, scale_factor)
    matrices = []
    for axis in axes(x.shape[2:], size, scale_factor, 1, align_corners=align_corners):
        t = beyond(axis, x)  # (O,)  λ
        matrices.append(_repeated(axis, t) if kernel == "opencv" else _left_out(axis, t))  # (S, O)
    return along_axes(x, matrices), Saved(matrices)


def backward(saved: Saved, dy: Array) -> Array:
    return along_axes(dy, [matrix.T for matrix in saved.matrices])


def _repeated(axis: Axis, t: Array) -> Array:
    """The matrix (S, O) with a = −¾, for an x that goes on as it ends."""
    return weights(axis, below(axis) - 1, _taps(t, -0.75))


def _left_out(axis: Axis, t: Array) -> Array:
    """The matrix (S, O) with a = −½, without what is beyond the ends of x."""
    first = below(axis) - 1  # (O,)
    taps = [
        np.where((first + reach >= 0) & (first + reach < axis.before), tap, 0)  # (O,)
        for reach, tap in enumerate(_taps(t, -0.5))
    ]
    return _summing_to_one(weights(axis, first, taps))


def _summing_to_one(matrix: Array) -> Array:
    sums: Array = matrix.sum(axis=0)  # (O,)
    return matrix / sums


def _taps(t: Array, a: float) -> list[Array]:
    """The weights (O,) of the four places around each that lies t (O,) beyond the second of them."""
    return [_outer(1 + t, a), _inner(t, a), _inner(1 - t, a), _outer(2 - t, a)]


def _inner(d: Array, a: float) -> Array:
    """w(d) of a distance up to 1."""
    return ((a + 2) * d - (a + 3)) * d * d + 1


def _outer(d: Array, a: float) -> Array:
    """w(d) of a distance from 1 to 2."""
    return ((a * d - 5 * a) * d + 8 * a) * d - 4 * a
