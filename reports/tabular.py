"""The record's rows as CSV, for spreadsheets and for pandas.read_csv(…, comment="#")."""

import json

from .record import Record
from .sentence import notice
from .tables import frame
from .words import clean

# What comes from outside and may begin with what a spreadsheet takes for a formula. Numbers keep their minus.
_TEXT = ("group", "case", "precision", "implementation", "tensor", "reason", "link", "details")


def render(record: Record) -> str:
    """One line for each row, without small tensors' values; a record that is not complete says so in a comment."""
    table = frame(record).drop(columns="values")
    for name in ("shape", "index"):
        table[name] = [json.dumps(value) if value is not None else "" for value in table[name]]
    for name in _TEXT:
        table[name] = [_harmless(text) for text in table[name]]
    top = f"# {notice(record)}\n" if notice(record) else ""
    return top + table.to_csv(index=False, lineterminator="\n")


def _harmless(text: str) -> str:
    text = clean(text)
    return f"'{text}" if text[:1] in "=+-@#" and text else text
