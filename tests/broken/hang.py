"""Never answers."""

import os
import time
from pathlib import Path

from backproof.adapters.base import Trace
from backproof.adapters.reference import Reference
from backproof.cases import Problem


class Broken(Reference):
    def gradients(self, problem: Problem) -> Trace:
        if problem.case == "trigger":
            if "TELL_PID" in os.environ:
                Path(os.environ["TELL_PID"]).write_text(str(os.getpid()))
            time.sleep(600)
        return super().gradients(problem)
