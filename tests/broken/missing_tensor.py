"""Leaves one tensor out."""

from backproof.adapters.base import Trace
from backproof.adapters.reference import Reference
from backproof.cases import Problem


class Broken(Reference):
    def gradients(self, problem: Problem) -> Trace:
        trace = super().gradients(problem)
        return {name: value for name, value in trace.items() if name != "gradient.x"}
