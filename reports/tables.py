"""The record as tables, and its verdict in a sentence. pandas is imported by whoever imports this module."""

from collections.abc import Sequence
from typing import Any, NamedTuple

import msgspec
import pandas as pd

from .record import BROKE, DIFFERS, Record, Row, Verdict
from .words import CHECKS, RANK, VERDICTS, glyph, margin, short

QUANTILES = {"median": 0.5, "90 %": 0.9, "99 %": 0.99, "worst": 1.0}
COLUMNS = ("group", *Row.__struct_fields__)


class Cell(NamedTuple):
    """Many rows in one: how many have each verdict, and the worst margin of those that are not known differences."""

    counts: dict[Verdict, int]
    margin: float | None

    @property
    def worst(self) -> Verdict:
        """The worst verdict among them."""
        return max(self.counts, key=RANK.__getitem__)

    @property
    def agree(self) -> int:
        """How many are exact or within the tolerance."""
        return self.counts.get("exact", 0) + self.counts.get("within", 0)

    @property
    def verdict(self) -> Verdict:
        """What is said of them all: the worst, or within where some agree and none differs or broke."""
        harmless = self.worst not in (*DIFFERS, *BROKE)
        return "within" if harmless and self.agree > self.counts.get("exact", 0) else self.worst

    @property
    def detail(self) -> str:
        """What follows the verdict: of how many, the worst margin, and what else there is."""
        rows, having = sum(self.counts.values()), self.counts[self.verdict]
        having = self.agree if self.verdict == "within" else having
        share = "" if having == rows else f"{having:,} of {rows:,}"
        others = [v for v in ("inconclusive", "known", "unsupported") if v != self.verdict and v in self.counts]
        notes = [f"{glyph(v)} {self.counts[v]:,}" for v in others]
        return ", ".join(filter(None, (share, short(self.margin) if self.margin else "", *notes)))

    @property
    def text(self) -> str:
        """All in a line, as in ✓ within 0.31, or ✗ outside 2 of 40, 13."""
        return f"{glyph(self.verdict)} {self.verdict} {self.detail}".rstrip()


def implementations(record: Record) -> list[str]:
    """Names in the order of the header."""
    named = [who.name for who in record.header.implementations]
    return list(dict.fromkeys([*named, *(row.implementation for row in record.rows)]))


def groups(record: Record) -> dict[tuple[str, str], str]:
    """(case, precision) -> the case's group; without its line, the folder in its name."""
    found = {(row.case, row.precision): row.case.split(":")[0].rpartition("/")[0] for row in record.rows}
    return found | {(case.case, case.precision): case.group for case in record.cases}


def frame(record: Record) -> pd.DataFrame:
    """One line for each row of the record, its columns named as the row's fields, after the case's group."""
    group = groups(record)
    lines = [
        {"group": group[row.case, row.precision], **msgspec.structs.asdict(row), "margin": margin(row)}
        for row in record.rows
    ]
    table = pd.DataFrame(lines, columns=list(COLUMNS))
    return table.astype(dict.fromkeys(("margin", "error", "tolerance", "ulps"), "float64"))


def cells(table: pd.DataFrame, by: list[str]) -> dict[tuple[str, ...], Cell]:
    """The rows of each combination of these columns as one cell."""
    sizes = table.groupby([*by, "verdict"]).size()
    margins = table[table["verdict"] != "known"].groupby(by)["margin"].max()
    counts: dict[tuple[str, ...], dict[Verdict, int]] = {}
    key: Any  # what the table is grouped by, and the verdict
    for key, number in sizes.items():
        counts.setdefault(key[:-1], {})[key[-1]] = int(number)
    found = {}
    for place, numbers in counts.items():
        worst = margins.get(place if len(place) > 1 else place[0])
        found[place] = Cell(numbers, None if worst is None or pd.isna(worst) else float(worst))
    return found


def summary(record: Record) -> pd.DataFrame:
    """Case groups, worst first × (implementation, check), each a Cell, or None where nothing was asked."""
    table = frame(record)
    found = cells(table, ["group", "implementation", "check"])
    asked = {key[1:] for key in found}
    keys = [(name, check) for name in implementations(record) for check in CHECKS if (name, check) in asked]
    levels = pd.DataFrame(keys, columns=["implementation", "check"])
    return _matrix(table, found, keys, pd.MultiIndex.from_frame(levels))


def overview(record: Record) -> pd.DataFrame:
    """Case groups, worst first × implementation, over all checks, each a Cell or None."""
    table = frame(record)
    found = cells(table, ["group", "implementation"])
    names = implementations(record)
    return _matrix(table, found, [(name,) for name in names], pd.Index(names, name="implementation"))


def _matrix(
    table: pd.DataFrame, found: dict[tuple[str, ...], Cell], keys: Sequence[tuple[str, ...]], columns: "pd.Index[Any]"
) -> pd.DataFrame:
    worst = cells(table, ["group"])
    order = sorted(worst, key=lambda key: (*_badness(worst[key]), key))
    body = [[found.get((*group, *key)) for key in keys] for group in order]
    return pd.DataFrame(
        body, index=pd.Index([group for (group,) in order], name="group"), columns=columns, dtype=object
    )


def _badness(cell: Cell) -> tuple[float, float]:
    return -RANK[cell.worst], -(cell.margin or 0.0)


def counts(record: Record) -> pd.DataFrame:
    """(implementation, precision) × verdict: numbers of rows. A verdict that nobody got has no column."""
    table = frame(record)
    numbers = pd.crosstab([table["implementation"], table["precision"]], table["verdict"])
    present = [verdict for verdict in VERDICTS if verdict in numbers.columns]
    return numbers.reindex(index=_by_precision(record, numbers.index), columns=present)


def margins(record: Record) -> pd.DataFrame:
    """(implementation, precision) × tensors, exact, and quantiles of the margins of the tensors that have one."""
    table = frame(record).dropna(subset="margin")
    grouped = table.groupby(["implementation", "precision"])
    exact = table["verdict"].eq("exact").groupby([table["implementation"], table["precision"]]).sum()
    found = {name: grouped["margin"].quantile(q, interpolation="higher") for name, q in QUANTILES.items()}
    spread = pd.DataFrame({"tensors": grouped.size(), "exact": exact, **found})
    return spread.reindex(_by_precision(record, spread.index))


def _by_precision(record: Record, index: "pd.Index[Any]") -> list[tuple[str, str]]:
    """An index of (implementation, precision) in the header's order."""
    precisions = list(dict.fromkeys([*record.header.precisions, *(row.precision for row in record.rows)]))
    return [
        (name, precision) for name in implementations(record) for precision in precisions if (name, precision) in index
    ]
