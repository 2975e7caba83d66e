"""What a reader of a record wants named: differences, what broke, known differences, claims, certificates."""

import math
from collections import defaultdict
from typing import NamedTuple

from .record import BROKE, DIFFERS, CaseLine, ClaimLine, DiagnosisLine, Named, Record, Row, Verdict
from .words import CERTIFIED_ULP, RANK, count, margin, number


class Difference(NamedTuple):
    """A row that differs, and who is alone in that: the implementation, where the others agree."""

    row: Row
    odd: str


def differences(record: Record) -> list[Difference]:
    """Every tensor that differs, worst first."""
    asked: dict[tuple[str, ...], dict[str, bool]] = defaultdict(dict)
    for row in record.rows:
        bad = row.verdict in DIFFERS or row.verdict in BROKE
        asked[_place(row)][row.implementation] = bad
    found = [Difference(row, _odd(asked[_place(row)])) for row in record.rows if row.verdict in DIFFERS]
    return sorted(found, key=lambda difference: _badness(difference.row))


def broken(record: Record) -> list[Row]:
    """Every error and timeout, in the order of the record."""
    return [row for row in record.rows if row.verdict in BROKE]


class Told(NamedTuple):
    """A diagnosis in words."""

    what: str  # who, which operation, and what it seems to have done
    where: str
    hypotheses: list[str]  # the likeliest first, each with how far it goes
    derivation: str
    todo: str
    again: str  # the command that shows it alone

    @property
    def lines(self) -> list[str]:
        """All of it but `what`, in lines; the command comes last."""
        numbered = [f"{n}. {says}" for n, says in enumerate(self.hypotheses, 1)]
        return [line for line in (self.where, *numbered, self.derivation, self.todo, self.again) if line]


def told(diagnosis: DiagnosisLine) -> Told:
    """A diagnosis in words."""
    place = f"{diagnosis.tensor} of {diagnosis.case} [{diagnosis.precision}]"
    if diagnosis.unseen:
        unseen = ", ".join(diagnosis.unseen[:4]) + (" …" if len(diagnosis.unseen) > 4 else "")
        where = f"First wrong: {place}. Not in the answer, and on the way to it: {unseen}."
    elif diagnosis.made_of:
        where = f"First wrong: {place}. All that it is made of is right."
    else:
        where = f"First wrong: {place}."
    best = diagnosis.hypotheses[0].says if diagnosis.hypotheses else "nothing known accounts for it"
    return Told(
        what=f"{diagnosis.implementation}: {diagnosis.operation}: {best}",
        where=where,
        hypotheses=[_told(hypothesis, diagnosis.of) for hypothesis in diagnosis.hypotheses],
        derivation=f"Derivation: {diagnosis.derivation} ({diagnosis.source})" if diagnosis.derivation else "",
        todo=f"To do: {diagnosis.todo}" if diagnosis.todo else "",
        again=f"Alone{f' ({diagnosis.shrunk})' if diagnosis.shrunk else ''}: {diagnosis.command}",
    )


def _told(hypothesis: Named, of: int) -> str:
    but = (
        f", but {count(hypothesis.contradicted, 'answer')} that agree speak against it"
        if hypothesis.contradicted
        else ""
    )
    kinds = {"mistake": f"mistake {hypothesis.name}", "source": "source"}
    return (f"{hypothesis.says} ({kinds.get(hypothesis.kind, hypothesis.kind)}; accounts for {hypothesis.explains} of "
            f"{count(of, 'differing answer')}{but})")  # fmt: skip


class Reason(NamedTuple):
    """Rows of one implementation that share a reason."""

    implementation: str
    reason: str
    link: str
    rows: int
    cases: tuple[str, ...]
    margin: float | None  # the worst
    details: str  # a reproduction, where there is one


def reasons(record: Record, verdict: Verdict) -> list[Reason]:
    """Rows with this verdict (known, unsupported, inconclusive), by implementation and reason."""
    shared: dict[tuple[str, str, str], list[Row]] = defaultdict(list)
    for row in record.rows:
        if row.verdict == verdict:
            shared[row.implementation, row.reason, row.link].append(row)
    return [
        Reason(*key, len(rows), tuple(dict.fromkeys(row.case for row in rows)), _worst(rows), rows[0].details)
        for key, rows in shared.items()
    ]


class Claim(NamedTuple):
    """A number that a source printed, and what it should be."""

    case: str
    of: str
    says: str
    tensor: str
    place: list[int]
    question: str
    because: str
    values: dict[str, str]  # implementation -> its value
    right: str
    verdict: str  # holds, wrong, or disputed where implementations do not agree on it


def claims(record: Record) -> list[Claim]:
    """One line for each claim, in the order of the record."""
    lines: dict[tuple[str, ...], list[ClaimLine]] = defaultdict(list)
    for claim in record.claims:
        lines[claim.case, claim.of, claim.says, claim.tensor, str(claim.index)].append(claim)
    cases = {case.case: case for case in record.cases if case.precision == "float64"}
    return [_claim(same, cases.get(same[0].case)) for same in lines.values()]


def _claim(same: list[ClaimLine], case: CaseLine | None) -> Claim:
    first = same[0]
    values = {claim.implementation: number(claim.value) for claim in same}
    verdicts = {claim.verdict for claim in same}
    expected = _element(case.expected.get(first.tensor), first.index) if case else None
    return Claim(
        case=first.case,
        of=first.of,
        says=first.says,
        tensor=first.tensor,
        place=first.index,
        question=case.question if case else "",
        because=case.because if case else "",
        values=values,
        right=number(expected) if expected is not None else next(iter(values.values())),
        verdict=verdicts.pop() if len(verdicts) == 1 else "disputed",
    )


class Certificates(NamedTuple):
    """What ball arithmetic proved of the expected values. Each case counts once for each precision."""

    cases: int
    tried: int
    certified: int
    fewest_digits: float | None
    widest_ulp: float | None
    loose: tuple[str, ...]  # tried, but enclosed too widely to be certified


def certificates(record: Record) -> Certificates:
    """The certificates of all cases together."""
    tried = [(case, case.certificate) for case in record.cases if case.certificate]
    loose = [
        f"{case.case} ({case.precision})"
        for case, found in tried
        if found.widest_ulp is None or not found.widest_ulp < CERTIFIED_ULP
    ]
    digits = [found.digits for _, found in tried if found.digits is not None]
    widths = [math.inf if found.widest_ulp is None else found.widest_ulp for _, found in tried]
    return Certificates(
        cases=len(record.cases),
        tried=len(tried),
        certified=len(tried) - len(loose),
        fewest_digits=min(digits, default=None),
        widest_ulp=max(widths, default=None),
        loose=tuple(loose),
    )


def _place(row: Row) -> tuple[str, ...]:
    return row.case, row.precision, row.check, row.tensor


def _odd(asked: dict[str, bool]) -> str:
    """Who differs, if one does and another agrees with the expected value; the reference makes it two to one."""
    different = [name for name, bad in asked.items() if bad]
    return different[0] if len(different) == 1 and len(asked) > 1 else ""


def _badness(row: Row) -> tuple[float, float]:
    return -RANK[row.verdict], -(margin(row) or 0.0)


def _worst(rows: list[Row]) -> float | None:
    return max((found for row in rows if (found := margin(row)) is not None), default=None)


def _element(nested: object, index: list[int]) -> float | str | None:
    for i in index:
        if not isinstance(nested, list) or not -len(nested) <= i < len(nested):
            return None
        nested = nested[i]
    return nested if isinstance(nested, float | int | str) else None
