"""Diagnoses as lines of the record."""

from collections.abc import Callable, Iterator, Sequence

from ...cases import Case
from ...cases.load import CATALOGUE
from ..record import DiagnosisLine, Named
from . import advice
from .diagnose import SECONDS, Agreement, Diagnosis, diagnose
from .evidence import Failure

Again = Callable[[str, str], str]
"""The command that asks an implementation one case again, given what selects the case, and the precision."""


def selector(case: Case) -> str:
    """What selects a case alone: its name, or a path where it is not of the catalogue."""
    _, matrix, choice = case.name.partition(":")
    return case.name if case.path.is_relative_to(CATALOGUE) else f"{case.path}{matrix}{choice}"


def lines(
    who: str, failures: Sequence[Failure], agreeing: Sequence[Agreement], again: Again, seconds: float = SECONDS
) -> Iterator[tuple[DiagnosisLine, Diagnosis]]:
    """What went wrong in an implementation's answers, in lines, each with what it says in full."""
    for diagnosis in diagnose(failures, agreeing, seconds):
        yield _line(who, diagnosis, again), diagnosis


def _line(who: str, diagnosis: Diagnosis, again: Again) -> DiagnosisLine:
    failure, place, operation = diagnosis.failure, diagnosis.place, diagnosis.operation
    best = diagnosis.tried[0].hypothesis if diagnosis.tried else None
    derivation = advice.derivation(failure.problem, place, operation)
    return DiagnosisLine(
        implementation=who,
        case=failure.case.name,
        precision=failure.problem.precision,
        tensor=place.tensor,
        operation=operation,
        answers=len(diagnosis.settled),
        of=diagnosis.of,
        cases=list(dict.fromkeys(failure.case.name for failure in diagnosis.settled)),
        made_of=list(place.made_of),
        unseen=list(place.unseen),
        hypotheses=[Named(h.kind, h.name, h.says, n, contradicted) for h, n, contradicted in diagnosis.tried],
        todo=advice.sentence(place, operation, best),
        derivation=derivation.text,
        source=derivation.where,
        command=again(selector(failure.case), failure.problem.precision),
    )
