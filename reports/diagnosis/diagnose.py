"""From answers that differ to what went wrong: where, what, and what to do about it.

The smallest answer that differs is looked at first: its place says which operations can be to blame, and each
hypothesis about them is tried on it. Those that account for it are tried on further answers that differ, where the same
operation can be to blame, and on some that agree: who predicts a difference there is contradicted. The answers that the
best one accounts for are settled, and what is left is looked at in the same way; where several mistakes have been
found, together as well.
"""

import itertools
import time
from collections.abc import Collection, Sequence
from functools import partial
from typing import NamedTuple

import numpy as np

from ...cases import Check, Problem
from ..expect import Expected
from .evidence import Failure, close
from .hypotheses import KINDS, Hypothesis, Kind, heads, likely, ranked, together, unlikely
from .place import Place, place

TRIED = 12  # further answers that differ, and as many that agree, on which a hypothesis is tried
KEPT = 3  # hypotheses of a diagnosis
ENOUGH = 8  # hypotheses of the unlikely kind: the smallest answer does not tell more of them apart
SECONDS = 20.0  # of one implementation; what is not looked at by then is said


class Agreement(NamedTuple):
    """One answer that agrees."""

    problem: Problem
    check: Check
    expected: dict[str, Expected]


class Tried(NamedTuple):
    """A hypothesis, and on how many answers it was right."""

    hypothesis: Hypothesis
    explains: int  # of the answers that differ
    contradicted: int  # by answers that agree


class Diagnosis(NamedTuple):
    """What went wrong in some of the answers."""

    failure: Failure  # the smallest of them
    place: Place
    tried: list[Tried]  # the best first; none where nothing accounts for it
    of: int  # answers that it was tried on
    settled: list[Failure]  # what it accounts for, or is put aside with it

    @property
    def operation(self) -> str:
        """Whose mistake it is."""
        best = self.tried[0].hypothesis.operation if self.tried else ""
        return best or self.place.operations[0]


def diagnose(failures: Sequence[Failure], agreeing: Sequence[Agreement] = (), seconds: float = SECONDS,
             kinds: Collection[Kind] = KINDS) -> list[Diagnosis]:  # fmt: skip
    """What went wrong, in as many diagnoses as there seem to be mistakes; by hypotheses of these kinds."""
    until = time.monotonic() + seconds
    found: list[Diagnosis] = []
    left = [(failure, placed(failure)) for failure in sorted(failures, key=lambda failure: failure.size)]
    while left and time.monotonic() < until:
        first, at = left[0]
        if settled := _by_several(found, left):
            for diagnosis in found:
                diagnosis.settled.extend(settled)
        else:
            related = [pair for pair in left if _shares(pair[1], at)]
            others = related[1 : TRIED + 1]
            tried = _tried(_whole(first, at, kinds), at, others, agreeing)
            if not tried and (two := _two(first, at, others, kinds)):
                found += two  # and the next round settles what they account for together
                continue
            tried = (
                tried
                or _tried(_alone(first, at, kinds), at, others, agreeing)
                or _tried(_far(first, at, kinds, until), at, others, agreeing)
            )
            settled = [pair[0] for pair in related if tried and tried[0].hypothesis.explains(*pair)] or [
                pair[0] for pair in related if pair[1].operations[0] == at.operations[0]
            ]
            settled = [first, *(failure for failure in settled if failure is not first)]
            found.append(Diagnosis(first, at, tried, min(len(related), TRIED + 1), settled))
        gone = {id(failure) for failure in settled}
        left = [pair for pair in left if id(pair[0]) not in gone]
    return found


def _whole(first: Failure, at: Place, kinds: Collection[Kind]) -> list[Hypothesis]:
    """Those that account for all of the answer."""
    return [h for h in likely(first, at) if h.kind in kinds and h.explains(first, at)]


def _alone(first: Failure, at: Place, kinds: Collection[Kind]) -> list[Hypothesis]:
    """Those that account for the first wrong tensor, though not for all that is wrong after it."""
    programs = (h._replace(explains=partial(_explains_first, h)) for h in likely(first, at) if h.kind in kinds)
    return [h for h in programs if h.explains(first, at)]


def _explains_first(hypothesis: Hypothesis, failure: Failure, at: Place) -> bool:
    predicted = hypothesis.predict(failure.problem, failure.check) if hypothesis.predict else None
    return predicted is not None and close(failure, at.tensor, predicted.get(at.tensor))


def _far(first: Failure, at: Place, kinds: Collection[Kind], until: float) -> list[Hypothesis]:
    """Those that are many, or fit too easily: as many of them as there is time for."""
    in_time = itertools.takewhile(lambda _: time.monotonic() < until, unlikely(at))
    return list(itertools.islice((h for h in in_time if h.kind in kinds and h.explains(first, at)), ENOUGH))


def _two(first: Failure, at: Place, others: list[tuple[Failure, Place]], kinds: Collection[Kind]) -> list[Diagnosis]:
    """Two mistakes at once: one accounts for the first wrong tensor, the other for what is still wrong then."""
    for one in _alone(first, at, kinds):
        predicted = one.predict(first.problem, first.check) if one.predict and one.plant else {}
        rest = {name for name in first.expected if not close(first, name, (predicted or {}).get(name))}
        then = place(first.problem, first.check, first.expected, rest, set(first.trace))
        for other in likely(first, then) if predicted else ():
            explains = together([one, other])
            if other.kind in kinds and other.plant and explains(first):
                count = 1 + sum(explains(failure) for failure, _ in others)
                return [
                    Diagnosis(first, where, [Tried(hypothesis, count, 0)], 1 + len(others), [])
                    for hypothesis, where in ((one, at), (other, then))
                ]
    return []


def _by_several(found: list[Diagnosis], left: list[tuple[Failure, Place]]) -> list[Failure]:
    """The answers that the mistakes found so far account for together, if they do for the first one."""
    programs = [diagnosis.tried[0].hypothesis for diagnosis in found if diagnosis.tried]
    programs = [program for program in programs if program.plant is not None]
    if len(programs) < 2:
        return []
    explains = together(programs)
    return [failure for failure, _ in left if explains(failure)] if explains(left[0][0]) else []


def _tried(candidates: list[Hypothesis], at: Place, others: list[tuple[Failure, Place]],
           agreeing: Sequence[Agreement]) -> list[Tried]:  # fmt: skip
    """The candidates on other answers, the best first."""
    if not candidates:
        return []
    own = {name for candidate in candidates if (name := candidate.operation)} or set(at.operations)
    quiet = sorted((a for a in agreeing if own & _operations(a.problem)), key=lambda a: _elements(a.problem))[:TRIED]
    tried = [
        Tried(h, 1 + sum(h.explains(*other) for other in others), sum(contradicts(h, a) for a in quiet))
        for h in ranked(candidates)
    ]
    return sorted(tried, key=lambda one: (one.contradicted > 0, -one.explains, one.contradicted))[:KEPT]


def placed(failure: Failure) -> Place:
    return place(failure.problem, failure.check, failure.expected, set(failure.wrong), set(failure.trace))


def _shares(one: Place, other: Place) -> bool:
    """Whether the same operation can be to blame; that of networks and loops in general is one like any other."""
    return not set(one.operations).isdisjoint(other.operations)


def contradicts(hypothesis: Hypothesis, agreement: Agreement) -> bool:
    """Whether such a program would differ where this one agrees."""
    if hypothesis.predict is None:
        return False
    predicted = hypothesis.predict(agreement.problem, agreement.check)
    if predicted is None:
        return True
    return any(_differs(predicted.get(name), wanted) for name, wanted in agreement.expected.items())


def _differs(predicted: np.ndarray | None, wanted: Expected) -> bool:
    if predicted is None or predicted.shape != wanted.value.shape:
        return True
    with np.errstate(all="ignore"):
        value = predicted.astype(np.float64)
        same = (value == wanted.value) | (np.isnan(value) & np.isnan(wanted.value))
        return not bool((same | (np.abs(value - wanted.value) <= wanted.tolerance)).all())


def _operations(problem: Problem) -> set[str]:
    return {head.op for head in heads(problem)} | {"network", "training"}


def _elements(problem: Problem) -> int:
    return sum(x.size for x in (*problem.inputs.values(), *problem.parameters.values()))
