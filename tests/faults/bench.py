"""Ask wrong implementations the catalogue's questions, and let the judge decide."""

from collections import defaultdict
from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from backproof.adapters.base import Asked, Trace, Traced
from backproof.adapters.reference import Reference
from backproof.adapters.session import LocalSession
from backproof.cases import Case, Check, Problem, catalogue
from backproof.reports import cache, judge
from backproof.reports.diagnosis.evidence import own_copy
from backproof.reports.expect import Expectation
from backproof.reports.faults.planting import Fault, Patches, planted
from backproof.reports.record import BROKE, DIFFERS, CheckName, Row

PRECISIONS = ("float64", "float32")
SLOW = ("real/",)  # larger than the rest together, and nothing in them is new
EVERYWHERE = {"linear", "identity", "network", "sgd", "training"}  # in nearly every case, below what it is about
ABOUT_THEM = (
    "seed/",
    "basics/",
    "penalties/",
    "around/",
    "schedules/",
    "layers/add",
    "layers/concatenate",
    "layers/residual",
    "layers/batch_norm",
)


class Question(NamedTuple):
    """A case at one precision, with what is expected of it."""

    case: Case
    problem: Problem
    expectation: Expectation

    @property
    def precision(self) -> str:
        return self.problem.precision


class Score(NamedTuple):
    """What became of one fault."""

    caught: dict[str, dict[str, set[CheckName]]]  # precision -> case -> columns that differ
    broke: dict[str, set[str]]  # precision -> cases that it did not survive
    allclose: set[str]  # cases where numpy.allclose, as it comes, would have seen it in float64

    def columns(self, precision: str) -> set[CheckName]:
        """Every column that shows the fault."""
        return set().union(*self.caught[precision].values())


class Bench:
    """Every question of the catalogue, worked out from the right reference, when it is first asked for."""

    def __init__(self) -> None:
        self.cases = [case for case in catalogue() if not case.name.startswith(SLOW)]
        self._known: dict[tuple[str, str], Question] = {}

    def questions(self, *operations: str) -> list[Question]:
        """Those in which a mistake in one of these operations could show. Nothing may be planted meanwhile."""
        cases = [case for case in self.cases if not _operations(case).isdisjoint(operations)]
        if EVERYWHERE.issuperset(operations):
            cases = [case for case in cases if case.name.startswith(ABOUT_THEM)]
        return [self._question(c, p) for c in cases for p in PRECISIONS if p in c.file.precisions]

    def _question(self, case: Case, precision: str) -> Question:
        key = (case.name, precision)
        if key not in self._known:
            self._known[key] = Question(case, case.problem(precision), cache.expectation(case, precision))
        return self._known[key]

    def score(self, fault: Fault) -> Score:
        """The fault, on every case that uses its operation: all of them in float64, in float32 until it is caught."""
        score = Score(defaultdict(dict), defaultdict(set), set())
        for question in self.questions(fault.operation):
            if self._enough(fault, score, question):
                continue
            name = question.case.name
            for rows, seen in answers(fault, question):
                columns = {row.check for row in rows if row.verdict in DIFFERS}
                if columns:
                    score.caught[question.precision].setdefault(name, set()).update(columns)
                if any(row.verdict in BROKE for row in rows):
                    score.broke[question.precision].add(name)
                if seen:
                    score.allclose.add(name)
        return score

    @staticmethod
    def _enough(fault: Fault, score: Score, question: Question) -> bool:
        """Float32 only needs to show the fault once, where float64 shows it too."""
        known = question.case.name in score.caught["float64"]
        return question.precision == "float32" and known and fault.column in score.columns("float32")


def _operations(case: Case) -> set[str]:
    """What a case uses, "network" and "training" among it."""
    wide = {"network"} if case.file.network else set()
    wide |= {"training"} if case.file.training or case.file.optimizer else set()
    return wide | set(case.operations)


def answers(fault: Fault, question: Question) -> Iterator[tuple[list[Row], bool]]:
    """The judge's rows for each check, and whether numpy.allclose would have said no."""
    for check in question.problem.checks:
        answer = ask(fault.plant(), question, check)
        rows = judged(question, answer)
        # A fault that returns another dtype by accident would be caught for the wrong reason.
        assert all(row.verdict != "dtype" for row in rows), f"{fault.id} changes the dtype"
        told = question.precision == "float64" and isinstance(answer.answer, Traced)
        seen = told and seen_by_allclose(answer.answer.trace, question, check)
        yield rows, seen


def ask(patches: Patches, question: Question, check: Check) -> Asked:
    """What the reference answers with these functions replaced."""
    with planted(patches):
        answer = LocalSession(Reference()).ask(own_copy(question.problem), check)
    return Asked(question.case.name, question.precision, check, answer)


def judged(question: Question, asked: Asked) -> list[Row]:
    """The verdicts."""
    with np.errstate(over="ignore"):  # the ulps of an error that is far too large
        return list(judge.judge("fault", asked, question.expectation))


def seen_by_allclose(trace: Trace, question: Question, check: Check) -> bool:
    """Whether numpy.allclose, with the tolerances that it comes with, would have said no."""

    def close(name: str, truth: np.ndarray) -> bool:
        try:
            return name in trace and np.allclose(trace[name], truth, rtol=1e-5, atol=1e-8, equal_nan=True)
        except ValueError:  # shapes that do not even broadcast
            return False

    with np.errstate(all="ignore"):
        return not all(close(name, wanted.value) for name, wanted in question.expectation.checks[check].items())
