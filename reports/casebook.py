"""The record case by case: for each, tensors × (precision, implementation), and the rows that need words."""

from collections import defaultdict
from typing import NamedTuple

from .record import AGREES, CaseLine, Record, Row
from .tables import groups, implementations
from .words import RANK


class CaseView(NamedTuple):
    """One case at all its precisions."""

    name: str
    group: str
    verdict: str  # the worst of all rows
    line: CaseLine | None  # its question and reason to be, from the first precision
    lines: list[CaseLine]
    columns: list[tuple[str, str]]  # (precision, implementation)
    tensors: list[tuple[str, list[Row | None]]]  # those not exact everywhere, a row for each column
    exact: list[str]  # those exact in every column
    checks: list[Row]  # whole checks that gave no tensors
    worded: list[Row]  # tensors that do not simply agree, worst first


def casebook(record: Record) -> dict[str, list[CaseView]]:
    """group -> its cases: the worst groups first and, within each, the worst cases."""
    rows: dict[str, list[Row]] = defaultdict(list)
    lines: dict[str, list[CaseLine]] = defaultdict(list)
    for case in record.cases:
        lines[case.case].append(case)
    for row in record.rows:
        rows[row.case].append(row)
    group = {case: name for (case, _), name in groups(record).items()}
    names = implementations(record)
    views = [_view(case, group[case], lines[case], rows[case], names) for case in {**lines, **rows}]
    book: dict[str, list[CaseView]] = defaultdict(list)
    for view in sorted(views, key=lambda view: (-_rank(view), view.group)):
        book[view.group].append(view)
    return dict(book)


def _view(name: str, group: str, lines: list[CaseLine], rows: list[Row], order: list[str]) -> CaseView:
    precisions = list(dict.fromkeys([line.precision for line in lines] + [row.precision for row in rows]))
    asked = {(row.precision, row.implementation) for row in rows}
    columns = [(p, i) for p in precisions for i in order if (p, i) in asked]
    by_tensor: dict[str, dict[tuple[str, str], Row]] = defaultdict(dict)
    for row in rows:
        if row.tensor:
            by_tensor[row.tensor][row.precision, row.implementation] = row
    exact = [t for t, found in by_tensor.items() if all(row.verdict == "exact" for row in found.values())]
    return CaseView(
        name=name,
        group=group,
        verdict=max((row.verdict for row in rows), key=lambda verdict: RANK[verdict], default="missing"),
        line=lines[0] if lines else None,
        lines=lines,
        columns=columns,
        tensors=[(t, [f.get(c) for c in columns]) for t, f in by_tensor.items() if t not in set(exact)],
        exact=exact,
        checks=[row for row in rows if not row.tensor],
        worded=sorted(
            (row for row in rows if row.tensor and (row.verdict not in AGREES or row.reason)),
            key=lambda row: -RANK[row.verdict],
        ),
    )


def _rank(view: CaseView) -> int:
    return RANK[view.verdict]  # type: ignore[index]
