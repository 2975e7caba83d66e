"""Where correct implementations differ by design: each choice decides a number in some case, and each framework passes
one in which its own choice does. `lint` sees to it that ordinary cases name their choices."""

import importlib
from collections import defaultdict
from collections.abc import Iterator, Sequence
from functools import cache
from typing import Any

import numpy as np
import pytest

from backproof.adapters import runner
from backproof.adapters.base import Answer, Asked, Traced
from backproof.adapters.reference import Reference
from backproof.adapters.session import LocalSession, ProcessSession, Session
from backproof.cases import Case, Check, Problem, catalogue
from backproof.cases.choices import Decided, conventions, decided
from backproof.reference import operations
from backproof.reports.cache import expectation
from backproof.reports.judge import judge
from backproof.reports.record import DIFFERS

SLOW = ("real/",)  # nothing in them is new
TABLES = {
    "pytorch": ("pytorch_operations", "pytorch_optimizers"),
    "jax": ("jax_operations", "flax_operations", "jax_optimizers"),
}
OUT_OF_REACH = {
    ("pytorch", "radam.at_threshold"): "ρ is never exactly 5, the only threshold that PyTorch has, for any β₂",
    ("jax", "sgd.first_step"): "Optax's trace has no dampening, and so no first step without it",
}
"""What a framework has fixed, and no input that it takes can show."""


@cache
def shown() -> dict[tuple[str, str], list[tuple[Case, Decided]]]:
    """(operation, option) -> the cases that name a choice which decides numbers."""
    found = defaultdict(list)
    for case in catalogue():
        if not case.name.startswith(SLOW):
            for choice in decided(case.problem("float64"), named=True):
                found[choice.op, choice.option].append((case, choice))
    return found


OPTIONS = [(op, *option) for op in operations.names(*operations.KINDS) for option in conventions(op).items()]


@pytest.mark.parametrize(("op", "option", "choices"), OPTIONS, ids=[f"{op}.{option}" for op, option, _ in OPTIONS])
def test_every_choice_decides_a_number_somewhere(op: str, option: str, choices: tuple[Any, ...]) -> None:
    there = {choice.choice for _, choice in shown()[op, option]}
    slope = isinstance(choices[0], float)  # any number would do: two of them show that it is a choice
    assert len(there) > 1 if slope else there >= set(choices)
    assert choices[0] in there


def test_a_case_away_from_the_kink_shows_no_choice() -> None:
    stems = {case.stem.rpartition("/")[2] for case, _ in shown()["relu", "at_zero"]}
    assert "relu_at_zero" in stems
    assert "relu" not in stems


def fixed(framework: str) -> dict[str, Any]:
    """What the framework has fixed of conventions, and not of what it lacks: operation.option -> choice."""
    tables = [importlib.import_module(f"backproof.adapters.{table}").CONVENTIONS for table in TABLES[framework]]
    return {
        f"{op}.{option}": choice
        for table in tables
        for op, choices in table.items()
        for option, choice in choices.items()
        if option in conventions(op)
    }


@pytest.fixture(scope="module", params=TABLES)
def session(request: pytest.FixtureRequest) -> Iterator[ProcessSession]:
    pytest.importorskip({"pytorch": "torch", "jax": "flax"}[request.param])
    it = runner.implementation(request.param)
    session = ProcessSession(it.command, it.name, timeout=120)
    yield session
    session.close()


@pytest.mark.frameworks
def test_every_framework_passes_what_tells_its_own_choice_from_the_others(session: ProcessSession) -> None:
    silent = {}
    for name, choice in fixed(session.name).items():
        own = [(case, found) for case, found in shown()[*name.split(".")] if found.choice == choice]
        others = {other for _, found in own for other in found.others}
        for case, found in own:
            others -= told_apart(session, case, found) if others else set()
        if others or not own:
            silent[name] = others
    assert silent.keys() == {name for framework, name in OUT_OF_REACH if framework == session.name}, silent


class Stubborn(LocalSession):
    """Answers another question than it is asked."""

    def __init__(self, instead: Problem) -> None:
        super().__init__(Reference())
        self.instead = instead

    def ask(self, _: Problem, check: Check) -> Answer:
        return super().ask(self.instead, check)


def test_only_who_has_the_choice_tells_it_from_the_others() -> None:
    case, found = shown()["relu", "at_zero"][0]
    assert told_apart(LocalSession(Reference()), case, found) == found.others.keys() != set()
    for other in found.others.values():
        assert told_apart(Stubborn(other), case, found) == set()


def told_apart(session: Session, case: Case, choice: Decided) -> set[Any]:
    """The other choices that the judge would not take for this one, by a tensor on which the framework agrees."""
    apart = set()
    for precision in case.file.precisions:
        if apart == choice.others.keys():
            break
        problem = case.problem(precision)
        same = [found for found in decided(problem, named=True) if found[:3] == choice[:3]]
        for check in problem.checks:
            agreed = judged(session.ask(problem, check), case, precision, check, ("exact", "within"))
            for found in same if agreed else []:
                for other, changed in found.others.items():
                    answer = LocalSession(Reference()).ask(changed, check)
                    if agreed & judged(answer, case, precision, check, DIFFERS):
                        apart.add(other)
    return apart


def judged(answer: Answer, case: Case, precision: str, check: Check, verdicts: Sequence[str]) -> set[str]:
    """The tensors of an answer with one of these verdicts."""
    if not isinstance(answer, Traced):
        return set()
    with np.errstate(all="ignore"):
        rows = judge("it", Asked(case.name, precision, check, answer), expectation(case, precision))
        return {row.tensor for row in rows if row.verdict in verdicts}
