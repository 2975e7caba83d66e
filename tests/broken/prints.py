"""Prints, as user code does: from Python, and past it. That is harmless."""

import os

from backproof.adapters.base import Trace
from backproof.adapters.reference import Reference
from backproof.cases import Problem

print("hello from the import")


class Broken(Reference):
    def gradients(self, problem: Problem) -> Trace:
        print('{"kind": "trace", "id": 1, "trace": {}}', flush=True)
        os.write(1, b"straight to the file descriptor\n")
        return super().gradients(problem)
