"""Mistakes in steps, sparse units, distances of rows, unpooling, and reading at points that move.

A gradient is of dy and the input, a value of the input alone; the rest of the pass stays right.
"""

# ruff: noqa: ARG005 - each part takes what the right one takes, and leaves out what it gets wrong

from types import ModuleType
from typing import Any

import numpy as np

from ...reference.activations import log1mexp, round, sign, sparse_plus, sparse_sigmoid
from ...reference.layers import affine_grid, grid_sample, max_unpool, pdist
from .planting import Fault, Part, wrong


def _name(of: ModuleType) -> str:
    return of.__name__.rpartition(".")[2]


def _gradient(of: ModuleType, id: str, says: str, gradient: Part) -> Fault:
    """gradient(dy, x)."""

    def forward(right: Part, x: Any, **options: Any) -> Any:
        return right(x, **options)[0], x

    def backward(right: Part, x: Any, dy: Any) -> Any:
        return gradient(dy, x).astype(x.dtype)

    return wrong(of, f"{_name(of)}-{id}", says, forward=forward, backward=backward)


def _value(of: ModuleType, id: str, says: str, value: Part) -> Fault:
    """value(*inputs, **options), beside the right gradient."""

    def forward(right: Part, *inputs: Any, **options: Any) -> Any:
        return value(*inputs, **options).astype(inputs[0].dtype), right(*inputs, **options)[1]

    return wrong(of, f"{_name(of)}-{id}", says, "loss", forward=forward)


def _option(of: ModuleType, id: str, says: str, name: str, change: Part, default: Any) -> Fault:
    """The right gradient of another option, beside the right value."""

    def forward(right: Part, *inputs: Any, **options: Any) -> Any:
        changed = options | {name: change(options.get(name, default))}
        return right(*inputs, **options)[0], right(*inputs, **changed)[1]

    return wrong(of, f"{_name(of)}-{id}", says, forward=forward)


def _changed(of: ModuleType, id: str, says: str, change: Part) -> Fault:
    """change(right, saved, dy) in place of the gradient."""
    return wrong(of, f"{_name(of)}-{id}", says, backward=change)


def _ones(of: ModuleType) -> Fault:
    return wrong(of, f"C05-{_name(of)}", "dy times the slope; the slope",
                 backward=lambda right, saved, dy: right(saved, np.ones_like(dy)))  # fmt: skip


# ---------------------------------------------------------------- steps and sparse units
def _cut(x: Any, *, to: str = "nearest") -> Any:
    return np.trunc(x) if to == "below" else {"nearest": np.rint, "above": np.ceil}[to](x)


UNITS = [
    _changed(round, "straight-through", "nothing comes back; dy", lambda right, saved, dy: dy),
    _changed(round, "nan", "nothing comes back; 0 times infinity", lambda right, saved, dy: dy * np.nan),
    _value(round, "half-up", "halves to the even one; up",
           lambda x, *, to="nearest": np.floor(x + 0.5) if to == "nearest" else _cut(x, to=to) if to == "above"
           else np.floor(x)),
    _value(round, "cut", "⌊x⌋; what stands before the point", _cut),
    _value(round, "always-nearest", "what is asked for; the nearest", lambda x, **o: np.rint(x)),
    _changed(sign, "straight-through", "nothing comes back; dy", lambda right, saved, dy: dy),
    _value(sign, "one-at-zero", "0 at 0; 1", lambda x, **o: np.where(x >= 0, 1, -1)),
    wrong(sign, "sign-other-nan", "NaN of NaN, or 0; the other of these", "loss",
          forward=lambda right, x, *, of_nan="nan": right(x, of_nan="zero" if of_nan == "nan" else "nan")),
    _ones(log1mexp),
    _gradient(log1mexp, "no-exponential", "1 / (e^x − 1); 1 / (1 − e^−x)", lambda dy, x: dy / -np.expm1(-x)),
    _gradient(log1mexp, "sign", "1 / (e^x − 1); minus that", lambda dy, x: -dy / np.expm1(x)),
    _gradient(log1mexp, "overflow", "1 / (e^x − 1); e^x − 1 as it is written", lambda dy, x: dy / (np.exp(x) - 1)),
    _value(log1mexp, "naive", "its digits; ln(1 − e^−x) as it is written", lambda x: np.log(1 - np.exp(-x))),
    _value(log1mexp, "one-form", "its digits; ln(1 + …) for all x", lambda x: np.log1p(-np.exp(-x))),
    _value(log1mexp, "log1pexp", "ln(1 − e^−x); ln(1 + e^−x)", lambda x: np.log1p(np.exp(-x))),
    _ones(sparse_plus),
    _gradient(sparse_plus, "not-halved", "(x + 1) / 2; x + 1", lambda dy, x: dy * np.clip(x + 1, 0, 2)),
    _gradient(sparse_plus, "no-cap", "1 above 1; (x + 1) / 2", lambda dy, x: dy * np.maximum(x + 1, 0) / 2),
    _gradient(sparse_plus, "relu", "(x + 1) / 2 between; 1 above 0", lambda dy, x: np.where(x > 0, dy, 0)),
    _value(sparse_plus, "value-of-relu", "round between −1 and 1; max(x, 0)", lambda x: np.maximum(x, 0)),
    _ones(sparse_sigmoid),
    _gradient(sparse_sigmoid, "no-mask", "0 outside; ½", lambda dy, x: dy / 2),
    _gradient(sparse_sigmoid, "not-halved", "½; 1", lambda dy, x: np.where(np.abs(x) < 1, dy, 0)),
    _option(sparse_sigmoid, "other-kinks", "the slope that is chosen; another", "at_kinks",
            lambda at: "inside" if at == "even" else "even", "even"),
    _value(sparse_sigmoid, "sixth", "(x + 1) / 2; (x + 3) / 6", lambda x, **o: np.clip((x + 3) / 6, 0, 1)),
]  # fmt: skip


# ---------------------------------------------------------------- arrays
def _first_row_alone(right: Part, saved: Any, dy: Any) -> Any:
    dx = np.zeros_like(dy, shape=saved.x)
    np.add.at(dx, saved.first, right_of(saved, dy)[0])
    return dx


def right_of(saved: Any, dy: Any) -> Any:
    """The parts of both rows of each pair."""
    return pdist.pairwise_distance.backward(saved.distance, dy)


def _same_sign(right: Part, saved: Any, dy: Any) -> Any:
    dx = np.zeros_like(dy, shape=saved.x)
    for rows in (saved.first, saved.second):
        np.add.at(dx, rows, right_of(saved, dy)[0])
    return dx


def _assigned(right: Part, saved: Any, dy: Any) -> Any:
    dx = np.zeros_like(dy, shape=saved.x)
    dx[saved.first], dx[saved.second] = right_of(saved, dy)
    return dx


ARRAYS = [
    _changed(max_unpool, "next-place", "dy at its place; at the next place",
             lambda right, saved, dy: (np.roll(dy.ravel(), -1)[saved.row] if dy.size else dy.ravel()[saved.row], None)),
    _changed(max_unpool, "first-plane", "of its own plane; of the first",
             lambda right, saved, dy: (
                 dy.ravel()[saved.row % int(np.prod(dy.shape[2:]))] if dy.size else dy.ravel()[saved.row], None)),
    wrong(max_unpool, "max_unpool-spread", "zeros elsewhere; the mean", "loss",
          forward=lambda right, x, index, **o: (lambda y, s: (
              np.where(y == 0, y.dtype.type(1e-3), y), s))(*right(x, index, **o))),
    _ones(pdist),
    _changed(pdist, "first-row-alone", "both rows of a pair; the first", _first_row_alone),
    _changed(pdist, "same-sign", "d to one row, −d to the other; d to both", _same_sign),
    _changed(pdist, "assigned", "the sum over all pairs of a row; the last", _assigned),
    wrong(pdist, "pdist-squared", "the distance; its square", "loss",
          forward=lambda right, x, **o: (lambda y, s: (y * y, s))(*right(x, **o))),
    wrong(pdist, "pdist-epsilon", "x_i − x_j; and 1e-6", "loss",
          forward=lambda right, x, *, p=2.0: (
              pdist.pairwise_distance.forward(*(x[i] for i in np.triu_indices(len(x), 1)), p=p)[0], right(x, p=p)[1])),
]  # fmt: skip


# ---------------------------------------------------------------- reading at moving points
def _exchanged_points(right: Part, saved: Any, dy: Any) -> Any:
    dx, dgrid = right(saved, dy)
    return dx, dgrid[..., ::-1].copy()


def _in_pixels(right: Part, x: Any, grid: Any, **options: Any) -> Any:
    """The slope by the pixel, and not by the grid."""
    y, saved = right(x, grid, **options)
    n = [1 if options.get("align_corners") else 0]
    sizes = [(x.shape[3] - n[0]) / 2, (x.shape[2] - n[0]) / 2]
    corners = [
        (place, j._replace(slope=j.slope / j.slope.dtype.type(sizes[1])),
         i._replace(slope=i.slope / i.slope.dtype.type(sizes[0])))
        for place, j, i in saved.corners
    ]  # fmt: skip
    return y, saved._replace(corners=corners)


def _no_weight(right: Part, saved: Any, dy: Any) -> Any:
    corners = [(p, j._replace(weight=np.ones_like(j.weight)), i) for p, j, i in saved.corners]
    return right(saved._replace(corners=corners), dy)


GRIDS = [
    _changed(affine_grid, "reversed", "x along the last axis; along the first",
             lambda right, saved, dy: np.concatenate([(d := right(saved, dy))[..., -2::-1], d[..., -1:]], axis=-1)),
    _changed(affine_grid, "no-shift", "the shift gets Σ dy; nothing",
             lambda right, saved, dy: right(saved, dy) * np.arange(dy.shape[-1], -1, -1).clip(0, 1).astype(dy.dtype)),
    _changed(affine_grid, "mean", "a sum over the places; their mean",
             lambda right, saved, dy: right(saved, dy) / int(np.prod(dy.shape[1:-1]))),
    wrong(affine_grid, "affine_grid-other-corners", "edges, or middles; the other of these", "loss",
          forward=lambda right, theta, *, size, align_corners=False: right(
              theta, size=size, align_corners=not align_corners)),
    _changed(grid_sample, "exchanged", "the slopes of x and y; of y and x", _exchanged_points),
    _changed(grid_sample, "image-constant", "the image has a gradient; none",
             lambda right, saved, dy: (0 * right(saved, dy)[0], right(saved, dy)[1])),
    _changed(grid_sample, "no-weight", "weights along both axes; along one", _no_weight),
    wrong(grid_sample, "grid_sample-in-pixels", "the slope by the grid; by the pixel", forward=_in_pixels),
    wrong(grid_sample, "grid_sample-other-corners", "edges, or middles; the other of these", "loss",
          forward=lambda right, x, grid, *, align_corners=False, **o: right(
              x, grid, align_corners=not align_corners, **o)),
    wrong(grid_sample, "grid_sample-always-border", "0 outside where it is asked for; never", "loss",
          forward=lambda right, x, grid, **o: right(x, grid, **(o | {"padding_mode": "border"}))),
    wrong(grid_sample, "grid_sample-rows-first", "a point is x, y; y, x", "loss",
          forward=lambda right, x, grid, **o: right(x, grid[..., ::-1], **o)),
]  # fmt: skip

FAULTS = [*UNITS, *ARRAYS, *GRIDS]
