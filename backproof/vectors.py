"""Judge answers that were written down, against vectors: the same judge, record and renderings as for a run."""

import shlex
import tempfile
from pathlib import Path

from .adapters.runner import Implementation
from .api import Result, ask_through
from .reports import answers, vectors
from .reports.journal import read
from .run import Plan, run


def plan(folder: Path, results: Path) -> Plan:
    """How to judge the results: problems and expected values are read from the folder, answers from the results.

    Raises ValueError for a folder that is no export or is damaged, and for results that are nobody's or of several.
    """
    given = vectors.read(folder)
    asked = {(entry.case, entry.precision, check) for entry in given.manifest.entries for check in entry.checks}
    found = answers.read(results, asked)
    again = shlex.join(["backproof", "judge", str(folder), str(results)])
    made = Plan(given.cases, [], expectation=given.expectation, again=lambda *_: again, notes=found.notes)
    ask_through(made, found, Implementation(found.description.name, ()))
    return made


def judge(folder: Path, results: Path) -> Result:
    """What comes of holding the results against the vectors of the folder. Raises what `plan` raises."""
    with tempfile.TemporaryDirectory() as place:
        path = Path(place) / "record.jsonl"
        run(plan(folder, results), path)
        return Result(read(path))
