"""An adapter's process that also says how much of its processor time was the framework's own work.

`python metered_worker.py FOLDER SPEC` speaks the protocol as `backproof.adapters.worker SPEC` does. Told to stop, it
leaves two numbers in FOLDER/SPEC.PID.seconds: the framework's own seconds, and those of the whole process. The
framework's own are spent loading the adapter, which imports the framework, and computing; reading questions, writing
answers and starting Python are not.
"""

import os
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from backproof.adapters import worker

spent = 0.0


def metered(function: Callable[..., Any]) -> Callable[..., Any]:
    """The function, with the processor time of all its threads added to `spent`."""

    def run(*arguments: Any) -> Any:
        global spent
        start = time.process_time()
        try:
            return function(*arguments)
        finally:
            spent += time.process_time() - start

    return run


def main() -> None:
    """Serve, then leave the account."""
    folder = Path(sys.argv.pop(1))
    serve = worker.serve

    def serve_and_tell(*arguments: Any) -> None:
        serve(*arguments)
        (folder / f"{sys.argv[1]}.{os.getpid()}.seconds").write_text(f"{spent} {time.process_time()}")

    worker.load, worker.compute = metered(worker.load), metered(worker.compute)
    worker.serve = serve_and_tell
    worker.main()


if __name__ == "__main__":
    main()
