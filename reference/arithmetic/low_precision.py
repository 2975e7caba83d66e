"""Low precision, simulated: float64 arrays that are rounded after every operation, with sums in a chosen order.

What honest programs really do, one order of summation at a time. It shows that the tolerances admit them, it runs the
reference in bfloat16, which NumPy cannot add up, and it proves that the exact tier is exact.

    forward    first to last, products fused with the addition      (a naive loop with multiply-add)
    backward   last to first, products rounded
    pairwise   halves, and halves of halves                         (NumPy, XLA)
    blocked    eight interleaved sums, then their sum               (vector registers)
"""

import math
from typing import Any, Literal, TypeAlias, get_args

import numpy as np

from .. import Array
from .array import Quantity, wrap
from .precision import PRECISIONS, Precision

Order: TypeAlias = Literal["forward", "backward", "pairwise", "blocked"]
ORDERS: tuple[Order, ...] = get_args(Order)


def array(values: Array, precision: str, order: Order = "pairwise") -> Quantity:
    """Floats as numbers of this precision, held in float64."""
    rules = LowPrecision(PRECISIONS[precision], order)
    return wrap(rules.precision.round(values.astype(np.float64)), rules)


class LowPrecision:
    """The rules: round after every operation; sums have the accumulator's precision until they are stored."""

    def __init__(self, precision: Precision, order: Order) -> None:
        self.precision = precision
        self.order = order
        wide = PRECISIONS["float32"] if precision.accumulator_u == PRECISIONS["float32"].u else precision
        self.accumulator = wide

    def elementwise(self, ufunc: np.ufunc, inputs: list[Any]) -> Array:
        """See `Rules`."""
        inputs = [self.constant(x) if isinstance(x, float) else x for x in inputs]
        with np.errstate(over="ignore"):
            result = np.asarray(ufunc(*inputs))
            return self.precision.round(result) if result.dtype.kind == "f" else result

    def reduce(self, ufunc: np.ufunc, values: Array, axis: Any, keepdims: bool) -> Array:
        """See `Rules`."""
        if ufunc is not np.add:
            return self.precision.round(np.asarray(ufunc.reduce(values, axis=axis, keepdims=keepdims)))
        axes = range(values.ndim) if axis is None else np.atleast_1d(axis) % values.ndim
        kept = [a for a in range(values.ndim) if a not in axes]
        shape = math.prod(values.shape[a] for a in axes), *(values.shape[a] for a in kept)
        terms = values.transpose([*axes, *kept]).reshape(shape)  # (k, ...)
        total = self.precision.round(self._sum(terms))
        return np.expand_dims(total, tuple(axes)) if keepdims else total

    def accumulate(self, ufunc: np.ufunc, values: Array, axis: int) -> Array:
        """See `Rules`."""
        wide = self.accumulator if ufunc is np.add else self.precision
        result = np.moveaxis(values, axis, 0).copy()
        for k in range(1, len(result)):
            result[k] = wide.round(np.asarray(ufunc(result[k - 1], result[k])))
        return np.moveaxis(self.precision.round(result), 0, axis)

    def scatter(self, total: Array, index: Any, values: Array) -> None:
        """See `Rules`. One after the other, in the order of the index or against it."""
        spots = np.arange(total.size).reshape(total.shape)[index]
        flat, terms = total.reshape(-1).copy(), np.broadcast_to(values, spots.shape).reshape(-1)
        spots = spots.reshape(-1)
        turn = -1 if self.order == "backward" else 1
        for spot, term in zip(spots[::turn], terms[::turn], strict=True):
            flat[spot] = self.accumulator.round(np.asarray(flat[spot] + term))
        total[...] = self.precision.round(flat.reshape(total.shape))

    def choose(self, function: Any, values: Array, axis: int | None) -> Array:
        """See `Rules`."""
        kind = {"kind": "stable"} if function is np.argsort else {}
        return np.asarray(function(values, axis=axis, **kind))

    def product(self, left: Array, right: Array) -> Array:
        """See `Rules`."""
        products = np.moveaxis(left[..., None] * right[..., None, :, :], -2, 0)  # (k, ..., N, K)
        if self.order != "forward":
            products = self.accumulator.round(products)
        return self.precision.round(self._sum(products))

    def constant(self, x: float) -> float:
        """See `Rules`."""
        return float(self.precision.round(np.asarray(x)))

    def gather(self, result: Array) -> Array:
        """See `Rules`."""
        return self.precision.round(result.astype(np.float64))

    def _sum(self, terms: Array) -> Array:
        """The sum over the first axis, rounded to the accumulator after each addition."""
        if len(terms) == 0:
            return np.zeros(terms.shape[1:])
        if self.order == "pairwise":
            while len(terms) > 1:
                even = terms[: len(terms) // 2 * 2]
                terms = np.concatenate([self.accumulator.round(even[::2] + even[1::2]), terms[len(even) :]])
            return self.accumulator.round(terms[0])
        if self.order == "blocked" and len(terms) > 8:
            lanes = np.stack([self._in_turn(terms[lane::8]) for lane in range(8)])
            return self._in_turn(lanes)
        return self._in_turn(terms[::-1] if self.order == "backward" else terms)

    def _in_turn(self, terms: Array) -> Array:
        total = self.accumulator.round(terms[0])
        for term in terms[1:]:
            total = self.accumulator.round(total + term)
        return total
