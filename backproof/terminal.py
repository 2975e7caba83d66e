"""A record in the terminal: what differs, with its worst element, and the verdict in a sentence as the last line."""

from rich.console import Console, Group
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from .reports.findings import broken, claims, differences
from .reports.record import Record, Row
from .reports.sentence import claims_sentence, notice, passed, remarks, sentence
from .reports.tables import Cell, overview
from .reports.words import element, glyph, line, margin, short, state

WIDTH = 100
SHOWN = 20  # rows of each list
LONGEST = 300  # characters of a detail
_STYLES = {"agrees": "green", "unsure": "yellow", "known": "magenta", "unsupported": "dim"}


def show(record: Record, console: Console) -> None:
    """The record in at most 100 columns, readable without colour; piped, the same lines without the colour."""
    before = console.width
    console.width = min(before, WIDTH) if console.is_terminal else WIDTH  # a pipe has no width; Rich would say 80
    try:
        parts = (_notice, _matrix, _differences, _errors, _claims, _remarks)
        for part in (describe(record) for describe in parts):
            if part is not None:
                console.print(part, "")
        console.print(_last(record), soft_wrap=True)
    finally:
        console.width = before


def _notice(record: Record) -> Text | None:
    return Text(f"! {notice(record)}", "bold red") if notice(record) else None


def _last(record: Record) -> Text:
    good = passed(record)
    words = " ".join(filter(None, (sentence(record), claims_sentence(record))))
    return Text(f"{'✓' if good else '✗'} {words}", "green" if good else "bold red")


def _matrix(record: Record) -> Table:
    matrix = overview(record)
    table = _table("Verdict of each group, and worst margin", "group", *matrix.columns)
    for group, cells in matrix.iterrows():
        table.add_row(Text(line(str(group)) or "(no group)"), *(_cell(cell) for cell in cells))
    return table


def _differences(record: Record) -> Group | None:
    found = differences(record)
    blocks = [
        _block(row, row.tensor or row.check, [element(row), row.reason, f"odd one out: {odd}" if odd else ""])
        for row, odd in found[:SHOWN]
    ]
    return _list(f"Differences ({len(found):,}), worst first", blocks, len(found)) if found else None


def _errors(record: Record) -> Group | None:
    found = broken(record)
    blocks = [_block(row, row.check, [row.reason]) for row in found[:SHOWN]]
    return _list(f"Without an answer ({len(found):,})", blocks, len(found)) if found else None


def _remarks(record: Record) -> Group | None:
    found = remarks(record)
    more = [f"… and {len(found) - SHOWN:,} more"] if len(found) > SHOWN else []
    return Group(*(Text(f"! {remark}") for remark in found[:SHOWN]), *(Text(m) for m in more)) if found else None


def _block(row: Row, what: str, lines: list[str]) -> Group:
    """One line that says what and where, and lines of detail below it."""
    head = Text(f"{glyph(row.verdict)} {row.verdict}", _style(row.verdict))
    head.append(
        f"  {line(row.implementation)}  {line(what)}  {line(row.case)} [{line(row.precision)}]", "default not bold"
    )
    worst = margin(row)
    head.append(f"  margin {short(worst)}" if worst is not None else "", "default not bold")
    return Group(head, *(Padding(Text(line(more, LONGEST)), (0, 0, 0, 4), expand=False) for more in lines if more))


def _list(title: str, blocks: list[Group], number: int) -> Group:
    more = [Text(f"… and {number - SHOWN:,} more", "dim")] if number > SHOWN else []
    return Group(Text(title, "bold"), *blocks, *more)


def _claims(record: Record) -> Table | None:
    found = claims(record)
    if not found:
        return None
    table = _table("Claims", "source", "says", "true value", "verdict", "case")
    for claim in found:
        held = claim.verdict == "holds"
        verdict = Text(f"{'✓' if held else '✗'} {claim.verdict}", "green" if held else "bold red")
        table.add_row(*(Text(line(t)) for t in (claim.of, claim.says, claim.right)), verdict, Text(line(claim.case)))
    return table


def _table(title: str, *head: str) -> Table:
    table = Table(title=title, title_justify="left", title_style="bold", box=None, pad_edge=False, padding=(0, 2, 0, 0))
    for name in head:
        table.add_column(Text(line(name), "dim"), overflow="fold")
    return table


def _cell(cell: object) -> Text:
    return Text(cell.text, _style(cell.verdict)) if isinstance(cell, Cell) else Text("not asked", "dim")


def _style(verdict: str) -> str:
    return _STYLES.get(state(verdict), "bold red")
