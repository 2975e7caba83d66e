"""How an arithmetic takes part in NumPy: an array that hands every operation to its rules.

The reference calls ufuncs, reductions, matmul and a few array functions. NumPy asks the array's class about each
(`__array_ufunc__`, NEP 13; `__array_function__`, NEP 18); this class sorts them into three questions, which the
rules of an arithmetic answer on plain arrays.
"""

from collections.abc import Callable
from typing import Any, Protocol

import numpy as np

from .. import Array

# Array functions that only move numbers, and drop a subclass or put in ints: computed on plain arrays, then wrapped.
PLAIN_INSIDE = (np.where, np.concatenate, np.pad, np.zeros_like, np.full_like)
# Those that choose by size: a branch that the program takes.
CHOOSE = (np.argmax, np.argmin, np.argsort)


class Rules(Protocol):
    """One arithmetic: what becomes of an operation on plain arrays."""

    def elementwise(self, ufunc: np.ufunc, inputs: list[Any]) -> Array:
        """ufunc of the inputs; a boolean result is a branch that the program takes."""

    def reduce(self, ufunc: np.ufunc, values: Array, axis: Any, keepdims: bool) -> Array:
        """The sum, the maximum … over axes."""

    def product(self, left: Array, right: Array) -> Array:
        """The matrix product, batched over leading axes as matmul does."""

    def accumulate(self, ufunc: np.ufunc, values: Array, axis: int) -> Array:
        """The running sum or product along an axis."""

    def scatter(self, total: Array, index: Any, values: Array) -> None:
        """total[index] += values, with an index that may name a place more than once."""

    def choose(self, function: Callable[..., Any], values: Array, axis: int | None) -> Array:
        """Which is the largest (argmax) or the smallest (argmin) along an axis, the first of equals; or their order."""

    def constant(self, x: float) -> float:
        """A Python number as this arithmetic has it."""

    def gather(self, result: Array) -> Array:
        """Make the result of a PLAIN_INSIDE function, which may hold Python numbers, a plain array of this kind."""


class Quantity(np.ndarray[Any, np.dtype[Any]]):
    """An array of some arithmetic's numbers. Comparisons give plain boolean arrays."""

    rules: Rules

    def __array_finalize__(self, obj: Any) -> None:
        if isinstance(obj, Quantity):
            self.rules = obj.rules

    def __array_ufunc__(self, ufunc: np.ufunc, method: str, *inputs: Any, **kwargs: Any) -> Any:
        rules = self.rules
        values = [x.view(np.ndarray) if isinstance(x, Quantity) else x for x in inputs]
        if method == "__call__":
            result = rules.product(*values) if ufunc is np.matmul else rules.elementwise(ufunc, values)
            if not kwargs:
                return result if result.dtype == bool else wrap(result, rules)
        elif method == "reduce":
            result = rules.reduce(ufunc, values[0], kwargs.get("axis", 0), bool(kwargs.get("keepdims", False)))
        elif method == "accumulate":
            result = rules.accumulate(ufunc, values[0], kwargs.get("axis", 0))
        elif method == "at" and ufunc is np.add:
            rules.scatter(*values)
            return None
        else:
            raise TypeError(f"{ufunc.__name__}.{method} has no rule in this arithmetic")
        if result.dtype == bool:
            return result
        if kwargs.get("out") and kwargs["out"][0] is not None:
            plain(kwargs["out"][0])[...] = result
            return kwargs["out"][0]
        return wrap(result, rules)

    def __array_function__(self, function: Callable[..., Any], types: Any, args: Any, kwargs: Any) -> Any:
        if function in PLAIN_INSIDE:
            given = {name: self._inside(value) for name, value in kwargs.items()}
            result = function(*(self._inside(value) for value in args), **given)
            return wrap(self.rules.gather(result), self.rules)
        if function in CHOOSE:
            usual = -1 if function is np.argsort else None
            axis = kwargs.get("axis", args[1] if len(args) > 1 else usual)
            return self.rules.choose(function, plain(args[0]), axis)
        return super().__array_function__(function, types, args, kwargs)

    def _inside(self, value: Any) -> Any:
        """An argument of a PLAIN_INSIDE function: a constant among them is one of this arithmetic."""
        return self.rules.constant(value) if type(value) is float else plain_inside(value)


def wrap(values: Any, rules: Rules) -> Quantity:
    """Plain numbers as an array of this arithmetic; a scalar becomes an array of shape ()."""
    if not isinstance(values, np.ndarray):
        scalar = np.empty((), dtype=object if not isinstance(values, np.generic) else values.dtype)
        scalar[()] = values
        values = scalar
    quantity: Quantity = values.view(Quantity)
    quantity.rules = rules
    return quantity


def plain(value: Any) -> Any:
    """A Quantity as the plain array beneath it, without a copy; anything else as it is."""
    return value.view(np.ndarray) if isinstance(value, Quantity) else value


def plain_inside(value: Any) -> Any:
    """`plain`, also for the members of a list or tuple of arrays."""
    return [plain(v) for v in value] if isinstance(value, list | tuple) else plain(value)
