"""Dies without a word, after forking a child that keeps its pipes open."""

import os
import sys
import time

from backproof.adapters.base import Trace
from backproof.adapters.reference import Reference
from backproof.cases import Problem


class Broken(Reference):
    def gradients(self, problem: Problem) -> Trace:
        if problem.case == "trigger":
            if os.fork() == 0:
                time.sleep(600)
            print("last words", file=sys.stderr, flush=True)
            os._exit(3)
        return super().gradients(problem)
