"""The reference as an implementation like any other: it answers through the same door."""

import numpy as np

from ..cases.problem import Check, Problem
from ..cases.solving import solve
from ..reference import Array
from ..reference.arithmetic.precision import PRECISIONS
from .base import Adapter, Description, Trace


class Reference(Adapter):
    """NumPy, by hand. NumPy has no bfloat16 and float16 of its own speed and kind: they are simulated by rounding."""

    name = "reference"

    def describe(self) -> Description:
        return Description(self.name, np.__version__, list(PRECISIONS), {"low_precision": "simulated"})

    def gradients(self, problem: Problem) -> Trace:
        return _solve(problem, "gradients")

    def updates(self, problem: Problem) -> Trace:
        return _solve(problem, "updates")

    def training(self, problem: Problem) -> Trace:
        return _solve(problem, "training")


def _solve(problem: Problem, check: Check) -> Trace:
    if problem.precision in ("float64", "float32"):
        return solve(problem, check)
    from ..reference.arithmetic import low_precision

    def simulated(x: Array) -> Array:
        return low_precision.array(x, problem.precision)

    dtype = PRECISIONS[problem.precision].dtype
    return {name: np.asarray(y).astype(dtype) for name, y in solve(problem, check, simulated).items()}
