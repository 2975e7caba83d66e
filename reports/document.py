"""The record as one JSON document, its verdict first."""

import msgspec

from .record import Record
from .sentence import notice, passed, sentence


def render(record: Record) -> str:
    """{"complete", "notice", "passed", "sentence", "header", "cases", "rows", "claims", "diagnoses", "footer"}."""
    document = {
        "complete": record.footer.complete,
        "notice": notice(record),
        "passed": passed(record),
        "sentence": sentence(record),
        "header": record.header,
        "cases": record.cases,
        "rows": record.rows,
        "claims": record.claims,
        "diagnoses": record.diagnoses,
        "footer": record.footer,
    }
    return msgspec.json.encode(document).decode() + "\n"
