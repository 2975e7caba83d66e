"""Starts a child process, tells its number as an output, and leaves it behind."""

import subprocess
import sys

import numpy as np

from backproof.adapters.base import Trace
from backproof.adapters.reference import Reference
from backproof.cases import Problem


class Broken(Reference):
    def gradients(self, problem: Problem) -> Trace:
        child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
        return super().gradients(problem) | {"output.pid": np.float64(child.pid)}
