"""An image read at points of its own: y is what lies at grid = (g_x, g_y), from −1 to 1 across the image.

The point lies at u = ((g_x + 1) W − 1) / 2 along a row, and at v likewise along a column. With f = u − ⌊u⌋, the pixels
on both sides of it have the weights 1 − f and f, with slopes −1 and 1; four corners have the products:

    y = Σ w_i(u) w_j(v) x[j, i]      dx[j, i] = Σ w_i w_j dy over the points that it is a corner of
    dg_x = u' Σ w_i'(u) w_j(v) Σ_c x[c, j, i] dy[c]      u' = W / 2, and dg_y likewise

Shapes      x (N, C, H, W), grid (N, P, Q, 2) -> y (N, C, P, Q)
Convention  mode = "bilinear": as above; "nearest": the nearest pixel, of two the even one, and nothing for the grid.
            padding_mode = "zeros": outside there is 0; "border": the point is moved to the border, and its slope across
            is 0 there, and at the middle of the outermost pixel. At the middle of any other pixel, the slope is that to
            the next one. align_corners = true: −1 and 1 are the middles of the outermost pixels,
            u = (g_x + 1) (W − 1) / 2.
Source      Jaderberg et al. (2015), Spatial Transformer Networks, equations 5 to 7; torch.nn.functional.grid_sample
Raises      ValueError if grid has not one point (x, y) for each place of each image
"""

from typing import Literal, NamedTuple

import numpy as np

from .. import Array


class Near(NamedTuple):
    """One of the two pixels beside each point, along one axis."""

    place: Array  # (N, P Q)  integers; outside, it is beyond the axis
    weight: Array  # (N, P Q)
    slope: Array  # (N, P Q)  by the grid


class Saved(NamedTuple):
    flat: Array  # (N, C, H W + 1)  each plane, and a 0 behind it
    corners: list[tuple[Array, Near, Near]]  # the place in the plane (N, P Q), and where it came from
    x: tuple[int, ...]  # its shape
    grid: tuple[int, ...]  # its shape


def forward(
    x: Array,
    grid: Array,
    *,
    mode: Literal["bilinear", "nearest"] = "bilinear",
    padding_mode: Literal["zeros", "border"] = "zeros",
    align_corners: bool = False,
) -> tuple[Array, Saved]:
    _check(x, grid)
    N, C, H, W = x.shape
    points = grid.reshape(N, grid.shape[1] * grid.shape[2], 2)  # (N, P Q, 2)
    across = _near(points[..., 0], W, mode, padding_mode, align_corners)
    down = _near(points[..., 1], H, mode, padding_mode, align_corners)
    flat = np.concatenate([x.reshape(N, C, H * W), np.zeros_like(x, shape=(N, C, 1))], axis=2)  # (N, C, H W + 1)
    corners, y = [], np.zeros_like(x, shape=(N, C, points.shape[1]))  # (N, C, P Q)
    for j in down:
        for i in across:
            inside = (j.place >= 0) & (j.place < H) & (i.place >= 0) & (i.place < W)  # (N, P Q)
            place = np.where(inside, j.place * W + i.place, H * W)
            y = y + flat[_of(place, C)] * (j.weight * i.weight)[:, None]
            corners.append((place, j, i))
    return y.reshape(N, C, *grid.shape[1:3]), Saved(flat, corners, x.shape, grid.shape)


def backward(saved: Saved, dy: Array) -> tuple[Array, Array]:
    flat, corners, x, grid = saved
    dy = dy.reshape(*x[:2], grid[1] * grid[2])  # (N, C, P Q)
    dflat = np.zeros_like(flat)  # (N, C, H W + 1)
    dpoints = np.zeros_like(dy, shape=(grid[0], grid[1] * grid[2], 2))  # (N, P Q, 2)
    for place, j, i in corners:
        at = _of(place, x[1])
        np.add.at(dflat, at, dy * (j.weight * i.weight)[:, None])
        dweight = (flat[at] * dy).sum(axis=1)  # (N, P Q)
        dpoints[..., 0] += dweight * j.weight * i.slope
        dpoints[..., 1] += dweight * j.slope * i.weight
    return dflat[..., :-1].reshape(x), dpoints.reshape(grid)


def _near(g: Array, n: int, mode: str, padding_mode: str, align_corners: bool) -> list[Near]:
    """The pixels beside each point, along an axis of n."""
    u = (g + 1) * (n - 1) / 2 if align_corners else ((g + 1) * n - 1) / 2  # (N, P Q)
    slope = np.full_like(u, (n - 1 if align_corners else n) / 2)  # (N, P Q)
    if padding_mode == "border":
        slope = np.where((u > 0) & (u < n - 1), slope, 0)
        u = np.minimum(np.maximum(u, 0), n - 1)
    if mode == "nearest":
        return [Near(_integers(np.rint(u)), np.ones_like(u), np.zeros_like(u))]
    low = np.floor(u)
    place, f = _integers(low), u - low
    return [Near(place, 1 - f, -slope), Near(place + 1, f, slope)]


def _integers(whole: Array) -> Array:
    """Whole numbers of any arithmetic, as an index has them."""
    return np.asarray(whole, dtype=float).astype(int)


def _of(place: Array, C: int) -> tuple[Array, Array, Array]:
    """The index of a place (N, P Q) in each of C planes."""
    return np.arange(len(place))[:, None, None], np.arange(C)[:, None], place[:, None]


def _check(x: Array, grid: Array) -> None:
    if x.ndim != 4 or grid.ndim != 4 or len(grid) != len(x) or grid.shape[-1] != 2:
        raise ValueError(f"grid_sample: x {x.shape} must be (N, C, H, W), and grid {grid.shape} (N, P, Q, 2)")
