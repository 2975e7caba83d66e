"""The bench, shared by every test here: expectations are worked out once, before anything is planted."""

import hashlib
import pickle
from pathlib import Path

import pytest

from backproof.reports.faults.planting import Fault

from .bench import Bench, Score


class Scores:
    """Each fault is scored once, by whichever test asks first; what one process of the run has scored serves all."""

    def __init__(self, bench: Bench, shared: Path) -> None:
        self.bench = bench
        self.shared = shared
        self._known: dict[str, Score] = {}

    def __call__(self, fault: Fault) -> Score:
        if fault.id not in self._known:
            file = self.shared / hashlib.sha256(fault.id.encode()).hexdigest()
            if file.is_file():
                self._known[fault.id] = pickle.loads(file.read_bytes())
            else:
                self._known[fault.id] = self.bench.score(fault)
                unfinished = self.shared / f"{file.name}.{id(self)}"
                unfinished.write_bytes(pickle.dumps(self._known[fault.id]))
                unfinished.replace(file)
        return self._known[fault.id]


@pytest.fixture(scope="session")
def bench() -> Bench:
    return Bench()


@pytest.fixture(scope="session")
def scores(bench: Bench, tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Scores:
    own = tmp_path_factory.getbasetemp()
    shared = (own if worker_id == "master" else own.parent) / "scores"
    shared.mkdir(exist_ok=True)
    return Scores(bench, shared)
