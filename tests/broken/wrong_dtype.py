"""Answers one tensor in float32 whatever was asked."""

import numpy as np

from backproof.adapters.base import Trace
from backproof.adapters.reference import Reference
from backproof.cases import Problem


class Broken(Reference):
    def gradients(self, problem: Problem) -> Trace:
        trace = super().gradients(problem)
        return trace | {"gradient.x": trace["gradient.x"].astype(np.float32)}
