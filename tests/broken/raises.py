"""Raises an exception."""

from backproof.adapters.base import Trace
from backproof.adapters.reference import Reference
from backproof.cases import Problem


class Broken(Reference):
    def gradients(self, problem: Problem) -> Trace:
        if problem.case == "trigger":
            raise RuntimeError("no such kernel\nand a second line")
        return super().gradients(problem)
