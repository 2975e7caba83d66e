"""Computes in float32 behind a float64 interface."""

import msgspec
import numpy as np

from backproof.adapters.base import Trace
from backproof.adapters.reference import Reference
from backproof.cases import Problem
from backproof.reference import Array


def single(values: dict[str, Array]) -> dict[str, Array]:
    return {n: x.astype(np.float32) if x.dtype == np.float64 else x for n, x in values.items()}


class Broken(Reference):
    def gradients(self, problem: Problem) -> Trace:
        less = msgspec.structs.replace(problem, inputs=single(problem.inputs), parameters=single(problem.parameters))
        return {name: value.astype(np.float64) for name, value in super().gradients(less).items()}
