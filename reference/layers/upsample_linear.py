"""Linear resizing: y_o is on the straight line between the two places of x that it lies between.

Along each spatial axis, place o of y lies at place i + λ of x, i whole, 0 ≤ λ < 1; x repeats its first and last place:

    y_o = (1 − λ) x_i + λ x_(i+1)          dx_i = Σ (1 − λ_o) dy_o over the o between i and i + 1
                                                + Σ λ_o dy_o over the o between i − 1 and i

With two axes it is bilinear, with three trilinear, resizing. There is no anti-aliasing: a smaller y leaves places out.

Shapes      x (N, C, S, ...) with one, two or three spatial axes -> y (N, C, O, ...), O = size or ⌊S scale_factor⌋
Convention  One size or scale for all spatial axes, or one for each. i + λ = r (o + ½) − ½ with r = S / O, or
            1 / scale_factor; with align_corners, i + λ = r o with r = (S − 1) / (O − 1). PyTorch anti-aliases a
            smaller y where it is asked to, JAX where it is not asked not to.
Source      torch.nn.Upsample; jax.image.resize
Raises      ValueError if x has no spatial axis, or not just one of size and scale_factor is given and fits it
"""

from typing import NamedTuple

from .. import Array
from ._pooling import Sizes, along_axes
from ._resizing import Scales, _check, axes, below, beyond, weights


class Saved(NamedTuple):
    matrices: list[Array]  # (S, O) for each spatial axis


def forward(
    x: Array,
    *,
    size: Sizes | None = None,
    scale_factor: Scales | None = None,
    align_corners: bool = False,
) -> tuple[Array, Saved]:
    _check("upsample_linear", x, size, scale_factor)
    matrices = []
    for axis in axes(x.shape[2:], size, scale_factor, 1, align_corners=align_corners):
        t = beyond(axis, x)  # (O,)  λ
        matrices.append(weights(axis, below(axis), [1 - t, t]))  # (S, O)
    return along_axes(x, matrices), Saved(matrices)


def backward(saved: Saved, dy: Array) -> Array:
    return along_axes(dy, [matrix.T for matrix in saved.matrices])
