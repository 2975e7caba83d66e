"""What becomes of each fault, for the report:  python -m tests.faults.scoreboard  (or make scoreboard).

caught    in how many cases it differs, in float64
column    whether it differs in its own column
allclose  in how many cases numpy.allclose, with the tolerances that it comes with, would have noticed
placed    whether the operation that has the fault is among those that the first wrong tensor can be blamed on, in each
          answer that differs in the fault's column
named     whether the first hypothesis of the diagnosis answers as the fault does: in every answer that differs, and in
          every one that agrees
unaided   the same, for a diagnosis that has never heard of the mistakes in reports/faults; it tries every change of the
          source, which takes long, so that one fault in ten is asked, always the same ones
"""

import json
import sys
import zlib
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import Any

from backproof.adapters.base import Traced
from backproof.reports import scoreboard
from backproof.reports.diagnosis.diagnose import Agreement, Diagnosis, contradicts, diagnose, placed
from backproof.reports.diagnosis.evidence import Failure, fits
from backproof.reports.diagnosis.hypotheses import KINDS, Hypothesis
from backproof.reports.faults.all_faults import BY_ID, FAULTS
from backproof.reports.faults.planting import Fault
from backproof.reports.judge import COLUMN_OF
from backproof.reports.record import DIFFERS
from backproof.reports.scoreboard import Line

from .bench import Bench, ask, judged, seen_by_allclose

PATH = Path(str(scoreboard.__file__)).with_name("scoreboard.json")
UNAIDED = tuple(kind for kind in KINDS if kind != "mistake")
ONE_IN = 10
PATIENCE = 1e9  # a diagnosis here is never cut short


def evidence(fault: Fault, bench: Bench) -> tuple[list[Failure], list[Agreement], set[str]]:
    """Every answer of the fault in float64, and the cases in which numpy.allclose would have noticed."""
    failures, agreeing, seen = [], [], set()
    for question in bench.questions(fault.operation):
        if question.precision != "float64":
            continue
        for check in question.problem.checks:
            asked = ask(fault.plant(), question, check)
            if not isinstance(asked.answer, Traced):
                continue
            wrong = frozenset(row.tensor for row in judged(question, asked) if row.verdict in DIFFERS)
            expected = question.expectation.checks[check]
            if wrong:
                failures.append(Failure(question.case, question.problem, check, asked.answer.trace, expected, wrong))
            else:
                agreeing.append(Agreement(question.problem, check, expected))
            if seen_by_allclose(asked.answer.trace, question, check):
                seen.add(question.case.name)
    return failures, agreeing, seen


def line(fault: Fault, bench: Bench) -> Line:
    """What becomes of one fault."""
    failures, agreeing, seen = evidence(fault, bench)
    own = [f for f in failures if any(COLUMN_OF[name.partition(".")[0]] == fault.column for name in f.wrong)]
    first = next(iter(diagnose(failures, agreeing, PATIENCE)), None)
    return Line(
        fault.id, fault.operation, fault.says, fault.column,
        caught=len({failure.case.name for failure in failures}),
        in_column=bool(own),
        allclose=len(seen),
        placed=all(fault.operation in placed(failure).operations for failure in own),
        named=_right(fault, first, failures, agreeing),
        by=first.tried[0].hypothesis.kind if first and first.tried else "",
        unaided=_unaided(fault, failures, agreeing) if zlib.crc32(fault.id.encode()) % ONE_IN == 0 else None,
    )  # fmt: skip


def _unaided(fault: Fault, failures: list[Failure], agreeing: list[Agreement]) -> bool:
    return _right(fault, next(iter(diagnose(failures, agreeing, PATIENCE, UNAIDED)), None), failures, agreeing)


def _right(fault: Fault, diagnosis: Diagnosis | None, failures: list[Failure], agreeing: list[Agreement]) -> bool:
    if diagnosis is None or not diagnosis.tried:
        return False
    first = diagnosis.tried[0].hypothesis
    if first.name == fault.id:
        return True
    right = all(_accounts(first, failure) for failure in failures)
    return right and not any(contradicts(first, agreement) for agreement in agreeing)


def _accounts(hypothesis: Hypothesis, failure: Failure) -> bool:
    """For all of an answer, where the hypothesis is a program."""
    if hypothesis.predict is None:
        return hypothesis.explains(failure, placed(failure))
    return fits(failure, hypothesis.predict(failure.problem, failure.check))


_bench: list[Bench] = []


def _line(id: str) -> Line:
    if not _bench:
        _bench.append(Bench())
    return line(BY_ID[id], _bench[0])


def main() -> None:
    ids = [fault.id for fault in FAULTS]
    lines: list[Any] = []
    with ProcessPoolExecutor() as pool:
        for n, found in enumerate(pool.map(_line, ids, chunksize=8), 1):
            lines.append(found._asdict())
            if n % 100 == 0:
                print(f"{n} of {len(ids)}", file=sys.stderr)
    PATH.write_text(
        "[\n" + ",\n".join(json.dumps(one, ensure_ascii=False) for one in lines) + "\n]\n", encoding="utf-8"
    )
    print(scoreboard.sentence(scoreboard.lines()))


if __name__ == "__main__":
    main()
