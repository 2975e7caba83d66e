"""The record case by case: for each, tensors × (precision, implementation), and the rows that need words."""

from collections import defaultdict
from typing import NamedTuple

from .record import AGREES, CaseLine, Record, Row
from .tables import groups, implementations
from .words import RANK

DIFFERENT, NEAREST = 12, 2  # tensors of a case


class Unanswered(NamedTuple):
    """Checks that gave no tensors, for one reason."""

    row: Row  # the first of them
    precisions: list[str]
    checks: list[str]


class CaseView(NamedTuple):
    """One case at all its precisions."""

    name: str
    group: str
    verdict: str  # the worst of all rows
    line: CaseLine | None  # its tags and the like, from the first precision
    asks: str  # its question, unless another choice of the same file has had it above
    because: str
    enclosed: list[tuple[CaseLine, list[str]]]  # precisions whose enclosures are alike, with the first one's line
    columns: list[tuple[str, str]]  # (precision, implementation)
    tensors: list[tuple[str, list[Row | None]]]  # a row for each column: those that differ, and the nearest to it
    agree: int  # how many others there are, within their tolerances everywhere and no nearer to the limit
    exact: list[str]  # those exact in every column
    checks: list[Unanswered]
    worded: list[tuple[Row, int]]  # tensors that do not simply agree, worst first; and how many more are like it


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
    asked: set[tuple[str, str]] = set()
    for view in sorted(views, key=lambda view: (-_rank(view), view.group)):
        question = (view.name.partition(":")[0], view.asks)
        book[view.group].append(view._replace(asks="", because="") if question in asked else view)
        asked.add(question)
    return dict(book)


def _view(name: str, group: str, lines: list[CaseLine], rows: list[Row], order: list[str]) -> CaseView:
    precisions = list(dict.fromkeys([line.precision for line in lines] + [row.precision for row in rows]))
    asked = {(row.precision, row.implementation) for row in rows if row.tensor}
    columns = [(p, i) for p in precisions for i in order if (p, i) in asked]
    by_tensor: dict[str, dict[tuple[str, str], Row]] = defaultdict(dict)
    for row in rows:
        if row.tensor:
            by_tensor[row.tensor][row.precision, row.implementation] = row
    exact = {t for t, found in by_tensor.items() if all(row.verdict == "exact" for row in found.values())}
    shown = _shown({t: list(found.values()) for t, found in by_tensor.items() if t not in exact})
    worded = [row for row in rows if row.tensor and (row.verdict not in AGREES or row.reason)]
    return CaseView(
        name=name,
        group=group,
        verdict=max((row.verdict for row in rows), key=lambda verdict: RANK[verdict], default="missing"),
        line=lines[0] if lines else None,
        asks=lines[0].question if lines else "",
        because=lines[0].because if lines else "",
        enclosed=_enclosed(lines),
        columns=columns,
        tensors=[(t, [f.get(c) for c in columns]) for t, f in by_tensor.items() if t in shown],
        agree=len(by_tensor) - len(exact) - len(shown),
        exact=[t for t in by_tensor if t in exact],
        checks=_unanswered([row for row in rows if not row.tensor]),
        worded=_alike(sorted(worded, key=lambda row: -RANK[row.verdict])),
    )


def _shown(tensors: dict[str, list[Row]]) -> set[str]:
    """Those that do not simply agree, the first of them where they are many, and the few with the largest margins."""
    agree = {t for t, rows in tensors.items() if all(row.verdict in ("exact", "within") for row in rows)}
    nearest = sorted(agree, key=lambda t: -max(row.margin or 0.0 for row in tensors[t]))
    return {*[t for t in tensors if t not in agree][:DIFFERENT], *nearest[:NEAREST]}


def _alike(rows: list[Row]) -> list[tuple[Row, int]]:
    """The first of the rows with the same verdict and reason, by implementation and precision; and how many others."""
    found: dict[tuple[str, str, str, str], list[Row]] = defaultdict(list)
    for row in rows:
        found[row.implementation, row.precision, row.verdict, row.reason].append(row)
    return [(first, len(others)) for first, *others in found.values()]


def _unanswered(rows: list[Row]) -> list[Unanswered]:
    """By implementation and reason."""
    found: dict[tuple[str, str, str], list[Row]] = defaultdict(list)
    for row in rows:
        found[row.implementation, row.verdict, row.reason].append(row)
    return [
        Unanswered(
            alike[0], list(dict.fromkeys(r.precision for r in alike)), list(dict.fromkeys(r.check for r in alike))
        )
        for alike in found.values()
    ]


def _enclosed(lines: list[CaseLine]) -> list[tuple[CaseLine, list[str]]]:
    """By how many elements are enclosed, and how widely."""
    found: dict[tuple[int, float | None] | None, list[CaseLine]] = defaultdict(list)
    for line in lines:
        made = line.certificate
        found[None if made is None else (made.elements, made.widest_ulp)].append(line)
    return [(alike[0], [line.precision for line in alike]) for alike in found.values()]


def _rank(view: CaseView) -> int:
    return RANK[view.verdict]  # type: ignore[index]
