"""The points (x, y) or (x, y, z) at which an image is to be sampled, moved by an affine map.

With r_a the place along axis a of the result, counted from −1 to 1:

    y[n, …, i] = Σ_a theta[n, i, a] r_a + theta[n, i, d]
    dtheta[n, i, a] = Σ dy[n, …, i] r_a      dtheta[n, i, d] = Σ dy[n, …, i]            summed over all places

Shapes      theta (N, d, d + 1) -> y (N, *size, d), d = 2 or 3 spatial axes; r_0 runs along the last of them, and is x
Convention  align_corners = false: −1 and 1 are the edges of the image, r = (2 o + 1 − n) / n; true: the middles of its
            first and last pixels, r = (2 o + 1 − n) / (n − 1).
Source      Jaderberg et al. (2015), Spatial Transformer Networks, equation 1; torch.nn.functional.affine_grid
Raises      ValueError if theta is not (N, d, d + 1)
"""

from typing import NamedTuple

import numpy as np

from .. import Array
from ..constants import whole


class Saved(NamedTuple):
    places: list[Array]  # r_a, along the axis that it is of


def forward(theta: Array, *, size: tuple[int, ...], align_corners: bool = False) -> tuple[Array, Saved]:
    _check(theta, size)
    d = len(size)
    places: list[Array] = []
    for n in reversed(size):
        r = (2 * np.arange(n) + 1 - n).astype(theta.dtype) / whole(n - 1 or 1 if align_corners else n, theta)  # (n,)
        places.append(r.reshape(n, *(1,) * (len(places) + 1)))
    rows = theta.reshape(-1, *(1,) * d, d, d + 1)  # (N, 1, ..., d, d + 1)
    y = rows[..., d]
    for a, r in enumerate(places):
        y = y + rows[..., a] * r  # (N, ..., d)
    return y, Saved(places)


def backward(saved: Saved, dy: Array) -> Array:
    spatial = tuple(range(1, dy.ndim - 1))
    return np.stack([*((dy * r).sum(axis=spatial) for r in saved.places), dy.sum(axis=spatial)], axis=-1)


def _check(theta: Array, size: tuple[int, ...]) -> None:
    d = len(size)
    if d not in (2, 3) or theta.ndim != 3 or theta.shape[1:] != (d, d + 1):
        raise ValueError(f"affine_grid: theta {theta.shape} must be (N, d, d + 1), size {size} with d = 2 or 3 lengths")
