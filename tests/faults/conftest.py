"""The bench, shared by every test here: expectations are worked out once, before anything is planted."""

import pytest

from .bench import Bench, Score
from .planting import Fault


class Scores:
    """Each fault is scored once, by whichever test asks first."""

    def __init__(self, bench: Bench) -> None:
        self.bench = bench
        self._known: dict[str, Score] = {}

    def __call__(self, fault: Fault) -> Score:
        if fault.id not in self._known:
            self._known[fault.id] = self.bench.score(fault)
        return self._known[fault.id]


@pytest.fixture(scope="session")
def bench() -> Bench:
    return Bench()


@pytest.fixture(scope="session")
def scores(bench: Bench) -> Scores:
    return Scores(bench)
