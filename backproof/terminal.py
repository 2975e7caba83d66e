"""A record in the terminal: what differs, with its worst element, and the verdict in a sentence as the last line."""

from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console, Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from .reports import coverage
from .reports.findings import broken, claims, differences, told
from .reports.record import Record, Row, Verdict
from .reports.sentence import claims_sentence, notice, passed, remarks, sentence
from .reports.tables import Cell, overview
from .reports.words import element, glyph, line, margin, short, state

WIDTH = 100
SHORT = {"float64": "f64", "float32": "f32", "bfloat16": "bf16", "float16": "f16"}
SHOWN = 20  # rows of each list
LONGEST = 300  # characters of a detail
_STYLES = {"agrees": "green", "unsure": "yellow", "known": "magenta", "unsupported": "dim"}


def show(record: Record, console: Console) -> None:
    """The record in at most 100 columns, readable without colour; piped, the same lines without the colour."""
    with _width(console):
        _print(console, _notice(record), _matrix(record))
        _show_diagnoses(record, console)
        _print(console, _differences(record), _errors(record), _claims(record), _remarks(record))
        console.print(_last(record), soft_wrap=True)


def _print(console: Console, *parts: RenderableType | None) -> None:
    for part in parts:
        if part is not None:
            console.print(part, "")


@contextmanager
def _width(console: Console) -> Iterator[None]:
    before = console.width
    console.width = min(before, WIDTH) if console.is_terminal else WIDTH  # a pipe has no width; Rich would say 80
    try:
        yield
    finally:
        console.width = before


def show_coverage(record: Record, console: Console) -> None:
    """Operations × implementations × precisions, and what the frameworks offer beside; in at most 100 columns."""
    with _width(console):
        console.print(_covered(record))
        says = {"within": "agree, apart from unsupported ones", "known": "known differences only",
                "unsupported": "unsupported", "outside": "one differs or broke"}  # fmt: skip
        console.print(Text("   ".join(f"{glyph(verdict)} {words}" for verdict, words in says.items()), "dim"), "")
        for namespace, (checked, others) in coverage.by_reason().items():
            of = len(checked) + sum(map(len, others.values()))
            console.print(Text(f"{namespace}: {len(checked)} of {of} functions are checked. The others:", "bold"))
            for reason, functions in others.items():
                console.print(Padding(Text(f"{', '.join(functions)}: {reason}"), (0, 0, 0, 2)))
            console.print()


def _covered(record: Record) -> Table:
    precisions = record.header.precisions
    names = list(dict.fromkeys(name for name, _ in coverage.columns(record)))
    table = _table("Operations, and whether the cases that use them agree", "operation", "cases", *names)
    short = "".join(f"{SHORT.get(precision, precision):5}" for precision in precisions)
    table.add_row("", "", *(Text(short, "dim") for _ in names))
    kind = ""
    for (folder, operation), found in coverage.shares(record).items():
        if folder != kind:
            table.add_row(Text(folder, "bold"))
            kind = folder
        verdicts = {place: share.verdict for place, share in found.items()}
        cases = max(map(sum, found.values()))
        table.add_row(operation, str(cases), *(_marks(name, precisions, verdicts) for name in names))
    return table


def _marks(name: str, precisions: list[str], verdicts: dict[tuple[str, str], Verdict]) -> Text:
    cell = Text()
    for precision in precisions:
        verdict = verdicts.get((name, precision))
        cell.append(f"{glyph(verdict) if verdict else '':5}", _style(verdict) if verdict else "")
    return cell


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


def _show_diagnoses(record: Record, console: Console) -> None:
    """Each with its lines; a command is not broken, so that it can be copied."""
    found = [told(diagnosis) for diagnosis in record.diagnoses]
    if not found:
        return
    console.print(Text(f"What went wrong ({len(found):,})", "bold"))
    for one in found[:SHOWN]:
        console.print(Text(line(one.what, LONGEST), "bold"))
        for more in one.lines[:-1]:
            console.print(Padding(Text(line(more, LONGEST)), (0, 0, 0, 4), expand=False))
        console.print(Text(f"    {line(one.lines[-1])}"), soft_wrap=True)
    if len(found) > SHOWN:
        console.print(Text(f"… and {len(found) - SHOWN:,} more", "dim"))
    console.print()


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
