"""Truncates what goes into matrix products to ten bits of mantissa, as TensorFloat-32 does."""

import msgspec
import numpy as np

from backproof.adapters.base import Trace
from backproof.adapters.reference import Reference
from backproof.cases import Problem
from backproof.reference import Array


def truncate(values: dict[str, Array]) -> dict[str, Array]:
    return {n: _truncated(x) if x.dtype.kind == "f" and x.ndim == 2 else x for n, x in values.items()}


def _truncated(x: Array) -> Array:
    mantissa, exponent = np.frexp(x)
    return np.ldexp(np.trunc(mantissa * 2**11) / 2**11, exponent).astype(x.dtype)


class Broken(Reference):
    def gradients(self, problem: Problem) -> Trace:
        return super().gradients(
            msgspec.structs.replace(problem, inputs=truncate(problem.inputs), parameters=truncate(problem.parameters))
        )
