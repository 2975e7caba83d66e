"""The smallest case that still shows what went wrong, as a file that shows it alone."""

import uuid
from collections.abc import Callable
from pathlib import Path

import msgspec

from .adapters import pool
from .adapters.runner import Implementation
from .cases import Case, Check
from .reports.record import DiagnosisLine, Row
from .reports.words import count
from .shrink import differing, failing, shrink, told
from .writing import write

SECONDS = 10.0  # to look for it


def smallest(
    one: Implementation,
    found: DiagnosisLine,
    case: Case,
    check: Check,
    row: Row,
    folder: Path,
    again: Callable[[str, str], str],
    timeout: float,
) -> DiagnosisLine:
    """The diagnosis with the smallest case in which the implementation still differs as in the row.

    The operation that is to blame stays in it, so that no other mistake takes the place of this one. The case file is
    written below `folder`; if none is smaller, the diagnosis stays as it is.
    """
    owner = uuid.uuid4().hex
    try:
        with pool.session(one, timeout, owner) as session:
            fails = failing(session, found.precision, check, row)
            blamed = found.operation if found.operation in case.operations else ""
            small = shrink(case, lambda c: (not blamed or blamed in c.operations) and fails(c), SECONDS)
            now = None if small is case else differing(session, found.precision, check, row, small)
    finally:
        pool.close(owner)
    if now is None:
        return found
    path = write(told(small, now), folder / one.name)
    return msgspec.structs.replace(
        found,
        smallest=path.read_text(encoding="utf-8"),
        shrunk=f"{found.case} with nothing left in it but {_what(small)}",
        command=again(str(path), found.precision),
    )


def _what(case: Case) -> str:
    problem = case.problem("float64")
    arrays = [
        *problem.inputs.values(),
        *problem.parameters.values(),
        *(g for s in problem.gradients for g in s.values()),
    ]
    return f"{', '.join(case.operations)} of {count(sum(array.size for array in arrays), 'number')}"
