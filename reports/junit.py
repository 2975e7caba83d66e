"""The record as JUnit XML, which CI servers read: one test case for each case, precision and implementation."""

import xml.etree.ElementTree as ET
from collections import defaultdict

from .findings import told
from .record import BROKE, DIFFERS, Record, Row
from .sentence import notice, sentence
from .tables import groups, implementations
from .words import RANK, clean, element, glyph, line, margin, short

SHOWN = 20  # rows in the text of one failure


def render(record: Record) -> str:
    """A suite for each implementation. Differing is a failure, breaking an error, wholly unsupported a skip."""
    asked: dict[str, dict[tuple[str, str], list[Row]]] = defaultdict(lambda: defaultdict(list))
    for row in record.rows:
        asked[row.implementation][row.case, row.precision].append(row)
    root = ET.Element("testsuites", name=line(f"backproof: {sentence(record)}"))
    if notice(record):
        suite = ET.SubElement(root, "testsuite", name="record", tests="1", errors="1", failures="0", skipped="0")
        case = ET.SubElement(suite, "testcase", name="the record is complete", classname="record")
        ET.SubElement(case, "error", message=line(notice(record)))
    group = groups(record)
    diagnosed: dict[tuple[str, str], list[str]] = defaultdict(list)
    for diagnosis in record.diagnoses:
        one = told(diagnosis)
        for shown in diagnosis.cases:
            diagnosed[diagnosis.implementation, shown] += [one.what, *one.lines]
    for name in implementations(record):
        suite = ET.SubElement(root, "testsuite", name=line(name), timestamp=line(record.header.started))
        for place, rows in asked[name].items():
            _case(suite, group[place], place, rows, diagnosed.get((name, place[0]), []))
        _count(suite)
    problems = {case.case: case.problem for case in record.cases if case.problem}
    if problems:
        suite = ET.SubElement(root, "testsuite", name="cases")
        for name, problem in problems.items():
            case = ET.SubElement(suite, "testcase", name=line(name), classname="cases")
            ET.SubElement(case, "error", message=line(problem))
        _count(suite)
    _count(root)
    ET.indent(root)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + ET.tostring(root, encoding="unicode") + "\n"


def _case(suite: ET.Element, group: str, place: tuple[str, str], rows: list[Row], diagnosed: list[str]) -> None:
    classname = ".".join(filter(None, (suite.get("name"), line(group))))
    case = ET.SubElement(suite, "testcase", name=line(f"{place[0]} [{place[1]}]"), classname=classname)
    broke = [row for row in rows if row.verdict in BROKE]
    differ = sorted((r for r in rows if r.verdict in DIFFERS), key=lambda r: (-RANK[r.verdict], -(margin(r) or 0)))
    if broke or differ:
        worst = (broke or differ)[0]
        kind = "error" if broke else "failure"
        message = ET.SubElement(case, kind, message=_row(worst), type=worst.verdict)
        found = [line(one, 2000) for one in diagnosed] if differ else []
        rows = (broke + differ)[:SHOWN]
        message.text = clean("\n".join([*map(_row, rows), *found, *(row.details for row in broke)]))
    elif all(row.verdict == "unsupported" for row in rows):
        ET.SubElement(case, "skipped", message=_row(rows[0]))
    noted = [row for row in rows if row.verdict in ("known", "unsupported", "inconclusive")]
    if noted and not len(case):
        ET.SubElement(case, "system-out").text = clean("\n".join(_row(row) for row in noted[:SHOWN]))


def _row(row: Row) -> str:
    """A row in a line: what, verdict, worst element, margin, reason."""
    worst = margin(row)
    parts = (
        f"{glyph(row.verdict)} {row.tensor or row.check}: {row.verdict}",
        element(row),
        f"margin {short(worst)}" if worst is not None else "",
        row.reason,
    )
    return line("; ".join(filter(None, parts)), 2000)


def _count(element: ET.Element) -> None:
    cases = element.findall(".//testcase")
    element.set("tests", str(len(cases)))
    for plural, kind in (("failures", "failure"), ("errors", "error"), ("skipped", "skipped")):
        element.set(plural, str(sum(case.find(kind) is not None for case in cases)))
