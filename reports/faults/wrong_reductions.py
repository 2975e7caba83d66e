"""Mistakes in what makes one number of many: sums, products, extremes, variances, norms, running sums."""

# ruff: noqa: ARG005 - each part takes what the right one takes, and leaves out what it gets wrong

from types import ModuleType
from typing import Any

import numpy as np

from ...reference.layers import cumprod, cumsum, logmeanexp, logsumexp, max, mean, min, norm, prod, std, sum, var
from ...reference.layers._axes import count, kept, numbered
from .planting import Fault, Part, wrong


def _name(of: ModuleType) -> str:
    return of.__name__.rpartition(".")[2]


def _value(of: ModuleType, id: str, says: str, value: Part) -> Fault:
    """value(x, axis), which keeps the axes, beside the right gradient."""

    def forward(right: Part, x: Any, *, axis: Any = None, keepdims: bool = False, **options: Any) -> Any:
        y = value(x, axis, **options).astype(x.dtype)
        return y if keepdims else y.squeeze(axis), right(x, axis=axis, keepdims=keepdims, **options)[1]

    return wrong(of, id, says, "loss", forward=forward)


def _gradient(of: ModuleType, id: str, says: str, gradient: Part) -> Fault:
    """gradient(dy, x, y, axis, **options), in which dy and y have the axes that were reduced."""

    def forward(right: Part, x: Any, *, axis: Any = None, keepdims: bool = False, **options: Any) -> Any:
        y, _ = right(x, axis=axis, keepdims=keepdims, **options)
        return y, (x, y, axis, options)

    def backward(right: Part, saved: Any, dy: Any) -> Any:
        x, y, axis, options = saved
        dx = gradient(kept(dy, x.shape, axis), x, kept(y, x.shape, axis), axis, **options)
        return np.broadcast_to(dx, x.shape).astype(x.dtype)

    return wrong(of, id, says, forward=forward, backward=backward)


def _option(name: str, change: Part, default: Any) -> Part:
    return lambda right, *a, **o: right(*a, **(o | {name: change(o.get(name, default))}))


def _sum(x: Any, axis: Any) -> Any:
    return x.sum(axis=axis, keepdims=True)


def _places(x: Any, axis: Any, last: bool) -> Any:
    """Where, along the axes that are reduced, the first stands, or the last."""
    here = np.ones(x.shape, dtype=bool)
    for a in numbered(axis, x.ndim):
        along = np.indices(x.shape)[a]
        here &= along == (x.shape[a] - 1 if last else 0)
    return here


def _usual(of: ModuleType) -> list[Fault]:
    """What happens to every reduction."""
    name = _name(of)
    return [
        wrong(of, f"C05-{name}", "dy times the slope; the slope",
              backward=lambda right, saved, dy: right(saved, np.ones_like(dy))),
        _gradient(of, f"{name}-doubled", "the slope once; twice, for two uses", lambda dy, x, y, axis, **o: 2 * dy)
        if of is sum
        else _gradient(of, f"{name}-slope-of-sum", "each has its own slope; dy, as for a sum",
                       lambda dy, x, y, axis, **o: dy),
    ]  # fmt: skip


SUMS = [
    _gradient(sum, "sum-slope-of-mean", "dy for each; dy / n", lambda dy, x, y, axis: dy / count(x.shape, axis)),
    _gradient(sum, "sum-first-alone", "dy for each; for the first alone",
              lambda dy, x, y, axis: np.where(_places(x, axis, False), dy, 0)),
    _gradient(sum, "sum-times-input", "dy for each; x dy", lambda dy, x, y, axis: dy * x),
    _value(sum, "sum-mean", "the sum; the mean", lambda x, axis: _sum(x, axis) / count(x.shape, axis)),
    _value(sum, "sum-all-but-last", "the sum; without the last", lambda x, axis: _sum(
        np.where(_places(x, axis, True), 0, x), axis)),
    _gradient(mean, "mean-over-everything", "dy over what was reduced; over everything",
              lambda dy, x, y, axis: dy / x.size),
    _gradient(mean, "mean-over-batch", "dy over what was reduced; over rows", lambda dy, x, y, axis: dy / len(x)),
    _value(mean, "mean-less-one", "over n; over n − 1", lambda x, axis: _sum(x, axis) / (count(x.shape, axis) - 1)),
    _value(mean, "mean-sum", "the mean; the sum", _sum),
]  # fmt: skip


def _all_tied(dy: Any, x: Any, y: Any, axis: Any, **options: Any) -> Any:
    return np.where(x == y, dy, 0)


def _shared(dy: Any, x: Any, y: Any, axis: Any, **options: Any) -> Any:
    return np.where(x == y, dy / _sum(x == y, axis), 0)


def _last_tied(dy: Any, x: Any, y: Any, axis: Any, **options: Any) -> Any:
    last = x == y
    for a in numbered(axis, x.ndim):
        last &= np.flip(np.add.accumulate(np.flip(last, a), axis=a, dtype=int), a) == 1
    return np.where(last, dy, 0)


EXTREMES = [
    fault
    for of, best, other in ((max, np.max, np.min), (min, np.min, np.max))
    for fault in (
        _gradient(of, f"{_name(of)}-all-tied", "dy is shared, or goes to the first; all of it goes to each", _all_tied),
        _gradient(of, f"{_name(of)}-always-shared", "who gets dy is chosen; it is shared always", _shared),
        _gradient(of, f"{_name(of)}-last-tied", "dy is shared, or goes to the first; to the last", _last_tied),
        _gradient(of, f"{_name(of)}-of-everything", "the extreme of its own axis; of everything",
                  lambda dy, x, y, axis, best=best, **o: np.where(x == (best(x) if x.size else 0), dy, 0)),
        _gradient(of, f"{_name(of)}-sign", "dy for the extreme; −dy",
                  lambda dy, x, y, axis, **o: -_shared(dy, x, y, axis)),
        _value(of, f"{_name(of)}-other-end", "the extreme that is asked for; the other",
               lambda x, axis, other=other, **o: other(x, axis=axis, keepdims=True)),
        _value(of, f"{_name(of)}-from-zero", "the extreme of what is there; of that and 0",
               lambda x, axis, best=best, **o: best(x, axis=axis, keepdims=True, initial=0)),
    )
]  # fmt: skip

PRODUCTS = [
    _gradient(prod, "C02-prod-divides", "the product of the others; all of it over x, which is 0/0 at 0",
              lambda dy, x, y, axis: dy * y / x),
    _gradient(prod, "C02-prod-epsilon", "the product of the others; all of it over x + 1e-6",
              lambda dy, x, y, axis: dy * y / (x + 1e-6)),
    _gradient(prod, "C02-prod-none-at-zero", "the product of the others; 0 where x is 0",
              lambda dy, x, y, axis: dy * np.where(x == 0, 0, y / np.where(x == 0, 1, x))),
    _gradient(prod, "C02-prod-logarithms", "the product of the others; e^Σ ln |x| over x",
              lambda dy, x, y, axis: dy * np.exp(_sum(np.log(np.abs(x)), axis)) / x),
    _gradient(prod, "prod-itself", "the product of the others; of all", lambda dy, x, y, axis: dy * y),
    _gradient(prod, "prod-sum-of-others", "the product of the others; their sum",
              lambda dy, x, y, axis: dy * (_sum(x, axis) - x)),
    _value(prod, "prod-logarithms", "a sign of its own; e^Σ ln |x|",
           lambda x, axis: np.exp(_sum(np.log(np.abs(x)), axis))),
    _value(prod, "prod-sum", "the product; the sum", _sum),
]  # fmt: skip


# ---------------------------------------------------------------- running
def _running(of: ModuleType, id: str, says: str, gradient: Part) -> Fault:
    """gradient(dy, x, y, axis)."""

    def forward(right: Part, x: Any, *, axis: int = -1) -> Any:
        y, _ = right(x, axis=axis)
        return y, (x, y, axis)

    def backward(right: Part, saved: Any, dy: Any) -> Any:
        x, y, axis = saved
        return gradient(dy, x, y, axis).astype(x.dtype)

    return wrong(of, id, says, forward=forward, backward=backward)


def _from_here(dy: Any, axis: int) -> Any:
    return np.flip(np.add.accumulate(np.flip(dy, axis), axis=axis), axis)


def _over(y: Any, x: Any) -> Any:
    return np.where(x == 0, 0, y / np.where(x == 0, 1, x))


def _backwards(right: Part, x: Any, *, axis: int = -1) -> Any:
    return np.flip(right(np.flip(x, axis), axis=axis)[0], axis), right(x, axis=axis)[1]


RUNNING = [
    _running(cumsum, "cumsum-not-reversed", "the sum of dy from here on; up to here",
             lambda dy, x, y, axis: np.add.accumulate(dy, axis=axis)),
    _running(cumsum, "cumsum-alone", "the sum of dy from here on; dy", lambda dy, x, y, axis: dy),
    _running(cumsum, "cumsum-without-own", "the sum of dy from here on; from the next on",
             lambda dy, x, y, axis: _from_here(dy, axis) - dy),
    wrong(cumsum, "cumsum-backwards", "the sum up to here; from here on", "loss", forward=_backwards),
    wrong(cumsum, "cumsum-exclusive", "the sum up to here; before it", "loss",
          forward=lambda right, x, **o: (lambda y, s: (y - x, s))(*right(x, **o))),
    wrong(cumsum, "cumsum-flat", "along the axis; through everything", "loss",
          forward=lambda right, x, **o: (np.cumsum(x, dtype=x.dtype).reshape(x.shape), right(x, **o)[1])),
    _running(cumprod, "C02-cumprod-divides", "no division; Σ y dy over x, which is 0/0 at 0",
             lambda dy, x, y, axis: _from_here(y * dy, axis) / x),
    _running(cumprod, "C02-cumprod-none-at-zero", "no division; Σ y dy over x, and 0 where x is 0",
             lambda dy, x, y, axis: _over(_from_here(y * dy, axis), x)),
    _running(cumprod, "cumprod-not-reversed", "Σ y dy from here on; up to here",
             lambda dy, x, y, axis: _over(np.add.accumulate(y * dy, axis=axis), x)),
    _running(cumprod, "cumprod-own-alone", "every product from here on; one's own",
             lambda dy, x, y, axis: _over(y * dy, x)),
    _running(cumprod, "cumprod-not-divided", "Σ y dy over x; Σ y dy",
             lambda dy, x, y, axis: _from_here(y * dy, axis)),
    wrong(cumprod, "cumprod-sum", "the product up to here; the sum", "loss",
          forward=lambda right, x, *, axis=-1: (np.add.accumulate(x, axis=axis), right(x, axis=axis)[1])),
    wrong(cumprod, "cumprod-backwards", "the product up to here; from here on", "loss", forward=_backwards),
]  # fmt: skip


# ---------------------------------------------------------------- spread and size
def _centred(x: Any, axis: Any) -> Any:
    return x - _sum(x, axis) / count(x.shape, axis)


def _variance(x: Any, axis: Any, less: int) -> Any:
    return _sum(np.square(_centred(x, axis)), axis) / (count(x.shape, axis) - less)


def _of_squares(x: Any, axis: Any, correction: int = 1) -> Any:
    n = count(x.shape, axis)
    return (_sum(x * x, axis) - np.square(_sum(x, axis)) / n) / (n - correction)


SPREAD = [
    wrong(var, "E25-var", "n less the correction; n where n − 1 is asked for, n − 1 where n", "loss",
          forward=_option("correction", lambda c: 1 - c, 1)),
    _value(var, "E25-var-always-biased", "n less the correction; n",
           lambda x, axis, **o: _variance(x, axis, 0)),
    _value(var, "var-of-squares", "of deviations; Σ x² / n − (Σ x / n)²", _of_squares),
    _value(var, "var-root", "the variance; its root", lambda x, axis, correction=1: np.sqrt(
        _variance(x, axis, correction))),
    _gradient(var, "var-two", "2 (x − μ) / n; (x − μ) / n",
              lambda dy, x, y, axis, correction=1: dy * _centred(x, axis) / (count(x.shape, axis) - correction)),
    _gradient(var, "var-not-centred", "2 (x − μ) / n; 2x / n",
              lambda dy, x, y, axis, correction=1: dy * 2 * x / (count(x.shape, axis) - correction)),
    _gradient(var, "E25-var-slope", "over n less the correction; over n",
              lambda dy, x, y, axis, **o: dy * 2 * _centred(x, axis) / count(x.shape, axis)),
    wrong(std, "E25-std", "n less the correction; n where n − 1 is asked for, n − 1 where n", "loss",
          forward=_option("correction", lambda c: 1 - c, 1)),
    _value(std, "std-epsilon", "√v; √(v + 1e-5)",
           lambda x, axis, correction=1, **o: np.sqrt(_variance(x, axis, correction) + 1e-5)),
    _value(std, "std-variance", "√v; v", lambda x, axis, correction=1, **o: _variance(x, axis, correction)),
    _gradient(std, "std-slope-of-variance", "(x − μ) / (n √v); 2 (x − μ) / n",
              lambda dy, x, y, axis, correction=1, **o: dy * 2 * _centred(x, axis) / (
                  count(x.shape, axis) - correction)),
    _gradient(std, "std-over-variance", "(x − μ) / (n √v); (x − μ) / (n v)",
              lambda dy, x, y, axis, correction=1, **o: dy * _centred(x, axis) / (
                  (count(x.shape, axis) - correction) * y * y)),
    _gradient(std, "E25-std-slope", "over n less the correction; over n",
              lambda dy, x, y, axis, **o: dy * _centred(x, axis) / (count(x.shape, axis) * y)),
    _gradient(norm, "norm-not-divided", "x over the norm; x", lambda dy, x, y, axis, **o: dy * x),
    _gradient(norm, "norm-two", "x over the norm; 2x", lambda dy, x, y, axis, **o: dy * 2 * x),
    _gradient(norm, "norm-sign", "the sign of x; none",
              lambda dy, x, y, axis, **o: dy * np.abs(x) / np.where(y == 0, 1, y)),
    _gradient(norm, "norm-slope-of-two", "the slope of the norm that is asked for; of ‖x‖₂",
              lambda dy, x, y, axis, **o: dy * x / np.sqrt(_sum(x * x, axis))),
    _gradient(norm, "norm-bounded", "x over the norm; over 1e-6 where that is more",
              lambda dy, x, y, axis, **o: dy * x / np.maximum(y, 1e-6)),
    _value(norm, "norm-always-two", "the norm that is asked for; ‖x‖₂",
           lambda x, axis, **o: np.sqrt(_sum(x * x, axis))),
    _value(norm, "norm-square", "the norm; its square",
           lambda x, axis, **o: _sum(x * x, axis)),
    wrong(norm, "norm-epsilon", "the norm; and 1e-6", "loss",
          forward=lambda right, x, **o: (lambda y, s: (y + x.dtype.type(1e-6), s))(*right(x, **o))),
]  # fmt: skip


# ---------------------------------------------------------------- ln Σ e^x
def _shares(x: Any, axis: Any) -> Any:
    e = np.exp(x - x.max(axis=axis, keepdims=True))
    return e / _sum(e, axis)


LOGSUMEXP = [
    _gradient(logsumexp, "C03-logsumexp", "e^(x − y); e^x / Σ e^x, which overflows",
              lambda dy, x, y, axis, **o: dy * np.exp(x) / _sum(np.exp(x), axis)),
    _gradient(logsumexp, "C03-logsumexp-masked", "0 where x is −∞; 0 · ∞",
              lambda dy, x, y, axis, **o: dy * (np.exp(x - y) + 0 * x)),
    _gradient(logsumexp, "B06-logsumexp", "every share; none where x is 0, as if it were no term",
              lambda dy, x, y, axis, **o: np.where(x == 0, 0, dy * np.exp(x - y))),
    _gradient(logsumexp, "logsumexp-largest-alone", "every share; the largest's alone, as for max",
              lambda dy, x, y, axis, **o: np.where(x == x.max(axis=axis, keepdims=True, initial=-np.inf), dy, 0)),
    _gradient(logsumexp, "logsumexp-not-divided", "e^(x − y); e^(x − max x)",
              lambda dy, x, y, axis, **o: dy * np.exp(x - x.max(axis=axis, keepdims=True, initial=-np.inf))),
    _gradient(logsumexp, "logsumexp-of-everything", "shares of the axes that are reduced; of everything",
              lambda dy, x, y, axis, **o: dy * _shares(x, None) if x.size else dy * x),
    _value(logsumexp, "logsumexp-overflow", "the largest is taken away first; not",
           lambda x, axis, **o: np.log(_sum(np.exp(x), axis))),
    _value(logsumexp, "logsumexp-not-put-back", "the largest is put back; not",
           lambda x, axis, **o: np.log(_sum(np.exp(x - x.max(axis=axis, keepdims=True)), axis))),
    _value(logsumexp, "logsumexp-mean", "ln of the sum; of the mean",
           lambda x, axis, **o: (m := x.max(axis=axis, keepdims=True)) + np.log(
               _sum(np.exp(x - m), axis) / count(x.shape, axis))),
    wrong(logsumexp, "B10-logsumexp", "what the others add to the largest; lost in a sum that rounds to 1", "loss",
          forward=_option("tails", lambda tails: "rounded", "rounded")),
]  # fmt: skip

LOGMEANEXP = [
    _value(logmeanexp, "logmeanexp-sum", "ln of the mean; of the sum", lambda x, axis: (
        m := x.max(axis=axis, keepdims=True)) + np.log(_sum(np.exp(x - m), axis))),
    _value(logmeanexp, "logmeanexp-of-everything", "over what was reduced; over everything", lambda x, axis: (
        m := x.max(axis=axis, keepdims=True)) + np.log(_sum(np.exp(x - m), axis) / x.size)),
    _value(logmeanexp, "logmeanexp-overflow", "the largest is taken away first; not",
           lambda x, axis: np.log(_sum(np.exp(x), axis) / count(x.shape, axis))),
    _gradient(logmeanexp, "logmeanexp-not-divided", "e^(x − y) / n; e^(x − y)",
              lambda dy, x, y, axis: dy * np.exp(x - y)),
    _gradient(logmeanexp, "logmeanexp-divided-twice", "shares that sum to one; to 1 / n",
              lambda dy, x, y, axis: dy * np.exp(x - y) / count(x.shape, axis) ** 2),
]  # fmt: skip

FAULTS = [
    *(fault for of in (sum, mean, max, min, prod, var, std, norm, logsumexp, logmeanexp) for fault in _usual(of)),
    *SUMS, *EXTREMES, *PRODUCTS, *RUNNING, *SPREAD, *LOGSUMEXP, *LOGMEANEXP,
]  # fmt: skip
