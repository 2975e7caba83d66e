"""The smallest case that still shows a difference, found by taking out what can be taken out."""

import json
import time
from collections.abc import Callable
from typing import Any, TypeAlias

import msgspec
import numpy as np

from .adapters.base import Asked, Description
from .adapters.session import Session
from .candidates import WAYS, Way
from .cases import Case, CaseError, Check
from .fitting import SHAPED, arrays_of, fit, is_array, plain
from .reports import judge
from .reports.expect import expect
from .reports.record import DIFFERS, Row

Fails: TypeAlias = Callable[[Case], bool]
"""Whether a case still shows what it should. False, or a CaseError, for one that cannot be judged."""

DIGITS = 17  # of a number that fills the whole mantissa
SIMPLE = {"whole": 2, "integers": 2}  # digits that a drawn number of these counts


def shrink(case: Case, fails: Fails, seconds: float = 20.0) -> Case:
    """The smallest case that was found to fail within the time; `case` itself if none is smaller.

    Each candidate is built in float64 and asked once. The same case comes of the same one, time allowing. The result
    bears the last part of the case's name where it fails under that as well: then a file of that name holds it.
    """
    search = _Search(fails, time.monotonic() + seconds)
    best = begin = search.begin(case)
    while not search.late():
        before = best
        for way in WAYS:
            best = search.along(way, best)
        if best is before:
            break
    return case if best is begin else best


def size(case: Case) -> tuple[int, int, int, int]:
    """What smaller means: fewer operations, then fewer numbers, then fewer options, then fewer digits.

    Raises CaseError for a case that cannot be built.
    """
    problem, table = case.problem("float64"), plain(case)
    rule = problem.optimizer
    around = [rule.schedule, rule.clip, rule.average, rule.accumulation, rule.loss_scale, *rule.groups] if rule else []
    heads = [layer for layer in problem.network if layer.op != "identity"]
    training = problem.training
    operations = len(heads) + len(problem.penalties) + sum(it is not None for it in (problem.loss, rule, *around))
    steps = sum(len(epoch) for epoch in training.batches) if training else 0
    elements = sum(array.size for array in arrays_of(problem)) + steps
    return operations + len(problem.checks), elements, _options(table), _digits(table)


def failing(session: Session, precision: str, check: Check, row: Row) -> Fails:
    """Whether an implementation still differs as in this row of its answer to a check: in the same column.

    An implementation that broke must do so by the same kind of error. Raises CaseError as `expect` does.
    """
    return lambda case: differing(session, precision, check, row, case) is not None


def differing(session: Session, precision: str, check: Check, like: Row, case: Case) -> Row | None:
    """The row of a case in which the implementation differs as in the given one, or None."""
    problem = case.problem(precision)
    if check not in problem.checks:
        return None
    asked = Asked(case.name, precision, check, session.ask(problem, check))
    alone = msgspec.structs.replace(problem, checks=[check])
    expectation = expect(alone, exact=case.file.exact, nonfinite=case.file.nonfinite)
    if expectation.ill_posed:
        return None
    described = session.describe()
    offered = described.tensors if isinstance(described, Description) else ["*"]
    rows = judge.judge(like.implementation, asked, expectation, offered=offered)
    return next((row for row in rows if _alike(row, like)), None)


def told(case: Case, row: Row) -> Case:
    """The case with words that say what was found, and in what precision."""
    where = f" at {row.index}" if row.index else ""
    numbers = f"{where}: expected {row.expected}, got {row.actual}" if row.index is not None else f": {row.reason}"
    file = msgspec.structs.replace(
        case.file,
        question=f"Is {row.tensor or row.check} right?",
        because=f"{row.implementation} in {row.precision}: {row.verdict}{numbers}",
        precisions=[row.precision],
    )
    return Case(case.name, case.path, file)


def _alike(row: Row, like: Row) -> bool:
    if like.verdict in DIFFERS:
        return row.verdict in DIFFERS and row.check == like.check
    return row.verdict == like.verdict and row.reason.partition(":")[0] == like.reason.partition(":")[0]


# ---------------------------------------------------------------- the search
class _Search:
    """What has been tried, and how long it may go on."""

    def __init__(self, fails: Fails, end: float) -> None:
        self.fails, self.end = fails, end
        self.tried: set[str] = set()

    def late(self) -> bool:
        return time.monotonic() > self.end

    def begin(self, case: Case) -> Case:
        """The case without words about it, under a name that a file alone can have, if it fails so too."""
        case = fit(case, plain(case))
        short = Case(case.stem.rpartition("/")[2], case.path, case.file)
        return short if short.name != case.name and self._still(short) else case

    def along(self, way: Way, best: Case) -> Case:
        """Take one way for as long as it leads on."""
        while (better := self._first(way, best)) is not None:
            best = better
        return best

    def _first(self, way: Way, best: Case) -> Case | None:
        """The first candidate that is smaller and fails, or None."""
        at_most = size(best)
        for table in way(plain(best), best.problem("float64")):
            if self.late():
                return None
            content = json.dumps(table, sort_keys=True, default=str)
            if content in self.tried:
                continue
            self.tried.add(content)
            try:
                candidate = fit(best, table)
                if size(candidate) < at_most and self._still(candidate):
                    return candidate
            except CaseError:
                continue
        return None

    def _still(self, case: Case) -> bool:
        try:
            return self.fails(case)
        except CaseError:
            return False


# ---------------------------------------------------------------- how large it is
def _options(value: Any) -> int:
    """How many keys there are, that of an array's kind not counted."""
    if isinstance(value, dict):
        return len(value) - is_array(value) + sum(map(_options, value.values()))
    return sum(map(_options, value)) if isinstance(value, list) else 0


def _digits(value: Any) -> int:
    """How many digits one must read, those of numbers that are drawn included."""
    if isinstance(value, dict):
        drawn = next((kind for kind in SHAPED if kind in value), "")
        if "array" in value and "file" in value:
            return 10**6
        own = int(np.prod(value[drawn])) * SIMPLE.get(drawn, DIGITS) if drawn else 0
        return own + sum(_digits(inner) for key, inner in value.items() if key != drawn)
    if isinstance(value, list):
        return sum(map(_digits, value))
    if isinstance(value, bool) or not isinstance(value, int | float):
        return 0
    return len(repr(float(value)).replace(".", "").strip("-0"))
