"""Mistakes in what moves numbers about, or joins two arrays number by number.

Most are of two kinds: what was repeated on the way forward is not summed on the way back, or what was moved is not
moved back to where it stood.
"""

# ruff: noqa: ARG005 - each part takes what the right one takes, and leaves out what it gets wrong

import math
from types import ModuleType
from typing import Any

import numpy as np
from scipy.special import expit

from ...reference.layers import (
    _convolution,
    _padding,
    _places,
    adaptive_avg_pool,
    adaptive_max_pool,
    add,
    atan2,
    avg_pool,
    bilinear,
    broadcast_to,
    channel_shuffle,
    clip,
    concatenate,
    cummax,
    cummin,
    diagonal,
    divide,
    embedding,
    expand_dims,
    flatten,
    flip,
    fold,
    gather,
    hypot,
    logaddexp,
    lp_pool,
    matmul,
    maximum,
    median,
    minimum,
    multiply,
    one_hot,
    pad,
    pixel_shuffle,
    pixel_unshuffle,
    power,
    repeat,
    reshape,
    roll,
    scatter_add,
    slice,
    sort,
    squeeze,
    stack,
    standardize,
    subtract,
    take,
    tile,
    topk,
    transpose,
    tril,
    triu,
    unfold,
    upsample_bicubic,
    upsample_linear,
    upsample_nearest,
    where,
    xlogy,
)
from ...reference.layers._broadcast import reduced
from . import wrong_pooling
from .planting import Fault, Part, planted, swap, wrong


def _name(of: ModuleType) -> str:
    return of.__name__.rpartition(".")[2]


def _value(of: ModuleType, id: str, says: str, value: Part) -> Fault:
    """value(*arrays, **options) beside the right gradient."""
    return wrong(of, id, says, "loss", forward=lambda right, *a, **o: (value(*a, **o), right(*a, **o)[1]))


def _gradient(of: ModuleType, id: str, says: str, gradient: Part) -> Fault:
    """gradient(dy, *arrays, **options) of the first array; any others keep the right one."""

    def forward(right: Part, *arrays: Any, **options: Any) -> Any:
        y, saved = right(*arrays, **options)
        return y, (saved, arrays, options)

    def backward(right: Part, known: Any, dy: Any) -> Any:
        saved, arrays, options = known
        dx = gradient(dy, *arrays, **options).astype(dy.dtype)
        return dx if len(arrays) == 1 else (dx, *right(saved, dy)[1:])

    return wrong(of, id, says, forward=forward, backward=backward)


def _other(of: ModuleType, id: str, says: str, column: Any = "loss", **options: Any) -> Fault:
    """These options, whatever was asked."""
    return wrong(of, id, says, column, forward=lambda right, *a, **o: right(*a, **(o | options)))


# ---------------------------------------------------------------- two arrays, broadcast
def _mean_of_copies(dy: Any, shape: Any) -> Any:
    return dy if dy.shape == shape else reduced(dy, shape) / (dy.size // math.prod(shape))


def _first_copy(dy: Any, shape: Any) -> Any:
    dy = dy[(0,) * (dy.ndim - len(shape))]
    return dy[tuple(np.s_[:n] for n in shape)]


def _front_alone(dy: Any, shape: Any) -> Any:
    """The axes in front are summed; of one that was of length one, the first is taken."""
    dy = dy.sum(axis=tuple(range(dy.ndim - len(shape))))
    return dy[tuple(np.s_[:n] for n in shape)]


def _everything(dy: Any, shape: Any) -> Any:
    """Once anything was repeated, the sum of all, as for a single number."""
    return dy if dy.shape == shape else np.full_like(dy, dy.sum(), shape=shape)


def _left_alone(of: ModuleType) -> Part:
    """A backward that sums as it should for the right one of two arrays, and takes a mean for the left one."""

    def backward(right: Part, s: Any, dy: Any) -> Any:
        with planted({(of, "reduced"): _mean_of_copies}):
            *before, left, _ = right(s, dy)
        return *before, left, right(s, dy)[-1]

    return backward


def _repeated(of: ModuleType, id: str = "") -> list[Fault]:
    """What happens to every array that was repeated, and to the left one of two."""
    id = id or _name(of)
    left = wrong(of, f"{id}-left-repeated", "the sum over copies, for both; for the left one, their mean",
                 backward=_left_alone(of))  # fmt: skip
    return [*_copied(of, id), left]


def _copied(of: ModuleType, id: str) -> list[Fault]:
    return [
        swap(of, f"{id}-repeated-mean", "the sum over copies; their mean", reduced=_mean_of_copies),
        swap(of, f"{id}-repeated-first", "the sum over copies; the first", reduced=_first_copy),
        swap(of, f"{id}-repeated-in-front", "every axis that was repeated is summed; those in front",
             reduced=_front_alone),
        swap(of, f"{id}-repeated-everything", "the axes that were repeated are summed; everything",
             reduced=_everything),
    ]  # fmt: skip


def _two(of: ModuleType, id: str, says: str, *, dx: Part | None = None, dz: Part | None = None) -> Fault:
    """dx(dy, x, z, y) and dz, for each number of y; they are summed as they should be."""

    def forward(right: Part, x: Any, z: Any, **options: Any) -> Any:
        y, saved = right(x, z, **options)
        return y, (saved, x, z, y)

    def backward(right: Part, known: Any, dy: Any) -> Any:
        saved, x, z, y = known
        both = zip((dx, dz), (x, z), right(saved, dy), strict=True)
        return tuple(d if part is None else reduced(np.where(True, part(dy, x, z, y), dy), v.shape).astype(dy.dtype)
                     for part, v, d in both)  # fmt: skip

    return wrong(of, id, says, forward=forward, backward=backward)


def _none(of: ModuleType, id: str, says: str) -> Fault:
    """The second array is cut off."""
    return wrong(of, id, says, backward=lambda right, s, dy: (lambda dx, dz: (dx, 0 * dz))(*right(s, dy)))


SUMS = [
    *_repeated(add),
    _two(add, "add-doubled", "dy each; twice, for two summands", dx=lambda dy, x, z, y: 2 * dy,
         dz=lambda dy, x, z, y: 2 * dy),
    _two(add, "add-shared", "dy each; half of it", dx=lambda dy, x, z, y: dy / 2, dz=lambda dy, x, z, y: dy / 2),
    _two(add, "add-of-product", "dy each; times the other", dx=lambda dy, x, z, y: dy * z,
         dz=lambda dy, x, z, y: dy * x),
    _none(add, "add-first-alone", "both summands have a gradient; the first"),
    _value(add, "add-mean", "the sum; the mean", lambda x, z: (x + z) / 2),
    *_repeated(subtract),
    _two(subtract, "subtract-sign", "−dy; dy", dz=lambda dy, x, z, y: dy),
    _two(subtract, "subtract-exchanged", "dy and −dy; −dy and dy", dx=lambda dy, x, z, y: -dy,
         dz=lambda dy, x, z, y: dy),
    _none(subtract, "subtract-first-alone", "both have a gradient; the first"),
    _value(subtract, "subtract-absolute", "x − z; |x − z|", lambda x, z: np.abs(x - z)),
]  # fmt: skip

FACTORS = [
    *_repeated(multiply),
    _two(multiply, "multiply-own", "the other factor; one's own", dx=lambda dy, x, z, y: dy * x,
         dz=lambda dy, x, z, y: dy * z),
    _two(multiply, "multiply-one-own", "the other factor; x for both", dx=lambda dy, x, z, y: dy * x),
    _two(multiply, "multiply-product", "the other factor; the product", dx=lambda dy, x, z, y: dy * y,
         dz=lambda dy, x, z, y: dy * y),
    _two(multiply, "E36-multiply-no-factor", "dy times the other, such as a forget gate; dy",
         dx=lambda dy, x, z, y: dy),
    _two(multiply, "E36-multiply-not-carried", "both factors have a gradient; the second",
         dx=lambda dy, x, z, y: 0 * dy),
    _none(multiply, "multiply-first-alone", "both factors have a gradient; the first"),
    *_repeated(divide),
    _two(divide, "divide-sign", "−y / z; y / z", dz=lambda dy, x, z, y: y * dy / z),
    _two(divide, "divide-once", "−x / z²; −x / z", dz=lambda dy, x, z, y: -x * dy / z),
    _two(divide, "divide-thrice", "−x / z²; −y / z²", dz=lambda dy, x, z, y: -y * dy / z / z),
    _two(divide, "divide-no-dividend", "−x / z²; −1 / z²", dz=lambda dy, x, z, y: -dy / z / z),
    _two(divide, "divide-times", "dy / z; dy z", dx=lambda dy, x, z, y: dy * z),
    _two(divide, "divide-guarded", "dy / z; over z + 1e-8", dx=lambda dy, x, z, y: dy / (z + 1e-8)),
    _value(divide, "divide-zero", "x / 0 is infinite; 0", lambda x, z: np.where(z == 0, 0, x / z)),
]  # fmt: skip


def _x_slope(x: Any, z: Any) -> Any:
    return z * np.power(x, z - 1)


POWERS = [
    *_repeated(power),
    _two(power, "C10-power-one-path", "z x^(z−1); x^(z−1), for one of z factors",
         dx=lambda dy, x, z, y: dy * np.power(x, z - 1)),
    _two(power, "C10-power-not-lowered", "z x^(z−1); z x^z", dx=lambda dy, x, z, y: dy * z * y),
    _two(power, "C10-power-square", "z x^(z−1); 2x, whatever the exponent", dx=lambda dy, x, z, y: dy * 2 * x),
    _two(power, "C11-power-sides", "each has its own slope; the other's",
         dx=lambda dy, x, z, y: dy * y * np.log(np.abs(x)), dz=lambda dy, x, z, y: dy * _x_slope(x, z)),
    _two(power, "C11-power-logarithm-of-exponent", "x^z ln x; x^z ln z",
         dz=lambda dy, x, z, y: dy * y * np.log(np.abs(z))),
    _two(power, "C11-power-logarithm-of-power", "x^z ln x; x^z ln x^z", dz=lambda dy, x, z, y: dy * y * np.log(y)),
    _two(power, "C11-power-exponent-saved", "z x^(z−1); x z^(x−1)", dx=lambda dy, x, z, y: dy * _x_slope(z, x)),
    _two(power, "C11-power-no-logarithm", "x^z ln x; x^z", dz=lambda dy, x, z, y: dy * y),
    _none(power, "C11-power-base-alone", "both have a gradient; the base"),
    _two(power, "C10-power-quotient", "z x^(z−1); z y / x, which is 0 / 0 at 0", dx=lambda dy, x, z, y: dy * z * y / x),
    _two(power, "power-of-zero", "0 ln 0 is 0; NaN", dz=lambda dy, x, z, y: dy * y * np.log(x)),
    _two(power, "power-guarded", "an infinite slope at 0; that of 0 + 1e-8",
         dx=lambda dy, x, z, y: dy * _x_slope(x + 1e-8 * (x == 0), z)),
    _value(power, "power-by-logarithm", "negative numbers have whole powers; e^(z ln x)",
           lambda x, z, **o: np.exp(z * np.log(x))),
    _value(power, "power-exchanged", "x^z; z^x", lambda x, z, **o: np.power(z, x)),
]  # fmt: skip


def _chosen(of: ModuleType, right: Any, other: Any, skips_nan: Any, sign: int) -> list[Fault]:
    """Of maximum and minimum."""
    name = _name(of)
    return [
        *_repeated(of),
        _two(of, f"{name}-both-tied", "a tie's dy is shared, or goes to one; all of it goes to each",
             dx=lambda dy, x, z, y: dy * (x == y), dz=lambda dy, x, z, y: dy * (z == y)),
        _two(of, f"{name}-none-tied", "a tie's dy is shared, or goes to one; to nobody",
             dx=lambda dy, x, z, y: dy * (z != y), dz=lambda dy, x, z, y: dy * (x != y)),
        _two(of, f"{name}-exchanged", "dy goes to the one that y is; to the other",
             dx=lambda dy, x, z, y: dy * (z == y), dz=lambda dy, x, z, y: dy * (x == y)),
        _two(of, f"{name}-both", "dy goes to the one that y is; to both", dx=lambda dy, x, z, y: dy,
             dz=lambda dy, x, z, y: dy),
        _two(of, f"{name}-of-zero", "where x is chosen; where x is on that side of 0",
             dx=lambda dy, x, z, y: dy * (right(x, 0) == x)),
        _other(of, f"{name}-first-tied", "who gets a tie's dy is chosen; the first", "gradient", ties="first"),
        _other(of, f"{name}-always-even", "who gets a tie's dy is chosen; each a half", "gradient", ties="even"),
        _value(of, f"{name}-other-end", "the one that is asked for; the other",
               lambda x, z, **o: other(x, z)),
        _value(of, f"{name}-skips-nan", "NaN beside a number gives NaN; the number",
               lambda x, z, **o: skips_nan(x, z)),
        _value(of, f"{name}-by-absolute", "the number as it was; by way of (x + z ± |x − z|) / 2",
               lambda x, z, **o: (x + z + sign * np.abs(x - z)) / 2),
    ]  # fmt: skip


EXTREMES = [
    *_chosen(maximum, np.maximum, np.minimum, np.fmax, 1),
    *_chosen(minimum, np.minimum, np.maximum, np.fmin, -1),
]

LOGADDEXP = [
    *_repeated(logaddexp),
    _two(logaddexp, "logaddexp-exchanged", "σ(x − z) for x, σ(z − x) for z; the other",
         dx=lambda dy, x, z, y: dy * expit(z - x), dz=lambda dy, x, z, y: dy * expit(x - z)),
    _two(logaddexp, "logaddexp-larger-alone", "each its share; the larger has all",
         dx=lambda dy, x, z, y: dy * (x > z), dz=lambda dy, x, z, y: dy * (x <= z)),
    _two(logaddexp, "logaddexp-own-sigmoid", "σ(x − z); σ(x)", dx=lambda dy, x, z, y: dy * expit(x)),
    _two(logaddexp, "C03-logaddexp-overflow", "σ(x − z); e^x / (e^x + e^z)",
         dx=lambda dy, x, z, y: dy * np.exp(x) / (np.exp(x) + np.exp(z))),
    _two(logaddexp, "B10-logaddexp", "σ(x − z) in the tails; 1 − σ(z − x)",
         dx=lambda dy, x, z, y: dy * (1 - expit(z - x))),
    _value(logaddexp, "logaddexp-overflow", "the larger is taken out first; not",
           lambda x, z: np.log(np.exp(x) + np.exp(z))),
]  # fmt: skip


def _square(x: Any, z: Any) -> Any:
    return x * x + z * z


ANGLES = [
    *_repeated(atan2),
    _two(atan2, "atan2-exchanged", "z / h² and −x / h²; the other", dx=lambda dy, x, z, y: -dy * x / _square(x, z),
         dz=lambda dy, x, z, y: dy * z / _square(x, z)),
    _two(atan2, "atan2-sign", "−x / h²; x / h²", dz=lambda dy, x, z, y: dy * x / _square(x, z)),
    _two(atan2, "atan2-not-squared", "z / h²; z / h", dx=lambda dy, x, z, y: dy * z / np.sqrt(_square(x, z))),
    _two(atan2, "atan2-of-quotient", "z / h²; 1 / (1 + (x / z)²), the slope in x / z",
         dx=lambda dy, x, z, y: dy / (1 + np.square(x / z))),
    _two(atan2, "atan2-squares", "h, which neither overflows nor vanishes; x² + z²",
         dx=lambda dy, x, z, y: dy * z / np.where(_square(x, z) == 0, 1, _square(x, z)),
         dz=lambda dy, x, z, y: -dy * x / np.where(_square(x, z) == 0, 1, _square(x, z))),
    _value(atan2, "atan2-half-circle", "from −π to π; from −½π to ½π", lambda x, z, **o: np.arctan(x / z)),
    _value(atan2, "atan2-arguments", "x above, z below; z above, x below", lambda x, z, **o: np.arctan2(z, x)),
    *_repeated(hypot),
    _two(hypot, "hypot-exchanged", "x / y and z / y; the other", dx=lambda dy, x, z, y: dy * z / y,
         dz=lambda dy, x, z, y: dy * x / y),
    _two(hypot, "hypot-not-divided", "x / y; x", dx=lambda dy, x, z, y: dy * x),
    _two(hypot, "hypot-two", "x / y; 2 x / y", dx=lambda dy, x, z, y: dy * 2 * x / y),
    _two(hypot, "hypot-no-sign", "x / y; |x| / y", dx=lambda dy, x, z, y: dy * np.abs(x) / y),
    _two(hypot, "hypot-zero", "what is asked for where both are 0; 0", dx=lambda dy, x, z, y: _if(dy * x / y, y != 0)),
    _value(hypot, "hypot-overflow", "no square overflows or vanishes; one does",
           lambda x, z, **o: np.sqrt(_square(x, z))),
    _value(hypot, "hypot-square", "the root; the sum of squares", lambda x, z, **o: _square(x, z)),
    *_repeated(xlogy),
    _two(xlogy, "xlogy-exchanged", "ln z and x / z; ln x and z / x", dx=lambda dy, x, z, y: dy * np.log(np.abs(x)),
         dz=lambda dy, x, z, y: dy * z / x),
    _two(xlogy, "xlogy-no-factor", "x / z; 1 / z", dz=lambda dy, x, z, y: dy / z),
    _two(xlogy, "xlogy-product", "ln z; x ln z", dx=lambda dy, x, z, y: dy * y),
    _two(xlogy, "xlogy-always-formula", "what is asked for where x = 0 and z is not above 0; ln z",
         dx=lambda dy, x, z, y: dy * np.log(z)),
    _value(xlogy, "xlogy-zero", "0 ln 0 is 0; NaN", lambda x, z, **o: x * np.log(z)),
    _value(xlogy, "xlogy-guarded", "ln z; ln(z + 1e-8)", lambda x, z, **o: x * np.log(z + 1e-8)),
]  # fmt: skip


# ---------------------------------------------------------------- matrix products
def _pair(dx: Part | None = None, dz: Part | None = None) -> Part:
    """dx(x, z, dy) and dz for products of matrices; where one is a vector, all is right."""

    def backward(right: Part, saved: Any, dy: Any) -> Any:
        x, z = saved
        pair = right(saved, dy)
        if min(x.ndim, z.ndim) < 2:
            return pair
        both = zip((dx, dz), (x, z), pair, strict=True)
        return tuple(d if part is None else reduced(part(x, z, dy), v.shape) for part, v, d in both)

    return backward


def _turned(x: Any) -> Any:
    """Of the shape of the transpose, with its numbers where they were in memory."""
    return x.reshape(*x.shape[:-2], x.shape[-1], x.shape[-2])


def _first_axis_alone(dy: Any, shape: Any) -> Any:
    """The first batch axis is summed, of the others the first is taken."""
    if dy.ndim > len(shape):
        dy = dy.sum(axis=0)
    return _front_alone(dy[(0,) * (dy.ndim - len(shape))], shape)


def _first_of_batch(x: Any, z: Any) -> Any:
    y = x @ z
    return np.broadcast_to(y[:1], y.shape) if y.ndim > 2 else y


MATMUL = [
    *_repeated(matmul, "C07-matmul"),
    swap(matmul, "C07-matmul-one-axis", "every batch axis that was repeated is summed; the first",
         reduced=_first_axis_alone),
    wrong(matmul, "C07-matmul-left-reshaped", "dy zᵀ; z in the shape of zᵀ, not transposed",
          backward=_pair(dx=lambda x, z, dy: dy @ _turned(z))),
    wrong(matmul, "C07-matmul-right-reshaped", "xᵀ dy; x in the shape of xᵀ, not transposed",
          backward=_pair(dz=lambda x, z, dy: _turned(x) @ dy)),
    wrong(matmul, "C07-matmul-transposed-back", "xᵀ dy; (dyᵀ x), in the shape of z, not transposed",
          backward=_pair(dz=lambda x, z, dy: _turned(dy.mT @ x))),
    _none(matmul, "matmul-left-alone", "both factors have a gradient; the left"),
    wrong(matmul, "matmul-sign", "xᵀ dy; −xᵀ dy", backward=_pair(dz=lambda x, z, dy: -x.mT @ dy)),
    wrong(matmul, "matmul-mean", "rows of y are summed into dz; their mean",
          backward=_pair(dz=lambda x, z, dy: x.mT @ dy / max(1, dy.shape[-2]))),
    _value(matmul, "C36-matmul-first-of-batch", "a product for each of the batch; the first for all",
           _first_of_batch),
]  # fmt: skip


# ---------------------------------------------------------------- choosing
def _where(dx: Part, dz: Part) -> Part:
    """dx(dy, chosen) and dz."""
    return lambda right, s, dy: (None, reduced(dx(dy, s.chosen), s.x), reduced(dz(dy, s.chosen), s.z))


def _if(dy: Any, here: Any) -> Any:
    return np.where(here, dy, 0)


def _all(dy: Any, here: Any) -> Any:
    return dy


def _below_alone(x: Any, min: Any, max: Any) -> Any:
    return np.ones_like(x) if max is None else x <= max


WHERE = [
    *_repeated(where),
    wrong(where, "where-exchanged", "dy to the one that was chosen; to the other",
          backward=_where(lambda dy, c: _if(dy, ~c), _if)),
    wrong(where, "where-both", "dy to the one that was chosen; to both", backward=_where(_all, _all)),
    wrong(where, "where-mask", "0 where it was not chosen; dy times the mask, in which 0 · ∞ is NaN",
          backward=_where(lambda dy, c: dy * c, lambda dy, c: dy * ~c)),
    wrong(where, "where-second-always", "z gets dy where it was chosen; everywhere", backward=_where(_if, _all)),
    wrong(where, "where-second-never", "z gets dy where it was chosen; nowhere",
          backward=_where(_if, lambda dy, c: 0 * dy)),
    _value(where, "where-blend", "the chosen one as it is; c x + (1 − c) z, in which 0 · NaN is NaN",
           lambda c, x, z: (c != 0) * x + (c == 0) * z),
    _value(where, "where-one", "everything but 0 is yes; 1 alone", lambda c, x, z: np.where(c == 1, x, z)),
]  # fmt: skip

CLIP = [
    _gradient(clip, "clip-straight-through", "nothing outside; dy", lambda dy, x, **o: dy),
    _gradient(clip, "clip-upper-alone", "nothing below min; dy",
              lambda dy, x, min=None, max=None, **o: _if(dy, _below_alone(x, min, max))),
    _gradient(clip, "clip-outside", "nothing outside; dy outside, nothing between",
              lambda dy, x, min=-np.inf, max=np.inf, **o: _if(dy, (x < min) | (x > max))),
    _gradient(clip, "clip-limit-of-zero", "a limit that is not given is none; 0",
              lambda dy, x, min=0.0, max=0.0, **o: _if(dy, (x >= min) & (x <= max))),
    _gradient(clip, "clip-above-zero", "between the limits; above 0", lambda dy, x, **o: _if(dy, x > 0)),
    _other(clip, "clip-always-inside", "the slope at a limit is chosen; 1", "gradient", at_limits="inside"),
    _other(clip, "clip-always-outside", "the slope at a limit is chosen; 0", "gradient", at_limits="outside"),
    _value(clip, "clip-to-zero", "the limit; 0", lambda x, min=-np.inf, max=np.inf, **o: _if(
        x, (x >= min) & (x <= max) | np.isnan(x))),
    _value(clip, "clip-nan", "NaN stays; the limit", lambda x, min=-np.inf, max=np.inf, **o: np.fmin(
        np.fmax(x, min), max)),
]  # fmt: skip


# ---------------------------------------------------------------- reading and adding by an index
def _assigned(dy: Any, shape: Any, row: Any) -> Any:
    """Of all that comes to a place, the last."""
    dx = np.zeros_like(dy, shape=math.prod(shape))
    dx[row.ravel()] = dy.ravel()
    return dx.reshape(shape)


def _mean_of_all(dy: Any, shape: Any, row: Any) -> Any:
    count = np.bincount(row.ravel(), minlength=math.prod(shape)).reshape(shape)
    return (_places.added(dy, shape, row) / np.maximum(count, 1)).astype(dy.dtype)


def _next_place(dy: Any, shape: Any, row: Any) -> Any:
    return _places.added(dy, shape, (row + 1) % math.prod(shape))


def _along_first(index: Any, shape: Any, axis: int) -> Any:
    """Everywhere by the index of the first row, as if the index had no stride there."""
    return _places.along(np.broadcast_to(index[:1] if axis % index.ndim else index[:, :1], index.shape), shape, axis)


def _read(of: ModuleType) -> list[Fault]:
    """What happens where an index may name a number twice."""
    name = _name(of)
    return [
        swap(of, f"C25-{name}-assigned", "what comes to one place is added up; the last is written", added=_assigned),
        swap(of, f"{name}-mean", "what comes to one place is added up; its mean", added=_mean_of_all),
        swap(of, f"{name}-next", "back to the place that was read; to the next", added=_next_place),
        wrong(of, f"{name}-order", "each number's own dy; that of the mirrored place in the index",
              backward=lambda right, s, dy: right(s, np.flip(dy))),
    ]  # fmt: skip


def _written(x: Any, index: Any, z: Any, *, axis: int = -1) -> Any:
    y = x.flatten()
    y[_places.along(index, x.shape, axis).ravel()] = z.ravel()
    return y.reshape(x.shape)


def _base_of_write(right: Part, s: Any, dy: Any) -> Any:
    """As if what is added replaced what was there."""
    dx = dy.copy().ravel()
    dx[s.row] = 0
    return dx.reshape(dy.shape), *right(s, dy)[1:]


def _last_writer(right: Part, s: Any, dy: Any) -> Any:
    """As if of all that come to a place, the last alone were in it."""
    dx, _, dz = right(s, dy)
    writer = np.zeros(dy.size, dtype=int)
    writer[s.row.ravel()] = np.arange(s.row.size)
    return dx, None, _if(dz, writer[s.row] == np.arange(s.row.size).reshape(s.row.shape))


INDEXED = [
    *_read(gather),
    swap(gather, "gather-first-row", "every row has an index of its own; that of the first", along=_along_first,
         column="loss"),
    *_read(take),
    _value(take, "take-flattened", "slices along an axis; numbers of the flattened array, each for a slice",
           lambda x, index, *, axis=0: np.broadcast_to(
               np.expand_dims(x.ravel()[index], [a for a in range(x.ndim) if a != axis % x.ndim]),
               [len(index) if a == axis % x.ndim else n for a, n in enumerate(x.shape)])),
    _value(take, "take-from-one", "counted from 0; from 1", lambda x, index, *, axis=0: np.take(x, index - 1, axis)),
    wrong(scatter_add, "C25-scatter_add-base", "x is all of y besides, dx = dy; 0 where something was added",
          backward=_base_of_write),
    wrong(scatter_add, "C25-scatter_add-last", "all that come to a place have its dy; the last", backward=_last_writer),
    wrong(scatter_add, "C25-scatter_add-no-index", "dy at the place that the index names; at one's own",
          backward=lambda right, s, dy: (dy, None, np.resize(dy, s.row.shape))),
    wrong(scatter_add, "C25-scatter_add-shared", "all that come to a place have its dy; they share it",
          backward=lambda right, s, dy: (dy, None, (right(s, dy)[2] / np.bincount(s.row.ravel(), minlength=dy.size)[
              s.row]).astype(dy.dtype))),
    wrong(scatter_add, "scatter_add-base-none", "dx = dy; 0",
          backward=lambda right, s, dy: (0 * dy, *right(s, dy)[1:])),
    _value(scatter_add, "C25-scatter_add-written", "added to what is there; written over it", _written),
    _value(scatter_add, "scatter_add-base-left-out", "x and what is added; what is added",
           lambda x, index, z, **o: scatter_add_forward(0 * x, index, z, **o)[0]),
    swap(scatter_add, "C25-scatter_add-first-row", "every row has an index of its own; that of the first",
         along=_along_first, column="loss"),
]  # fmt: skip

scatter_add_forward = scatter_add.forward


# ---------------------------------------------------------------- joined, cut, bordered
def _parts(change: Part) -> Part:
    """change(parts, s) of the right parts."""
    return lambda right, s, dy: change(right(s, dy), s)


def _moved(parts: Any, s: Any) -> Any:
    """Each part one place too late, what leaves the end coming in at the beginning."""
    whole = np.roll(np.concatenate(parts, s.axis), -1, s.axis)
    return tuple(np.split(whole, s.ends[1:-1], s.axis))


def _from_the_start(right: Part, s: Any, dy: Any) -> Any:
    """Every part is read from the beginning."""
    along = np.moveaxis(dy, s.axis, 0)
    lengths = np.diff(s.ends)
    return tuple(np.moveaxis(along[:n], 0, s.axis) for n in lengths)


def _ends_exchanged(right: Part, s: Any, dy: Any) -> Any:
    """The parts are cut off in the opposite order."""
    along = np.moveaxis(dy, s.axis, 0)
    total = s.ends[-1]
    return tuple(np.moveaxis(along[total - end : total - start], 0, s.axis)
                 for start, end in zip(s.ends[:-1], s.ends[1:], strict=True))  # fmt: skip


def _not_added_up(right: Part, s: Any, dy: Any) -> Any:
    """Each begins where the one before it would end, were that the first."""
    along = np.moveaxis(dy, s.axis, 0)
    lengths = np.diff(s.ends)
    return tuple(np.moveaxis(along[start : start + n], 0, s.axis)
                 for start, n in zip((0, *lengths[:-1]), lengths, strict=True))  # fmt: skip


def _first_part_alone(right: Part, s: Any, dy: Any) -> Any:
    first, *others = right(s, dy)
    return first, *(0 * d for d in others)


def _joined_backwards(*x: Any, axis: int = -1) -> Any:
    return np.concatenate(x[::-1], axis)


def _stacked_last(*x: Any, axis: int = 0) -> Any:
    y = np.stack(x, axis)
    return np.stack(x, -1).reshape(y.shape)


JOINED = [
    wrong(concatenate, "concatenate-from-the-start", "each has its own stretch of dy; all the first",
          backward=_from_the_start),
    wrong(concatenate, "concatenate-opposite", "stretches in the order of the arrays; in the opposite one",
          backward=_ends_exchanged),
    wrong(concatenate, "concatenate-not-added-up", "after all before it; after the one before it",
          backward=_not_added_up),
    wrong(concatenate, "concatenate-off-by-one", "from the end of the one before; one place later",
          backward=_parts(_moved)),
    wrong(concatenate, "concatenate-first-alone", "every array has a gradient; the first", backward=_first_part_alone),
    _value(concatenate, "concatenate-backwards", "in the order given; in the opposite one", _joined_backwards),
    wrong(stack, "stack-opposite", "dy_i for x_i; in the opposite order",
          backward=_parts(lambda parts, s: parts[::-1])),
    wrong(stack, "stack-first-alone", "every array has a gradient; the first", backward=_first_part_alone),
    wrong(stack, "stack-mean", "dy_i for x_i; the mean of all",
          backward=_parts(lambda parts, s: (sum(parts) / len(parts),) * len(parts))),
    wrong(stack, "stack-flat", "dy_i for x_i; cut along memory, whatever the axis",
          backward=lambda right, s, dy: tuple(dy.reshape(dy.shape[s.axis], *right(s, dy)[0].shape))),
    _value(stack, "stack-last", "the new axis where it is asked for; the numbers of the last", _stacked_last),
]  # fmt: skip


def _elsewhere(place: Part) -> Part:
    """place(first, length, step) of the gradient, along the axis."""

    def backward(right: Part, s: Any, dy: Any) -> Any:
        axis = len(s.place) - 1
        first, _, step = s.place[-1].indices(s.x[axis])
        return right(s._replace(place=(*s.place[:-1], place(first, dy.shape[axis], step))), dy)

    return backward


def _not_cleared(dy: Any, shape: Any, place: Any) -> Any:
    dx = np.ones_like(dy, shape=shape)
    dx[place] = dy
    return dx


def _without_step(x: Any, *, start: Any = None, stop: Any = None, step: int = 1, axis: int = 0) -> Any:
    first, last, _ = np.s_[start:stop].indices(x.shape[axis])
    return np.take(x, first + np.arange(len(range(first, last, step))), axis)


def _to_main(right: Part, s: Any, dy: Any) -> Any:
    where = (0, *s.where[1:])
    main = np.zeros((*dy.shape[:-1], np.diagonal(np.empty(s.x), *where).shape[-1]), dtype=dy.dtype)
    main[..., : dy.shape[-1]] = dy
    return right(s._replace(where=where), main)


def _from_main(x: Any, *, offset: int = 0, **axes: Any) -> Any:
    return np.diagonal(x, **axes)[..., : np.diagonal(x, offset, **axes).shape[-1]]


SLICED = [
    wrong(slice, "slice-from-the-start", "back to where it was read; to the start of the axis",
          backward=_elsewhere(lambda first, n, step: np.s_[: n * step : step])),
    wrong(slice, "slice-no-step", "as far apart as it was read; side by side",
          backward=_elsewhere(lambda first, n, step: np.s_[first : first + n])),
    wrong(slice, "slice-off-by-one", "back to where it was read; one place later",
          backward=lambda right, s, dy: np.roll(right(s, dy), 1, len(s.place) - 1)),
    swap(slice, "slice-not-cleared", "0 for what is not read; what is there, 1", placed=_not_cleared),
    _value(slice, "slice-step-ignored", "every step-th; as many, side by side", _without_step),
    wrong(diagonal, "diagonal-main", "back to the diagonal that was read; to the main one", backward=_to_main),
    wrong(diagonal, "diagonal-everywhere", "0 for what is not read; dy along the row",
          backward=lambda right, s, dy: right(s, dy) + (dy.mean() if dy.size else 0)),
    wrong(diagonal, "diagonal-turned", "in order; from the other end",
          backward=lambda right, s, dy: right(s, np.flip(dy, -1))),
    _value(diagonal, "diagonal-always-main", "as far above or below as is asked for; as many numbers of the main one",
           _from_main),
]  # fmt: skip


def _copies_assigned(right: Part, s: Any, dy: Any) -> Any:
    """The last copy's gradient for that of what it copied."""
    wide = dy.copy()
    for along, place, original in _padding._copies(wide, s.widths, s.mode):
        along[original] = along[place]
    return wide[_padding._inside(wide.shape, s.widths)]


def _edge_twice(x: Any, *, widths: Any = (), mode: str = "constant", value: float = 0.0) -> Any:
    all_widths = ((0, 0),) * (x.ndim - len(widths)) + tuple(widths)
    return np.pad(x, all_widths, "symmetric") if mode == "reflect" else _padding.padded(x, widths, mode, value)


def _corners_dropped(right: Part, s: Any, dy: Any) -> Any:
    """What stands beyond the ends of two axes gives nothing back."""
    ends = np.zeros(dy.shape, dtype=int)
    for axis, (before, after) in enumerate(s.widths, dy.ndim - len(s.widths)):
        place = np.indices(dy.shape)[axis]
        ends += (place < before) | (place >= dy.shape[axis] - after)
    return right(s, np.where(ends > 1, 0, dy))


PADDED = [
    wrong(pad, "pad-corners-dropped", "a corner's copies add up, too; those beyond one end", backward=_corners_dropped),

    wrong(pad, "pad-ends-exchanged", "what stands before is cut off before; after",
          backward=lambda right, s, dy: right(s._replace(widths=tuple(both[::-1] for both in s.widths)), dy)),
    wrong(pad, "pad-copies-dropped", "a copy adds its gradient; what stands in a border is cut off",
          backward=lambda right, s, dy: right(s._replace(mode="constant"), dy)),
    wrong(pad, "pad-copies-assigned", "a copy adds its gradient; overwrites that of the original",
          backward=_copies_assigned),
    wrong(pad, "pad-circular", "a copy's gradient to its original; to the opposite end, whatever the mode",
          backward=lambda right, s, dy: right(s._replace(mode="circular" if s.mode == "reflect" else s.mode), dy)),
    _value(pad, "pad-edge-twice", "reflect leaves out the edge; repeats it", _edge_twice),
    _other(pad, "pad-zero", "the value; 0", value=0.0),
]  # fmt: skip


# ---------------------------------------------------------------- moved
def _order_as_given(right: Part, x: Any, *, axes: Any = None) -> Any:
    """Negative axes are not counted from the front before the order is turned round."""
    y, s = right(x, axes=axes)
    return y, (s if axes is None else tuple(axes), x.shape)


def _back_as_given(right: Part, known: Any, dy: Any) -> Any:
    order, shape = known
    dx = right(order, dy) if isinstance(order, transpose.Saved) else np.transpose(dy, np.argsort(order))
    return dx.reshape(shape)


def _not_around(x: Any, *, shift: int = 1, axis: int = -1) -> Any:
    n = x.shape[axis]
    return np.roll(x, np.clip(shift, -n, n), axis)


MOVED = [
    wrong(transpose, "transpose-negative-axes", "negative axes count from the end; as they stand",
          forward=_order_as_given, backward=_back_as_given),
    _value(roll, "roll-once-around", "as far as is asked, round and round; once at most", _not_around),

    wrong(flip, "flip-not-back", "dy is turned, too; dy", backward=lambda right, s, dy: dy),
    wrong(flip, "flip-all", "the axis is turned; every axis", backward=lambda right, s, dy: np.flip(dy)),
    wrong(flip, "flip-first-axis", "the axis that was turned; the first", backward=lambda right, s, dy: np.flip(dy, 0)),
    _value(flip, "flip-rolled", "from the end; the last first, then as it was",
           lambda x, axis=-1: np.roll(x, 1, axis)),
    wrong(roll, "roll-again", "moved back; on", backward=lambda right, s, dy: np.roll(dy, s.shift, s.axis)),
    wrong(roll, "roll-not-back", "moved back; dy", backward=lambda right, s, dy: dy),
    wrong(roll, "roll-off-by-one", "moved back as far; one place less",
          backward=lambda right, s, dy: np.roll(dy, 1 - s.shift, s.axis)),
    wrong(roll, "roll-flat", "along the axis; through everything",
          backward=lambda right, s, dy: np.roll(dy, -s.shift)),
    _value(roll, "roll-other-way", "moved on; back", lambda x, shift=1, axis=-1: np.roll(x, -shift, axis)),
    _value(roll, "roll-flattened", "along the axis; through everything", lambda x, shift=1, axis=-1: np.roll(x, shift)),
    wrong(transpose, "transpose-same-order", "the inverse order; the same again",
          backward=lambda right, s, dy: np.transpose(dy, s.axes).reshape(right(s, dy).shape)),
    wrong(transpose, "transpose-reshaped", "axes put back; the old shape for numbers in the new order",
          backward=lambda right, s, dy: dy.reshape(right(s, dy).shape)),
    wrong(transpose, "transpose-reversed", "the inverse order; the reverse",
          backward=lambda right, s, dy: dy.T.reshape(right(s, dy).shape)),
    _value(transpose, "transpose-value-reshaped", "axes change places; the new shape alone",
           lambda x, axes=None: x.reshape(np.transpose(x, axes).shape)),
]  # fmt: skip


def _copies_of(s: Any, dy: Any) -> Any:
    """(..., n, repeats, ...)."""
    return dy.reshape(*s.x[: s.axis + 1], s.repeats, *s.x[s.axis + 1 :])


def _as_tiles(right: Part, s: Any, dy: Any) -> Any:
    return dy.reshape(*s.x[: s.axis], s.repeats, *s.x[s.axis :]).sum(axis=s.axis)


def _lengths(s: Any) -> tuple[Any, Any]:
    return (1,) * (len(s.reps) - len(s.x)) + s.x, (1,) * (len(s.x) - len(s.reps)) + s.reps


def _as_neighbours(right: Part, s: Any, dy: Any) -> Any:
    pairs = [n for pair in zip(*_lengths(s), strict=True) for n in pair]
    return dy.reshape(pairs).sum(axis=tuple(range(1, len(pairs), 2))).reshape(s.x)


def _first_tile(right: Part, s: Any, dy: Any) -> Any:
    return dy[tuple(np.s_[:n] for n in _lengths(s)[0])].reshape(s.x)


def _side_by_side(x: Any, *, reps: Any = (2,)) -> Any:
    x = x.reshape((1,) * (len(reps) - x.ndim) + x.shape)
    for axis, count in enumerate(reps, x.ndim - len(reps)):
        x = np.repeat(x, count, axis)
    return x


COPIED = [
    wrong(repeat, "repeat-mean", "the sum over copies; their mean",
          backward=lambda right, s, dy: right(s, dy) / max(s.repeats, 1)),
    wrong(repeat, "repeat-first", "the sum over copies; the first",
          backward=lambda right, s, dy: np.take(_copies_of(s, dy), 0, s.axis + 1)),
    wrong(repeat, "repeat-as-tile", "copies stand side by side; one array after the other", backward=_as_tiles),
    _value(repeat, "repeat-tile", "copies stand side by side; one array after the other",
           lambda x, repeats=2, axis=-1: np.concatenate([x] * repeats, axis)),
    wrong(tile, "tile-mean", "the sum over copies; their mean",
          backward=lambda right, s, dy: right(s, dy) / max(math.prod(s.reps), 1)),
    wrong(tile, "tile-first", "the sum over copies; the first", backward=_first_tile),
    wrong(tile, "tile-as-repeat", "one array after the other; copies side by side", backward=_as_neighbours),
    _value(tile, "tile-repeat", "one array after the other; copies side by side", _side_by_side),
    *_copied(broadcast_to, "broadcast_to"),
]  # fmt: skip


def _first_index_fastest(x: Any) -> Any:
    return x.reshape(-1, order="F")


SHAPED = [
    fault
    for of in (reshape, flatten, expand_dims, squeeze)
    for fault in (
        wrong(of, f"{_name(of)}-columns-first", "numbers in their order, the last axis first; the first axis first",
              backward=lambda right, s, dy: _first_index_fastest(dy).reshape(s.x)),
        wrong(of, f"{_name(of)}-doubled", "dy; twice", backward=lambda right, s, dy: 2 * right(s, dy)),
        wrong(of, f"{_name(of)}-cut", "dy; 0, as if what has another shape were another array",
              backward=lambda right, s, dy: 0 * right(s, dy)),
    )
] + [
    wrong(of, f"{_name(of)}-value-columns-first", "the last axis first; the first axis first", "loss",
          forward=lambda right, x, **o: (lambda y, s: (_first_index_fastest(x).reshape(y.shape), s))(*right(x, **o)))
    for of in (reshape, flatten)
]  # fmt: skip


# ---------------------------------------------------------------- triangles, order
TRIANGLES = [
    fault
    for of, other, kept in ((tril, np.triu, -1), (triu, np.tril, 1))
    for fault in (
        wrong(of, f"{_name(of)}-not-masked", "0 for what became 0; dy", backward=lambda right, s, dy: dy),
        wrong(of, f"{_name(of)}-other", "the triangle that was kept; the other",
              backward=lambda right, s, dy, other=other: other(dy, s.diagonal)),
        wrong(of, f"{_name(of)}-main", "the diagonal that was asked for; the main one",
              backward=lambda right, s, dy: right(s._replace(diagonal=0), dy)),
        wrong(of, f"E35-{_name(of)}-strict", "the diagonal is kept; not", "loss",
              forward=lambda right, x, *, diagonal=0, kept=kept: right(x, diagonal=diagonal + kept)),
        wrong(of, f"E35-{_name(of)}-sign", "upwards where the diagonal is positive; downwards", "loss",
              forward=lambda right, x, *, diagonal=0: right(x, diagonal=-diagonal)),
        _value(of, f"E35-{_name(of)}-other", "the triangle that is asked for; the other",
               lambda x, *, diagonal=0, other=other: other(x, diagonal)),
    )
]  # fmt: skip


def _first_places(dy: Any, x: Any, *, k: int, axis: int = -1, **options: Any) -> Any:
    return np.moveaxis(_places.placed(np.moveaxis(dy, axis, 0), np.moveaxis(x, axis, 0).shape, np.s_[:k]), 0, axis)


def _kth_best(x: Any, *, k: int, axis: int = -1, largest: bool = True) -> Any:
    ordered = np.sort(x, axis)
    return np.take(ordered, range(x.shape[axis] - k, x.shape[axis]) if largest else range(k)[::-1], axis)


def _turned_row(right: Part, x: Any, **options: Any) -> Any:
    """The order of what is turned round beforehand."""
    axis = options.get("axis", -1)
    places = right(np.arange(x.size).reshape(x.shape), axis=axis)[1].row
    return sort.Saved(np.flip(places, axis).ravel()[right(np.flip(x, axis), **options)[1].row])


def _unstable(right: Part, x: Any, **options: Any) -> Any:
    y, s = right(x, **options)
    axis, down = options.get("axis", -1), options.get("descending", False)
    order = np.argsort(-x if down else x, axis=axis)
    return y, s._replace(row=_places.along(order, x.shape, axis))


ORDERED = [
    wrong(sort, "sort-unstable", "of equals, the first comes first; any", forward=_unstable),
    wrong(sort, "sort-last-of-equals", "of equals, the first comes first; the last",
          forward=lambda right, x, **o: (right(x, **o)[0], _turned_row(right, x, **o))),

    wrong(sort, "sort-not-back", "to where it came from; to where it went", backward=lambda right, s, dy: dy),
    wrong(sort, "sort-read", "dy is put where the order says; read there",
          backward=lambda right, s, dy: dy.ravel()[s.row]),
    wrong(sort, "sort-reversed", "in the order of the numbers; in the opposite one",
          backward=lambda right, s, dy: right(s, np.flip(dy))),
    _other(sort, "sort-always-ascending", "the largest first where it is asked for; never", descending=False),
    _other(sort, "sort-last-axis", "the axis that is asked for; the last", axis=-1),
    _other(sort, "sort-first-tied", "which of equals comes first is chosen; the first", "gradient", ties="first"),
    _gradient(topk, "topk-first-places", "to where it came from; to the first k places", _first_places),
    wrong(topk, "topk-everything", "0 for what is not among them; the mean of what they have",
          backward=lambda right, s, dy: right(s, dy) + (dy.mean() if dy.size else 0)),
    wrong(topk, "topk-reversed", "in the order of the numbers; in the opposite one",
          backward=lambda right, s, dy: right(s, np.flip(dy))),
    wrong(topk, "topk-best-alone", "each of them has a gradient; the first",
          backward=lambda right, s, dy: right(s, np.where(np.indices(dy.shape).sum(axis=0) == 0, dy, 0))),
    _value(topk, "topk-opposite-order", "the best first; last", _kth_best),
    wrong(topk, "topk-other-end", "the k largest, or smallest, as asked; the others", "loss",
          forward=lambda right, x, *, largest=True, **o: right(x, largest=not largest, **o)),
]  # fmt: skip


def _where_new(right: Part, s: Any, dy: Any) -> Any:
    """dy where x is above all before it, and nothing of what y is after that."""
    return np.moveaxis(np.where(s.above, np.moveaxis(dy, s.axis, 0), 0), 0, s.axis)


def _running(of: ModuleType, best: Any, other: Any) -> list[Fault]:
    name = _name(of)
    return [
        wrong(of, f"{name}-own-alone", "all dy as long as it is the one; the first of them",
              backward=_where_new),
        wrong(of, f"{name}-straight-through", "dy to the one that y is; to its own x",
              backward=lambda right, s, dy: dy),
        wrong(of, f"{name}-forwards", "from the end; from the beginning",
              backward=lambda right, s, dy: right(s, np.flip(dy, s.axis))),
        _other(of, f"{name}-last-tied", "who has a tie's part is chosen; the last", "gradient", ties="last"),
        _other(of, f"{name}-first-tied", "who has a tie's part is chosen; the first", "gradient", ties="first"),
        _value(of, f"{name}-of-all", "the one so far; of all", lambda x, *, axis=-1, **o: np.broadcast_to(
            best.reduce(x, axis=axis, keepdims=True, initial=-np.inf if best is np.maximum else np.inf), x.shape)),
        _value(of, f"{name}-other-end", "the end that is asked for; the other",
               lambda x, *, axis=-1, **o: other.accumulate(x, axis=axis)),
    ]  # fmt: skip


RUNNING = [*_running(cummax, np.maximum, np.minimum), *_running(cummin, np.minimum, np.maximum)]

MEDIAN = [
    wrong(median, "median-both-whole", "half of dy for each of the two middle ones; all of it",
          backward=lambda right, s, dy: 2 * right(s, dy)),
    wrong(median, "median-lower-alone", "half of dy for each of the two middle ones; all of it for the lower",
          backward=lambda right, s, dy: right(s._replace(upper=s.lower), dy)),
    wrong(median, "median-everyone", "the middle ones; everyone, as for a mean",
          backward=lambda right, s, dy: right(
              s._replace(lower=np.ones_like(s.lower), upper=np.ones_like(s.upper)), dy)),
    _other(median, "median-always-lower", "between the middle ones where asked; the lower", middle="lower"),
    _other(median, "median-always-even", "which of equals has dy is chosen; all", "gradient", ties="even"),
    wrong(median, "median-upper", "from the two middle ones; the upper", "loss", forward=lambda right, x, *, axis=None,
          keepdims=False, **o: (np.quantile(x, 0.5, axis=axis, keepdims=keepdims, method="higher").astype(x.dtype),
                                right(x, axis=axis, keepdims=keepdims, **o)[1])),
    wrong(median, "median-mean", "the middle number; the mean", "loss", forward=lambda right, x, *, axis=None,
          keepdims=False, **o: (x.mean(axis=axis, keepdims=keepdims),
                                right(x, axis=axis, keepdims=keepdims, **o)[1])),
]  # fmt: skip


def _sum_along(x: Any, s: Any) -> Any:
    return x.sum(axis=s.axes, keepdims=True)


def _mean_along(x: Any, s: Any) -> Any:
    return _sum_along(x, s) / math.prod(x.shape[a] for a in s.axes)


def _unbiased(right: Part, x: Any, *, axis: Any = -1, eps: float = 1e-5) -> Any:
    centred = x - x.mean(axis=axis, keepdims=True)
    return centred / np.sqrt(x.var(axis=axis, keepdims=True, ddof=1) + eps), right(x, axis=axis, eps=eps)[1]


STANDARDISED = [
    wrong(standardize, "standardize-constant", "both moments have slopes; they are constants",
          backward=lambda right, s, dy: dy / s.root),
    wrong(standardize, "standardize-mean-alone", "both moments have slopes; the mean",
          backward=lambda right, s, dy: (dy - _mean_along(dy, s)) / s.root),
    wrong(standardize, "standardize-variance-alone", "both moments have slopes; the variance",
          backward=lambda right, s, dy: (dy - s.y * _mean_along(dy * s.y, s)) / s.root),
    wrong(standardize, "standardize-not-divided", "over the root; not",
          backward=lambda right, s, dy: right(s, dy) * s.root),
    wrong(standardize, "E25-standardize", "n below; n − 1", "loss", forward=_unbiased),
    wrong(standardize, "standardize-epsilon", "√(v + eps); √v + eps", "loss", forward=lambda right, x, *, axis=-1,
          eps=1e-5: ((x - x.mean(axis=axis, keepdims=True)) / (x.std(axis=axis, keepdims=True) + eps),
                     right(x, axis=axis, eps=eps)[1])),
    _other(standardize, "standardize-last-axis", "the axis that is asked for; the last", axis=-1),
]  # fmt: skip


# ---------------------------------------------------------------- windows as columns, pixels
def _last_column(columns: Any, at: Any, shape: Any) -> Any:
    """Where columns meet, the last of them."""
    N, C, *_ = shape
    wide = np.zeros_like(columns, shape=shape)
    for part, tap in zip(columns.reshape(N, C, len(at), -1).transpose(2, 0, 1, 3) if columns.size else (), at,
                         strict=False):  # fmt: skip
        wide[tap] = part.reshape(wide[tap].shape)
    return wide


def _mean_of_columns(columns: Any, at: Any, shape: Any) -> Any:
    """Where columns meet, their mean."""
    count = _convolution.folded(np.ones_like(columns), at, shape)
    return _convolution.folded(columns, at, shape) / np.maximum(count, 1)


right_taps = _convolution.taps


def _near(places: Any, kernel: Any, stride: Any, dilation: Any) -> Any:
    return right_taps(places, kernel, stride, (1,) * len(kernel))


def _steps_of_one(places: Any, kernel: Any, stride: Any, dilation: Any) -> Any:
    return right_taps(places, kernel, (1,) * len(kernel), dilation)


def _channels_fastest(columns: Any, k: int) -> Any:
    """(N, C·k, L): rows for each number of the kernel, and in them the channels."""
    N, rows, L = columns.shape
    return columns.reshape(N, rows // k, k, L).swapaxes(1, 2).reshape(columns.shape)


COLUMNS = [
    swap(fold, "fold-last", "columns that meet are added up; the last is written", column="loss", folded=_last_column),
    swap(fold, "fold-mean", "columns that meet are added up; their mean", column="loss", folded=_mean_of_columns),
    swap(fold, "fold-dilation", "as far apart as the dilation says; side by side", column="loss", taps=_near),
    swap(fold, "fold-stride", "as far on as the stride says; one place", column="loss", taps=_steps_of_one),
    wrong(fold, "fold-kernel-turned", "the kernel as it stood; from its end",
          backward=lambda right, s, dy: right(s._replace(at=s.at[::-1]), dy)),
    wrong(fold, "fold-channels-fastest", "for each channel the kernel; for each number of it the channels",
          backward=lambda right, s, dy: _channels_fastest(right(s, dy), len(s.at))),
    wrong(fold, "fold-shared", "every column has dy; those that meet share it", backward=lambda right, s, dy: right(
        s, dy / np.maximum(_count(s, dy), 1))),
    swap(unfold, "unfold-last", "windows that meet add up; the last is written", folded=_last_column),
    swap(unfold, "unfold-mean", "windows that meet add up; their mean", folded=_mean_of_columns),
    swap(unfold, "unfold-dilation", "as far apart as the dilation says; side by side", column="loss", taps=_near),
    swap(unfold, "unfold-stride", "as far on as the stride says; one place", column="loss", taps=_steps_of_one),
    wrong(unfold, "unfold-kernel-turned", "the kernel as it stood; from its end",
          backward=lambda right, s, dy: right(s._replace(at=s.at[::-1]), dy)),
    wrong(unfold, "unfold-channels-fastest", "for each channel the kernel; for each number of it the channels", "loss",
          forward=lambda right, x, **o: (lambda y, s: (_channels_fastest(y, len(s.at)), s))(*right(x, **o))),
    swap(unfold, "unfold-border", "a border of zeros; of what stands at the edge", column="loss",
         padded=lambda x, widths, mode: _padding.padded(x, widths, "replicate")),
]  # fmt: skip


def _count(s: Any, dy: Any) -> Any:
    """How many columns meet at each number of y."""
    wide = _padding.padded(np.zeros_like(dy), s.widths, "zeros")
    for tap in s.at:
        wide[tap] += 1
    return _padding.unpadded(wide, s.widths, "zeros")


def _rows_for_columns(x: Any, r: int) -> Any:
    """Of a square of pixels, rows for columns; x is (N, C r², H, W)."""
    N, C, H, W = x.shape
    return x.reshape(N, C // (r * r), r, r, H, W).swapaxes(2, 3).reshape(x.shape)


def _pixels_together(x: Any, r: int) -> Any:
    """The channels of a pixel follow each other; x is (N, C r², H, W)."""
    N, C, H, W = x.shape
    return x.reshape(N, C // (r * r), r * r, H, W).swapaxes(1, 2).reshape(x.shape)


PIXELS = [
    wrong(pixel_shuffle, "pixel_shuffle-rows-for-columns", "channel r i + j is in row i; in column i",
          backward=lambda right, s, dy: _rows_for_columns(right(s, dy), s.upscale_factor)),
    wrong(pixel_shuffle, "pixel_shuffle-channels-back", "the r² channels of one follow each other; those of a pixel do",
          backward=lambda right, s, dy: _pixels_together(right(s, dy), s.upscale_factor)),
    wrong(pixel_shuffle, "pixel_shuffle-reshaped", "pixels put back; the old shape for numbers as they stand",
          backward=lambda right, s, dy: dy.reshape(right(s, dy).shape)),
    wrong(pixel_shuffle, "pixel_shuffle-value-rows-for-columns", "channel r i + j is in row i; in column i", "loss",
          forward=lambda right, x, **o: right(_rows_for_columns(x, o.get("upscale_factor", 2)), **o)),
    wrong(pixel_unshuffle, "pixel_unshuffle-rows-for-columns", "row i is in channel r i + j; column i",
          backward=lambda right, s, dy: right(s, _rows_for_columns(dy, s.downscale_factor))),
    wrong(pixel_unshuffle, "pixel_unshuffle-reshaped", "pixels put back; the old shape for numbers as they stand",
          backward=lambda right, s, dy: dy.reshape(right(s, dy).shape)),
    wrong(pixel_unshuffle, "pixel_unshuffle-channels", "the r² channels of one follow each other; those of a pixel do",
          "loss", forward=lambda right, x, **o: (lambda y, s: (_pixels_together(y, s.downscale_factor), s))(
              *right(x, **o))),
    wrong(pixel_unshuffle, "pixel_unshuffle-value-reshaped", "a square becomes channels; what stands in a row", "loss",
          forward=lambda right, x, **o: (lambda y, s: (x.reshape(y.shape), s))(*right(x, **o))),
]  # fmt: skip

SHUFFLED = [
    wrong(channel_shuffle, "channel_shuffle-again", "channels in their groups again; dealt out once more",
          backward=lambda right, s, dy: channel_shuffle_forward(dy, groups=s.groups)[0]),
    wrong(channel_shuffle, "channel_shuffle-not-back", "channels in their groups again; as they stand",
          backward=lambda right, s, dy: dy),
    wrong(channel_shuffle, "channel_shuffle-groups", "C channels in g groups; in C / g", "loss",
          forward=lambda right, x, *, groups: (
              right(x, groups=x.shape[1] // groups)[0], right(x, groups=groups)[1])),
    _value(channel_shuffle, "channel_shuffle-turned", "dealt out; each group from its end",
           lambda x, *, groups: np.flip(x.reshape(len(x), groups, x.shape[1] // groups, *x.shape[2:]), 2).reshape(
               x.shape)),
]  # fmt: skip

channel_shuffle_forward = channel_shuffle.forward


# ---------------------------------------------------------------- resizing
def _normalised(saved: Any, dy: Any) -> Any:
    """What each place of x was given in all is made one."""
    means = [m.T / np.where(m.sum(axis=1) == 0, 1, m.sum(axis=1)) for m in saved.matrices]
    return wrong_pooling._pooling.along_axes(dy, means)


def _heaviest_alone(saved: Any, dy: Any) -> Any:
    """All of dy goes to the place that weighs most."""
    nearest = [(np.arange(len(m))[:, None] == np.argmax(m, axis=0)).astype(m.dtype) for m in saved.matrices]
    return wrong_pooling._pooling.along_axes(dy, [m.T for m in nearest])


def _first_copies(saved: Any, dy: Any) -> Any:
    firsts = [m * (np.add.accumulate(m, axis=1) == 1) for m in saved.matrices]
    return wrong_pooling._pooling.along_axes(dy, [m.T for m in firsts])


def _turned_weights(saved: Any, dy: Any) -> Any:
    """Along each axis from the other end of y."""
    return wrong_pooling._pooling.along_axes(dy, [m.T[::-1] for m in saved.matrices])


linear_beyond, bicubic_taps = upsample_linear.beyond, upsample_bicubic._taps

RESIZED = [
    swap(upsample_nearest, "upsample_nearest-first-copy", "the sum over the copies; the first", backward=_first_copies),
    swap(upsample_nearest, "upsample_nearest-turned", "each copy's own dy; that from the other end",
         backward=_turned_weights),
    wrong(upsample_nearest, "upsample_nearest-mode", "the left edge or the centre, as asked; the other", "loss",
          forward=lambda right, x, *, mode="nearest", **o: right(
              x, mode="nearest" if mode == "nearest-exact" else "nearest-exact", **o)),
    swap(upsample_linear, "upsample_linear-normalised", "the weights, transposed; made to sum to one again",
         backward=_normalised),
    swap(upsample_linear, "upsample_linear-nearest", "the weights, transposed; all to the nearer place",
         backward=_heaviest_alone),
    swap(upsample_linear, "upsample_linear-weights-exchanged", "1 − λ for the place below; λ", column="loss",
         beyond=lambda axis, x: 1 - linear_beyond(axis, x)),
    swap(upsample_bicubic, "upsample_bicubic-normalised", "the weights, transposed; made to sum to one again",
         backward=_normalised),
    swap(upsample_bicubic, "upsample_bicubic-nearest", "the weights, transposed; all to the heaviest place",
         backward=_heaviest_alone),
    swap(upsample_bicubic, "upsample_bicubic-taps-turned", "w(1 + λ) is the weight of the first place; of the last",
         column="loss", _taps=lambda t, a: bicubic_taps(t, a)[::-1]),
    swap(upsample_bicubic, "upsample_bicubic-linear", "four places; the two inner ones", column="loss",
         _taps=lambda t, a: [0 * t, 1 - t, t, 0 * t]),
]  # fmt: skip


# ---------------------------------------------------------------- pooling
def _of_means(x: Any, **options: Any) -> Any:
    return adaptive_avg_pool.forward(x, output_size=options.get("output_size", 1))[0]


def _sum_of_windows(saved: Any, dy: Any) -> Any:
    return wrong_pooling._pooling.along_axes(dy, [m.T for m in saved.sums])


def _once(saved: Any, dy: Any) -> Any:
    """Of the windows that a place is in, the first alone."""
    firsts = [m * (np.add.accumulate(m, axis=1) == 1) for m in saved.sums]
    return wrong_pooling._pooling.along_axes(dy / saved.divisor, [m.T for m in firsts])


def _whole_sums(saved: Any, dy: Any) -> Any:
    return right_lp(saved._replace(divisor=saved.full), dy)


right_lp = lp_pool.backward

POOLED = [
    swap(avg_pool, "avg_pool-sum", "dy over the places of the window; dy", backward=_sum_of_windows),
    swap(avg_pool, "avg_pool-once", "every window that has a place; the first", backward=_once),
    wrong(avg_pool, "avg_pool-padding", "padding counts where it is asked to; where not", "loss",
          forward=lambda right, x, *, count_include_pad=True, **o: right(
              x, count_include_pad=not count_include_pad, **o)),
    swap(adaptive_avg_pool, "adaptive_avg_pool-sum", "dy over the places of the window; dy", backward=_sum_of_windows),
    swap(adaptive_avg_pool, "adaptive_avg_pool-once", "every window that has a place; the first", backward=_once),
    swap(adaptive_max_pool, "adaptive_max_pool-assigned", "windows that overlap add up; the last overwrites",
         backward=wrong_pooling._assigned),
    swap(adaptive_max_pool, "adaptive_max_pool-to-each", "equals share dy, where they share; each has all of it",
         backward=wrong_pooling._to_each),
    _other(adaptive_max_pool, "adaptive_max_pool-first", "equals share dy where it is asked for; the first has it",
           "gradient", ties="first"),
    _value(adaptive_max_pool, "adaptive_max_pool-mean", "the largest of a window; its mean", _of_means),
    swap(lp_pool, "lp_pool-sum", "over y^(p−1); dy as for a sum", backward=lambda saved, dy: right_lp(
        saved._replace(y=np.ones_like(saved.y)), dy)),
    swap(lp_pool, "C21-lp_pool-whole-window", "a clipped window counts K / n times; once", backward=_whole_sums),
    wrong(lp_pool, "lp_pool-no-root", "the root of the sum; the sum", "loss", forward=lambda right, x, *, norm_type=2,
          **o: (lambda y, s: (np.power(y, norm_type), s))(*right(x, norm_type=norm_type, **o))),
]  # fmt: skip


# ---------------------------------------------------------------- tables, and products of two inputs
def _hot(change: Part) -> Part:
    """change(on, off, s, dy) of the two gradients."""
    return lambda right, s, dy: (None, one_hot.Params(*(np.asarray(d, dy.dtype) for d in change(
        *right(s, dy)[1], s, dy))))  # fmt: skip


def _rows_assigned(right: Part, s: Any, dy: Any) -> Any:
    dW = np.zeros_like(s.W)
    dW[s.x] = dy if s.padding_idx is None else np.where((s.x == s.padding_idx)[..., None], 0, dy)
    return None, embedding.Params(dW)


def _padding_read_as_zero(p: Any, x: Any, *, padding_idx: Any = None, **options: Any) -> Any:
    return p.W[x] if padding_idx is None else np.where((x == padding_idx)[..., None], 0, p.W[x])


TABLES = [
    wrong(one_hot, "one_hot-on-everywhere", "on is in y once for each x; everywhere",
          backward=_hot(lambda on, off, s, dy: (on + off, off))),
    wrong(one_hot, "one_hot-off-everywhere", "off is in y where on is not; everywhere",
          backward=_hot(lambda on, off, s, dy: (on, on + off))),
    wrong(one_hot, "one_hot-exchanged", "on where k = x; off", backward=_hot(lambda on, off, s, dy: (off, on))),
    wrong(one_hot, "one_hot-mean", "a sum over all x; the mean",
          backward=_hot(lambda on, off, s, dy: (on / max(1, s.hot.sum()), off / max(1, (~s.hot).sum())))),
    wrong(one_hot, "one_hot-from-one", "classes are counted from 0; from 1", "loss",
          forward=lambda right, p, x, *, num_classes: right(p, (x - 1) % num_classes, num_classes=num_classes)),
    wrong(embedding, "C25-embedding-assigned", "what comes to one row is added up; the last is written",
          backward=_rows_assigned),
    wrong(embedding, "embedding-mean", "what comes to one row is added up; its mean",
          backward=lambda right, s, dy: right(s._replace(scale_grad_by_freq=True), dy)),
    wrong(embedding, "embedding-frequency-ignored", "over how often a row is named, where asked; never",
          backward=lambda right, s, dy: right(s._replace(scale_grad_by_freq=False), dy)),
    wrong(embedding, "embedding-padding-trained", "the padding row has no gradient; as any other",
          backward=lambda right, s, dy: right(s._replace(padding_idx=None), dy)),
    wrong(embedding, "embedding-padding-first", "the row that is named is padding; row 0 is, always",
          backward=lambda right, s, dy: right(s._replace(padding_idx=0), dy)),
    _value(embedding, "embedding-padding-zero", "the padding row is read as any other; as zeros",
           _padding_read_as_zero),
]  # fmt: skip


def _bilinear(*, dx: Part | None = None, dz: Part | None = None, dW: Part | None = None, db: Part | None = None,
              ) -> Part:  # fmt: skip
    """Each of the saved values, dy with its leading axes as one, and what is right."""

    def backward(right: Part, s: Any, dy: Any) -> Any:
        of_inputs, of_parameters = right(s, dy)
        rows = dy.reshape(len(s.u), len(s.W))
        wholes = (*of_inputs, *of_parameters)
        new = [d if part is None or d is None else part(s, rows, d).reshape(d.shape)
               for part, d in zip((dx, dz, dW, db), wholes, strict=True)]  # fmt: skip
        return tuple(new[:2]), bilinear.Params(*new[2:])

    return backward


BILINEAR = [
    wrong(bilinear, "bilinear-exchanged", "dW_kij has x_i z_j; in the order of z_j x_i",
          backward=_bilinear(dW=lambda s, rows, d: d.swapaxes(1, 2))),
    wrong(bilinear, "bilinear-mean", "a sum over rows; the mean",
          backward=_bilinear(dW=lambda s, rows, d: d / max(1, len(rows)))),
    wrong(bilinear, "bilinear-bias-mean", "a sum over rows; the mean",
          backward=_bilinear(db=lambda s, rows, d: d / max(1, len(rows)))),
    wrong(bilinear, "E05-bilinear", "each output's own sum; the sum of all",
          backward=_bilinear(db=lambda s, rows, d: np.full_like(d, d.sum()))),
    wrong(bilinear, "bilinear-right-not-turned", "x_i meets W_kij; in the shape of its transpose",
          backward=_bilinear(dz=lambda s, rows, d: np.einsum("nk,kji,ni->nj", rows, _turned(s.W), s.x.reshape(
              len(rows), s.W.shape[1])))),
    wrong(bilinear, "bilinear-first-output", "all outputs reach x; the first",
          backward=_bilinear(dx=lambda s, rows, d: rows[:, :1] * (s.z.reshape(len(rows), s.W.shape[2]) @ s.W[0].T))),
    wrong(bilinear, "bilinear-right-cut", "both inputs have a gradient; the first",
          backward=_bilinear(dz=lambda s, rows, d: 0 * d)),
]  # fmt: skip

FAULTS = [
    *SUMS, *FACTORS, *POWERS, *EXTREMES, *LOGADDEXP, *ANGLES, *MATMUL, *WHERE, *CLIP, *INDEXED, *JOINED, *SLICED,
    *PADDED, *MOVED, *COPIED, *SHAPED, *TRIANGLES, *ORDERED, *RUNNING, *MEDIAN, *STANDARDISED, *COLUMNS, *PIXELS,
    *SHUFFLED, *RESIZED, *POOLED, *TABLES, *BILINEAR,
]  # fmt: skip
