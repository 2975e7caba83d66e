"""Noise: float64 arrays that err, in every operation, as honest hardware of another precision may.

Stochastic arithmetic (Vignes 1974; Parker 1997) with a model of the error instead of random rounding. The spread of
the results over some runs is how far honest programs lie from each other and from the truth: a tolerance.

    elementwise    x (1 + c u ξ), ξ uniform on (−1, 1): c = 1 for + − × ÷ √, for functions the number of ulps in the
                   table below; nothing for what is exact: negation, absolute value, maximum, minimum, a mask as factor
    a sum of k     whatever the order of summation: variance  u²/3 ((k/3) s² + (k/6) q),  s the sum, q the sum of the
                   squared terms, u the accumulator's; then one rounding to storage where that is another precision
    a product      the same with q = (A∘A)(B∘B), and q u²/3 once more for the rounding of the products themselves;
                   what is added right after (a bias) may have been in the accumulator all along, as in BLAS's gemm
    a constant     such as 0.1, which the precision cannot represent, is rounded like everything else

Comparisons are branches. Each one taken is noted, so that a run in which noise flips one can be told.
"""

import math
from collections.abc import Callable
from functools import cache, partial
from typing import Any

import numpy as np
from scipy.special import erf, erfc, expit, xlog1py, xlogy

from .. import Array
from .array import Quantity, wrap
from .precision import Precision

# Ulps that a conforming library may err: the OpenCL 3.0 C specification, section 7.4, table "ulp values for single
# precision". A function that it does not list has the sum over the functions that it is composed of.
ULPS: dict[np.ufunc, float] = {
    np.add: 1, np.subtract: 1, np.multiply: 1, np.true_divide: 1, np.sqrt: 1, np.square: 1, np.reciprocal: 1,
    np.sin: 4, np.cos: 4, np.arctan: 5, np.power: 16, erf: 16, erfc: 16,
    np.exp: 3, np.expm1: 3, np.log: 3, np.log1p: 2, np.tanh: 5, np.sinh: 4, np.cosh: 4,
    np.logaddexp: 7,  # exp, log1p, and the addition of the larger
    expit: 5,         # exp, addition, division
    xlogy: 4,         # log, multiplication
    np.hypot: 4, np.arctan2: 6,
    xlog1py: 3,       # log1p, multiplication
}  # fmt: skip
BOUNDS: dict[np.ufunc, tuple[float, float]] = {  # no library rounds beyond these
    np.tanh: (-1, 1), expit: (0, 1), np.sin: (-1, 1), np.cos: (-1, 1), erf: (-1, 1), erfc: (0, 2),
}  # fmt: skip
EXACT = {np.negative, np.absolute, np.maximum, np.minimum, np.sign, np.copysign}
BRANCHES = {
    np.greater, np.greater_equal, np.less, np.less_equal, np.equal, np.not_equal,
    np.isnan, np.isinf, np.isfinite, np.rint, np.floor, np.ceil,
}  # fmt: skip


MASK = np.dtype(bool)
DRAWN = 1024  # random numbers at a time
SQRT3 = math.sqrt(3)  # a uniform deviate on (−√3, √3) has variance 1


def _root(total: Callable[..., Array], *factors: Array) -> Array:
    """√q, q the sum of the squared terms; each factor is scaled to at most 1 before it is squared."""
    sizes = [max(float(np.max(np.abs(x), initial=0.0)), np.finfo(np.float64).tiny) for x in factors]
    scaled = [x / size if math.isfinite(size) else x for x, size in zip(factors, sizes, strict=True)]
    root: Array = np.sqrt(total(*(x * x for x in scaled)))
    for size in sizes:
        root = root * size if math.isfinite(size) else root
    return root


@cache
def _exact(x: float, dtype: np.dtype[Any]) -> bool:
    """Whether the precision has this number, or it is none."""
    return not math.isfinite(x) or float(dtype.type(x)) == x


class Noise:
    """One run: the error of each operation is drawn from the seed's stream; without a seed there is none."""

    def __init__(self, precision: Precision, seed: int | None) -> None:
        self.precision = precision
        self.random = None if seed is None else np.random.default_rng(seed)
        self.branches: list[bytes] = []
        self._drawn, self._used = np.empty(0), 0
        self._product: tuple[Array, int, Array, Array] | None = None  # the latest: result, k, √q, deviation

    def array(self, values: Array) -> Quantity:
        """Floats of any precision as noisy ones. They are inputs, and err not yet."""
        return wrap(values.astype(np.float64), self)

    def elementwise(self, ufunc: np.ufunc, inputs: list[Any]) -> Array:
        """See `Rules`."""
        inputs = [self.constant(x) if isinstance(x, float) else x for x in inputs]
        result: Array = ufunc(*inputs)
        ulps = ULPS.get(ufunc)
        if ulps is None:
            if ufunc in BRANCHES:
                self.branches.append(result.tobytes())
            elif ufunc not in EXACT:
                raise TypeError(f"noise has no rule for {ufunc.__name__}: add its ulps to the table in noise.py")
            return result
        if ufunc is np.multiply and any(getattr(x, "dtype", None) is MASK for x in inputs):
            return result
        if ufunc is np.add and self._product:
            addends = [x for x in inputs if getattr(x, "base", None) is not self._product[0]]
            if len(addends) == 1:
                result = self._accumulated(result, np.asarray(addends[0]))
        erring = self._err(result, ulps * self.precision.u)
        return np.clip(erring, *BOUNDS[ufunc]) if ufunc in BOUNDS else erring

    def reduce(self, ufunc: Any, values: Array, axis: Any, keepdims: bool) -> Array:
        """See `Rules`."""
        reduce = partial(ufunc.reduce, axis=axis, keepdims=keepdims)
        result = np.asarray(reduce(values))
        terms = values.size // max(result.size, 1)
        if ufunc is np.add:
            return self._summed(result, terms, lambda: _root(reduce, values), 0)
        if ufunc in EXACT:
            return result
        return self._err(result, ULPS[ufunc] * self.precision.u * max(terms - 1, 0))

    def accumulate(self, ufunc: Any, values: Array, axis: int) -> Array:
        """See `Rules`. The running result errs anew at each step, as it does in hardware."""
        if self.random is None or ufunc in EXACT:
            return np.asarray(ufunc.accumulate(values, axis=axis))
        result = np.moveaxis(values, axis, 0).copy()
        for k in range(1, len(result)):
            size = ULPS[ufunc] * (self.precision.accumulator_u if ufunc is np.add else self.precision.u)
            result[k] = self._err(np.asarray(ufunc(result[k - 1], result[k])), size)
        if self.precision.accumulator_u != self.precision.u and ufunc is np.add:
            result[1:] = self._err(result[1:], self.precision.u)  # the first is no sum
        return np.moveaxis(result, 0, axis)

    def scatter(self, total: Array, index: Any, values: Array) -> None:
        """See `Rules`. Each place holds a sum of as many terms as the index names it, and of what it held before."""
        terms, squares = np.where(total == 0, 0.0, 1.0), np.square(total)
        np.add.at(total, index, values)
        np.add.at(terms, index, np.ones_like(values))
        np.add.at(squares, index, np.square(values))
        if self.random is not None:
            spread = np.hypot(np.sqrt(terms / 3) * total, np.sqrt(terms / 6) * np.sqrt(squares))
            several = np.where(terms > 1, spread, 0)
            total += self.precision.accumulator_u * several * self._uniform(total.shape)
            if self.precision.accumulator_u != self.precision.u:
                total[...] = np.where(terms > 1, self._err(total, self.precision.u), total)

    def choose(self, function: Any, values: Array, axis: int | None) -> Array:
        """See `Rules`."""
        kind = {"kind": "stable"} if function is np.argsort else {}
        chosen = np.asarray(function(values, axis=axis, **kind))
        self.branches.append(chosen.tobytes())
        return chosen

    def product(self, left: Array, right: Array) -> Array:
        """See `Rules`."""
        s, k = left @ right, left.shape[-1]
        if self.random is None or k == 0:
            return s
        root = _root(np.matmul, left, right)
        result = self._summed(s, k, lambda: root, 1)
        self._product = (result, k, root, self._deviation(s, k, root))
        return result

    def _accumulated(self, total: Array, addend: Array) -> Array:
        """A product and an addend, with the error that adding the addend first may have made beyond what s has."""
        assert self._product
        _, k, root, had = self._product
        with np.errstate(invalid="ignore", divide="ignore"):
            has = self._deviation(total, k + 1, np.hypot(root, addend))
            more = np.where(has > had, has * np.sqrt(1 - np.square(had / has)), 0)
        erring: Array = total + SQRT3 * more * self._uniform(total.shape)
        return erring

    def gather(self, result: Array) -> Array:
        """See `Rules`."""
        return result

    def _summed(self, s: Array, k: int, root: Callable[[], Array], products: int) -> Array:
        """s with the error of a sum of k terms, whose squares sum to q = root²; `products` counts q once more."""
        if self.random is None or k == 0:
            return s
        p = self.precision
        if k > 1:
            s = s + SQRT3 * self._deviation(s, k, root(), products) * self._uniform(s.shape)
        elif products:
            s = self._err(s, p.accumulator_u)
        return self._err(s, p.u) if p.accumulator_u != p.u else s

    def _deviation(self, s: Array, k: int, root: Array, products: int = 1) -> Array:
        """The standard deviation of a sum, by hypot: squares of what floats can hold may overflow or vanish."""
        spread: Array = np.hypot(math.sqrt(k / 3) * s, math.sqrt(k / 6 + products) * root)
        return self.precision.accumulator_u / SQRT3 * spread

    def _err(self, x: Array, size: float) -> Array:
        if self.random is None:
            return x
        result: Array = x * (1 + size * self._uniform(x.shape))
        return result

    def constant(self, x: float) -> float:
        """See `Rules`. A number that the precision cannot represent is off by its rounding."""
        if self.random is None or _exact(x, self.precision.dtype):
            return x
        return x * (1 + self.precision.u * float(self._uniform(())))

    def _uniform(self, shape: tuple[int, ...]) -> Array:
        """Numbers from (−1, 1), drawn many at a time: most arrays are small."""
        assert self.random is not None
        count = math.prod(shape)
        if self._used + count > len(self._drawn):
            self._drawn, self._used = self.random.uniform(-1, 1, max(DRAWN, count)), 0
        self._used += count
        return self._drawn[self._used - count : self._used].reshape(shape)
