"""Random cases in search of a difference: drawn, judged like any others, and shrunk to the least that still differs.

In the output folder, what is done lies as records, some cases each, so that the same command goes on where it stopped;
each difference lies there as a case file of its own.
"""

import contextlib
import dataclasses
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from threadpoolctl import threadpool_limits

from .adapters import known, pool
from .adapters.runner import Implementation
from .adapters.session import Session
from .cases import Case, CaseError, Check, catalogue, catalogue_hash, load
from .drawing import draw
from .reference import operations
from .reports.expect import Expectation, expect
from .reports.journal import RecordError, read, read_partial
from .reports.record import AGREES, BROKE, DIFFERS, Record, Row
from .run import Outcome, Plan, run
from .shrink import differing, failing, shrink, told
from .writing import write

TOGETHER = 100  # cases in a record
ILL_POSED = ("decides a branch", "infinite or undefined", "out of the range", "not finite", "tolerance is infinite")
CHECKS: dict[str, Check] = {"loss": "gradients", "gradient": "gradients", "update": "updates", "trajectory": "training"}
EVERYWHERE = {"linear", "identity", "sgd", "mean_squared_error"}  # that a known difference is hardly about


@dataclass
class Fuzz:
    """What to draw, and whom to ask."""

    implementations: Sequence[Implementation]
    folder: Path
    seed: int = 0
    count: int = 100
    seconds: float = float("inf")  # no case is begun after that
    shrinking: float = 20.0  # seconds for one difference
    jobs: int = 2
    timeout: float = 60.0


@dataclass(frozen=True)
class Finding:
    """A difference, in the smallest case that was found to show it."""

    case: str
    path: Path
    row: Row
    operations: tuple[str, ...]
    known: str = ""  # the reason, if it looks like one that was known beforehand
    like: str = ""  # an earlier finding in the same operations: then it was not shrunk


@dataclass
class Found:
    """What came of it."""

    drawn: int = 0
    rejected: Counter[str] = field(default_factory=Counter)  # why changes and whole cases were thrown away -> how many
    judged: int = 0  # cases that were well posed
    operations: set[str] = field(default_factory=set)  # that these use
    verdicts: dict[str, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))  # by implementation
    findings: list[Finding] = field(default_factory=list)
    late: bool = False  # whether time was up before all were judged

    @property
    def outcome(self) -> Outcome:
        """As of a run; what is known beforehand does not count."""
        new = [finding for finding in self.findings if not finding.known]
        if any(finding.row.verdict in DIFFERS for finding in new):
            return Outcome.DISAGREEMENT
        if new:
            return Outcome.BROKE
        compared = any(verdicts[name] for verdicts in self.verdicts.values() for name in AGREES)
        return Outcome.AGREEMENT if compared else Outcome.NOTHING_COMPARED


class _Late(Exception):
    """Time is up."""


def fuzz(plan: Fuzz, progress: Callable[[int, int], None] | None = None) -> Found:
    """Draw, judge, shrink and write; progress is told (cases done, cases in all).

    Raises KeyboardInterrupt with the records as they are: the same plan goes on from there.
    """
    end = time.monotonic() + plan.seconds
    found = Found()
    with threadpool_limits(1):
        for first in range(0, plan.count, TOGETHER):
            if time.monotonic() > end:
                found.late = True
                break
            cases = [_drawn(plan, number, found) for number in range(first, min(first + TOGETHER, plan.count))]
            record = _recorded(plan, first, cases, end, progress or (lambda _, __: None))
            _count(found, record)
            for case in cases:
                for implementation in plan.implementations:
                    _look(plan, found, record, case, implementation)
    return found


def lines(found: Found) -> Iterator[str]:
    """What came of it, in words: each difference, then how many of what."""
    for finding in found.findings:
        row = finding.row
        what = f"known: {finding.known}" if finding.known else f"like {finding.like}" if finding.like else "new"
        yield f"{row.implementation} {row.precision} {row.tensor or row.check}: {row.verdict} ({what})"
        yield f"    {finding.path}  {', '.join(finding.operations)}"
    rejected = ", ".join(f"{count} × {why}" for why, count in found.rejected.most_common())
    yield f"thrown away: {rejected or 'nothing'}"
    for name, verdicts in found.verdicts.items():
        yield f"{name}: " + ", ".join(f"{count} {verdict}" for verdict, count in verdicts.most_common())
    new = sum(not (finding.known or finding.like) for finding in found.findings)
    late = "; time was up before all were judged" if found.late else ""
    yield (
        f"{found.drawn} cases drawn, {found.judged} judged, of {len(found.operations)} operations; "
        f"{len(found.findings)} differences, {new} of them new and each of its own kind{late}"
    )


def _drawn(plan: Fuzz, number: int, found: Found) -> Case:
    case, rejected = draw(plan.seed, number)
    found.drawn += 1
    found.rejected.update(rejected)
    return case


def _recorded(plan: Fuzz, first: int, cases: list[Case], end: float, progress: Callable[[int, int], None]) -> Record:
    """The record of these cases: that of an earlier time, the rest of it, or a new one."""
    path = plan.folder / "records" / f"{plan.seed}-{first}.jsonl"
    todo = Plan(
        cases, plan.implementations, jobs=plan.jobs, timeout=plan.timeout, diagnose=False, expectation=_expectation
    )
    if path.exists():
        with contextlib.suppress(RecordError):  # one that cannot be read is written anew
            old = read_partial(path)
            names = [who.name for who in old.header.implementations]
            if (old.header.catalogue, names) == (catalogue_hash(cases), [one.name for one in plan.implementations]):
                if old.footer.complete:
                    return old
                todo.resume = path.replace(path.with_suffix(".old"))

    def tell(done: int, total: int) -> None:
        progress(first + done * len(cases) // total, plan.count)
        if time.monotonic() > end:
            raise _Late

    with contextlib.suppress(_Late):
        try:
            run(todo, path, tell)
        except CaseError:  # what was asked then is no longer what would be asked now
            run(dataclasses.replace(todo, resume=None), path, tell)
    if todo.resume:
        todo.resume.unlink()
    return read(path)


def _expectation(case: Case, precision: str) -> Expectation:
    """Worked out, and not kept: no random case is met again."""
    return expect(case.problem(precision), exact=case.file.exact, nonfinite=case.file.nonfinite)


def _count(found: Found, record: Record) -> None:
    found.late |= not record.footer.complete
    for line in record.cases:
        if line.problem:
            found.rejected[next((f"case: {why}" for why in ILL_POSED if why in line.problem), line.problem)] += 1
        else:
            found.judged += 1
            found.operations |= set(line.operations)
    for row in record.rows:
        found.verdicts[row.implementation][row.verdict] += 1


# ---------------------------------------------------------------- findings
def _look(plan: Fuzz, found: Found, record: Record, case: Case, implementation: Implementation) -> None:
    """Shrink and write what the implementation differs in, if it does."""
    rows = [row for row in record.rows if (row.case, row.implementation) == (case.name, implementation.name)
            and row.verdict in (*DIFFERS, *BROKE)]  # fmt: skip
    if not rows:
        return
    row, folder = rows[0], plan.folder / implementation.name
    before = _before(found, case, row)
    if before is not None:
        path = write(told(case, row), folder)
        found.findings.append(Finding(case.name, path, row, case.operations, before.known, before.case))
        return
    with pool.session(implementation, plan.timeout) as session:
        small, now = _shrunk(plan, case, row, session)
    path = write(told(small, now), folder)
    found.findings.append(Finding(case.name, path, now, small.operations, _known(implementation, small, now)))


def _shrunk(plan: Fuzz, case: Case, row: Row, session: Session) -> tuple[Case, Row]:
    """The least that differs, and how: as an earlier time found it, or found now."""
    check = CHECKS[row.check]
    path = plan.folder / row.implementation / f"{case.stem}.toml"
    if path.exists():
        (small,) = load(path)
        if now := differing(session, row.precision, check, row, small):
            return small, now
    small = shrink(case, failing(session, row.precision, check, row), plan.shrinking)
    return small, differing(session, row.precision, check, row, small) or row


def _before(found: Found, case: Case, row: Row) -> Finding | None:
    """An earlier finding of the same kind whose operations are all in this case."""
    kind = _kind(row)
    alike = (it for it in found.findings if not it.like and _kind(it.row) == kind)
    return next((it for it in alike if set(it.operations) <= set(case.operations)), None)


def _kind(row: Row) -> tuple[str, ...]:
    return row.implementation, row.precision, row.check, row.verdict


def _known(implementation: Implementation, case: Case, row: Row) -> str:
    """The reason of a difference that was known beforehand, in a case of the catalogue of no other operations."""
    own = set(case.operations) - EVERYWHERE
    if not implementation.built_in or not own:
        return ""
    names = [f"{operations.kind(op, *operations.KINDS)}/{op}" for op in own]
    names += [other.name for other in catalogue() if set() < set(other.operations) - EVERYWHERE <= own]
    digits = isinstance(row.expected, float) and row.error is not None and row.error <= abs(row.expected)
    entries = known.shipped(implementation.name)
    found = (entries.match(name, row.precision, row.tensor, digits=digits) for name in names)
    return next((entry.reason for entry in found if entry), "")
