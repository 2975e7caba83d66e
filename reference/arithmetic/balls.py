"""Balls: numbers with a rigorous radius (Arb, through python-flint; Johansson 2017). A true value is in its ball.

An array of balls is an array of objects. Sums and products of balls are their own operators; functions call the ball's
method; a comparison that the balls cannot decide raises `Undecided`, and more bits may decide it.
"""

import math
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any

import flint
import numpy as np
from flint import arb, arb_mat
from scipy.special import erf, erfc, expit, xlog1py, xlogy

from .. import Array
from .array import Quantity, wrap


class Undecided(ArithmeticError):
    """Two balls overlap: at this precision nobody knows which is larger."""


@contextmanager
def precision(bits: int) -> Iterator[None]:
    """Compute with this many bits."""
    before = flint.ctx.prec
    flint.ctx.prec = bits
    try:
        yield
    finally:
        flint.ctx.prec = before


class Balls:
    """The rules of ball arithmetic. They keep no state: the precision is python-flint's."""

    def array(self, values: Array) -> Quantity:
        """Floats of any precision as balls of radius zero."""
        return wrap(_balls(values.astype(np.float64)), self)

    def elementwise(self, ufunc: np.ufunc, inputs: list[Any]) -> Array:
        """See `Rules`."""
        if ufunc in COMPARE:
            arrays = inputs if len(inputs) == 2 else [_balls(x) for x in inputs]
            return np.asarray(_lifted(COMPARE[ufunc], len(inputs))(*arrays)).astype(bool)
        if ufunc in FUNCTIONS:
            return _array(_lifted(FUNCTIONS[ufunc], len(inputs))(*(_balls(x) for x in inputs)))
        if ufunc in OPERATORS:
            return _array(ufunc(*inputs))
        raise TypeError(f"balls have no rule for {ufunc.__name__}: add one to the tables in balls.py")

    def reduce(self, ufunc: np.ufunc, values: Array, axis: Any, keepdims: bool) -> Array:
        """See `Rules`."""
        if ufunc in OPERATORS:
            return _balls(ufunc.reduce(values, axis=axis, keepdims=keepdims))  # an empty sum is the int 0
        axes = tuple(range(values.ndim)) if axis is None else axis if isinstance(axis, tuple) else (axis,)
        for one in axes:  # NumPy reduces over several axes only by functions of its own
            values = _array(_lifted(FUNCTIONS[ufunc], 2).reduce(values, axis=one, keepdims=True))
        return values if keepdims else values.squeeze(axes)

    def accumulate(self, ufunc: np.ufunc, values: Array, axis: int) -> Array:
        """See `Rules`."""
        lifted = ufunc if ufunc in OPERATORS else _lifted(FUNCTIONS[ufunc], 2)
        return _balls(lifted.accumulate(_balls(values), axis=axis))

    def scatter(self, total: Array, index: Any, values: Array) -> None:
        """See `Rules`."""
        total[...] = _balls(total)  # zeros_like fills with the int 0, and not every place may be named
        np.add.at(total, index, _balls(values))

    def choose(self, function: Callable[..., Any], values: Array, axis: int | None) -> Array:
        """See `Rules`. The middles choose, and the balls must agree.

        Raises Undecided where two overlap without being the same.
        """
        kind = {"kind": "stable"} if function is np.argsort else {}
        chosen = np.asarray(function(midpoints(values), axis=axis, **kind))
        if axis is None:
            values, axis, chosen_in = values.reshape(-1), 0, chosen.reshape(-1)
        else:
            chosen_in = chosen if function is np.argsort else np.expand_dims(chosen, axis)
        found = np.take_along_axis(values, chosen_in, axis)
        below, above = (values, found) if function is np.argmax else (found, values)
        if function is np.argsort:
            ordered = np.moveaxis(found, axis, 0)
            below, above = ordered[:-1], ordered[1:]
        _lifted(_certainly_ordered, 2)(below, above)
        return chosen

    def product(self, left: Array, right: Array) -> Array:
        """See `Rules`."""
        left, right = (x if x.dtype == object else _balls(x) for x in (left, right))
        batch = np.broadcast_shapes(left.shape[:-2], right.shape[:-2])
        n, k, m = left.shape[-2], left.shape[-1], right.shape[-1]
        count = math.prod(batch)
        lefts = np.broadcast_to(left, (*batch, n, k)).reshape(count, n * k)
        rights = np.broadcast_to(right, (*batch, k, m)).reshape(count, k * m)
        result = np.empty((count, n * m), dtype=object)
        for row, a, b in zip(result, lefts, rights, strict=True):
            row[:] = (arb_mat(n, k, a.tolist()) * arb_mat(k, m, b.tolist())).entries()
        return result.reshape(*batch, n, m)

    def constant(self, x: float) -> float:
        """See `Rules`. Balls hold it as it is."""
        return x

    def gather(self, result: Array) -> Array:
        """See `Rules`."""
        return _balls(result)


def midpoints(balls: Array) -> Array:
    """The middle of each ball, rounded to float64; a plain 0, as zeros_like has it, is one too."""
    return np.asarray(_lifted(_middle, 1)(_balls(np.asarray(balls))), dtype=np.float64)


def radii(balls: Array) -> Array:
    """How far the truth may lie from `midpoints`, rounded up; infinite where a ball holds NaN."""
    return np.asarray(_lifted(_radius, 1)(_balls(np.asarray(balls))), dtype=np.float64)


def _middle(x: Any) -> float:
    return float(x.mid())


def _radius(x: Any) -> float:
    """|x − float(mid x)| at most: the ball's radius and the rounding of its middle, apart from the last half ulp."""
    if x.is_nan() or not x.rad().is_finite():
        return float("inf")
    return 0.0 if not x.is_finite() else float(x.rad()) * (1 + 2.0**-50)


# ---------------------------------------------------------------- functions of balls
def _log(x: Any) -> Any:
    return arb.neg_inf() if x == 0 else x.log()


def _log1p(x: Any) -> Any:
    return arb.neg_inf() if x == -1 else x.log1p()


def _divide(x: Any, y: Any) -> Any:
    if y == 0 and (x > 0 or x < 0):
        return arb.pos_inf() if x > 0 else arb.neg_inf()
    return x / y


def _larger(x: Any, y: Any) -> Any:
    return x if x >= y else y if y >= x else x.max(y)


def _smaller(x: Any, y: Any) -> Any:
    return x if x <= y else y if y <= x else x.min(y)


def _logaddexp(x: Any, y: Any) -> Any:
    """ln(e^x + e^y) = max + ln(1 + e^−|x − y|)."""
    low, high = _smaller(x, y), _larger(x, y)
    return high if low == arb.neg_inf() else high + (low - high).exp().log1p()


def _expit(x: Any) -> Any:
    """1 / (1 + e^-x); below zero e^x / (1 + e^x), so that no exponential overflows."""
    if x < 0:
        e = x.exp()
        return e / (1 + e)
    return 1 / (1 + (-x).exp())


def _power(x: Any, y: Any) -> Any:
    """x^y; a whole y is a product, so that a negative x has one."""
    return x ** int(y.unique_fmpz()) if y.unique_fmpz() is not None and y.rad() == 0 else x**y


def _whole(step: Any, x: Any) -> Any:
    if step.is_finite() and step.rad() != 0:
        raise Undecided(f"the whole number beside {x}")
    return step


def _nearest(x: Any) -> Any:
    """The nearest whole number, of two the even one."""
    above = _whole((x + 0.5).floor(), x)
    odd = above.is_finite() and above != 2 * (above / 2).floor()
    return above - 1 if odd and above == x + 0.5 else above


def _decided(certain: Callable[[Any, Any], bool], opposite: Callable[[Any, Any], bool]) -> Callable[[Any, Any], bool]:
    def compare(x: Any, y: Any) -> bool:
        if certain(x, y):
            return True
        if opposite(x, y):
            return False
        raise Undecided(f"{x} against {y}")

    return compare


def _equal(x: Any, y: Any) -> bool:
    return x is y or bool(x == y)  # a ball is one number: itself, however wide


def _unequal(x: Any, y: Any) -> bool:
    return bool(x != y)


def _greater(x: Any, y: Any) -> bool:
    return bool(x > y)


def _at_least(x: Any, y: Any) -> bool:
    return bool(x >= y)


def _certainly_ordered(x: Any, y: Any) -> bool:
    if x is not y and not x <= y:  # a ball overlaps itself, and is one number all the same
        raise Undecided(f"{x} against {y}")
    return True


OPERATORS = {np.add, np.subtract, np.multiply, np.negative, np.absolute, np.square}
FUNCTIONS: dict[np.ufunc, Callable[..., Any]] = {
    np.true_divide: _divide,
    np.maximum: _larger,
    np.minimum: _smaller,
    np.logaddexp: _logaddexp,
    np.exp: arb.exp,
    np.expm1: arb.expm1,
    np.log: _log,
    np.log1p: _log1p,
    np.sqrt: arb.sqrt,
    np.tanh: arb.tanh,
    np.sinh: arb.sinh,
    np.cosh: arb.cosh,
    np.sin: arb.sin,
    np.cos: arb.cos,
    np.arctan: arb.atan,
    np.arctan2: arb.atan2,
    np.hypot: lambda x, y: (x * x + y * y).sqrt(),
    np.reciprocal: lambda x: _divide(arb(1), x),
    np.sign: lambda x: x if x.is_nan() else x.sgn(),
    np.floor: lambda x: _whole(x.floor(), x),
    np.ceil: lambda x: _whole(x.ceil(), x),
    np.rint: _nearest,
    np.power: _power,
    erf: arb.erf,
    erfc: arb.erfc,
    expit: _expit,
    xlogy: lambda x, y: arb(0) if x == 0 and not y.is_nan() else x * _log(y),
    xlog1py: lambda x, y: arb(0) if x == 0 and not y.is_nan() else x * _log1p(y),
}
COMPARE: dict[np.ufunc, Callable[..., bool]] = {
    np.isnan: lambda x: bool(x.is_nan()),
    np.isinf: lambda x: not x.is_finite() and not x.is_nan(),
    np.isfinite: lambda x: bool(x.is_finite()),
    np.greater: _decided(_greater, lambda x, y: _at_least(y, x)),
    np.greater_equal: _decided(_at_least, lambda x, y: _greater(y, x)),
    np.less: _decided(lambda x, y: _greater(y, x), _at_least),
    np.less_equal: _decided(lambda x, y: _at_least(y, x), _greater),
    np.equal: _decided(_equal, _unequal),
    np.not_equal: _decided(_unequal, _equal),
}


@cache
def _lifted(function: Callable[..., Any], inputs: int) -> np.ufunc:
    """A function of balls as a ufunc over arrays of objects."""
    lifted: np.ufunc = np.frompyfunc(function, inputs, 1)
    return lifted


def _balls(values: Any) -> Array:
    """Numbers of any kind as an array of balls."""
    return _array(_lifted(arb, 1)(values))


def _array(values: Any) -> Array:
    """An array of objects, also where NumPy has unwrapped a single one."""
    if isinstance(values, np.ndarray):
        return values
    single = np.empty((), dtype=object)
    single[()] = values
    return single
