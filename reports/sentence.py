"""The verdict of a record, in a sentence and as yes or no."""

from collections import Counter

from .record import BROKE, DIFFERS, Record
from .words import VERDICTS, count, line


def passed(record: Record) -> bool:
    """Whether the run is whole, compared anything at all, each case is well posed, and nothing differs or broke."""
    return record.footer.complete and compared(record) and not failing(record)


def failing(record: Record) -> bool:
    """Whether anything differs or broke, or a case is not well posed."""
    bad = any(row.verdict in DIFFERS or row.verdict in BROKE for row in record.rows)
    return bad or any(case.problem for case in record.cases)


def compared(record: Record) -> bool:
    """Whether any tensor was held against its expected value."""
    return any(row.verdict not in ("unsupported", *BROKE) for row in record.rows)


def notice(record: Record) -> str:
    """What stands above every rendering of a record that is not complete; empty if it is."""
    if record.footer.complete:
        return ""
    reason = f": {line(record.footer.reason, 200)}" if record.footer.reason else ""
    return f"NOT COMPLETE{reason}. This record covers only a part of what was to be run."


def answer(record: Record) -> str:
    """Do the implementations agree? In a word or few."""
    verdicts = {row.verdict for row in record.rows}
    if passed(record):
        return "✓ Yes, but for known differences." if "known" in verdicts else "✓ Yes."
    if any(verdict in DIFFERS or verdict in BROKE for verdict in verdicts):
        return "✗ No."
    return "! Not shown in full." if verdicts else "! Nothing was compared."


def sentence(record: Record) -> str:
    """The verdict with n of N and the catalogue's hash.

    As in "126 cases (370 with their precisions) × 3 implementations: 9,880 of 9,930 tensors agree (5,980 exactly), 12
    inconclusive, 38 known differences, 0 outside; 8 checks unsupported. Cases 3f2a9c81d04e."
    """
    parts = [_tensors(Counter(row.verdict for row in record.rows if row.tensor))]
    whole = _checks(Counter(row.verdict for row in record.rows if not row.tensor))
    if whole:
        parts.append(whole)
    badly = len({case.case for case in record.cases if case.problem})
    if badly:
        parts.append(f"{count(badly, 'case')} not well posed")
    return f"{_extent(record)}: {'; '.join(parts)}. Cases {record.header.catalogue[:12]}."


def remarks(record: Record) -> list[str]:
    """What else a reader should know: cases that are not well posed, and the run's own notes."""
    problems = dict.fromkeys(f"{case.case} is not well posed: {case.problem}" for case in record.cases if case.problem)
    return [line(remark, 400) for remark in (*problems, *record.footer.notes)]


def claims_sentence(record: Record) -> str:
    """How many claims hold, or nothing where none was checked."""
    verdicts: dict[tuple[str, ...], set[str]] = {}
    for claim in record.claims:
        key = (claim.case, claim.of, claim.says, claim.tensor, str(claim.index))
        verdicts.setdefault(key, set()).add(claim.verdict)
    held = sum(found == {"holds"} for found in verdicts.values())
    return f"{held} of {count(len(verdicts), 'printed claim')} hold." if verdicts else ""


def _extent(record: Record) -> str:
    found = len({case.case for case in record.cases})
    asked = record.header.cases
    cases = count(asked, "case") if found == asked else f"{found:,} of {count(asked, 'case')}"
    precisions = len({(case.case, case.precision) for case in record.cases})
    whole = f"{cases} ({precisions:,} with their precisions)" if precisions > found else cases
    return f"{whole} × {count(len(record.header.implementations), 'implementation')}"


def _tensors(numbers: Counter[str]) -> str:
    agree = numbers["exact"] + numbers["within"]
    words = {"inconclusive": "inconclusive", "known": f"known difference{'' if numbers['known'] == 1 else 's'}"}
    always = {"outside"}
    rest = [
        f"{numbers[verdict]:,} {words.get(verdict, verdict)}"
        for verdict in VERDICTS[2:]
        if numbers[verdict] or verdict in always
    ]
    return f"{agree:,} of {count(numbers.total(), 'tensor')} agree ({numbers['exact']:,} exactly), {', '.join(rest)}"


def _checks(numbers: Counter[str]) -> str:
    words = {"error": "in error", "timeout": "timed out", "known": "known to differ"}
    return ", ".join(
        f"{count(numbers[verdict], 'check')} {words.get(verdict, verdict)}" for verdict in VERDICTS if numbers[verdict]
    )
