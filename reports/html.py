"""The record as one HTML page that loads nothing: it opens from disk, without network and without scripts."""

from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import quote

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from . import coverage, scoreboard
from .casebook import casebook
from .curves import Curves, curves
from .findings import broken, certificates, claims, differences, reasons, told
from .record import Record
from .rules import rules
from .sentence import answer, claims_sentence, notice, passed, remarks, sentence
from .svg import line_chart
from .tables import Cell, counts, implementations, margins, summary
from .words import clean, count, element, glyph, index, line, margin, number, numbers, short, state

SHOWN = 200  # rows of a list, before it says how many more there are
SHOWN_PER_CASE = 6
TEXT, DETAILS = 400, 4000  # characters of a reason, of a traceback


def render(record: Record) -> str:
    """The page. The same record gives the same bytes."""
    return _environment().get_template("report.html.j2").render(
        header=record.header,
        footer=record.footer,
        notice=notice(record),
        passed=passed(record),
        answer=answer(record),
        sentence=sentence(record),
        claims_sentence=claims_sentence(record),
        names=implementations(record),
        matrix=(matrix := summary(record)),
        columns=matrix.columns.to_list(),
        differences=differences(record),
        broken=broken(record),
        diagnoses=[(found, told(found)) for found in record.diagnoses],
        claims=claims(record),
        known=reasons(record, "known"),
        unsupported=reasons(record, "unsupported"),
        inconclusive=reasons(record, "inconclusive"),
        certificates=certificates(record),
        remarks=remarks(record),
        charts=[(curve, _chart(curve)) for curve in curves(record)],
        counts=counts(record),
        margins=margins(record),
        covered=coverage.shares(record),
        places=coverage.columns(record),
        offers=coverage.by_reason(),
        casebook=casebook(record),
        rules=rules(record),
        faults=scoreboard.by_operation(),
        faults_sentence=scoreboard.sentence(scoreboard.lines()),
        SHOWN=SHOWN,
        SHOWN_PER_CASE=SHOWN_PER_CASE,
    )  # fmt: skip


def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals["is_cell"] = lambda found: isinstance(found, Cell)
    environment.filters |= {
        "anchor": anchor, "count": count, "details": partial(clean, limit=DETAILS), "element": element,
        "glyph": glyph, "index": index, "link": link, "margin": margin, "number": number, "numbers": numbers,
        "short": short, "state": state, "text": partial(line, limit=TEXT), "block": partial(clean, limit=TEXT),
    }  # fmt: skip
    return environment


def anchor(case: str) -> str:
    """The id of a case's part of the page."""
    return f"case/{'_'.join(clean(case).split())}"


def link(url: str) -> Any:
    """A link, if it leads to the web; anything else is shown as text."""
    if url.lower().startswith(("https://", "http://")):
        return Markup('<a href="{}" rel="noopener noreferrer">{}</a>').format(
            quote(url, safe=":/?#[]@!$&'()*+,;=%-._~"), line(url, TEXT)
        )
    return line(url, TEXT)


def _chart(curve: Curves) -> Markup:
    lines = "; ".join(
        f"{name} from {number(values[0])} to {number(values[-1])}" for name, values in curve.series.items() if values
    )
    steps = max((len(values) for values in curve.series.values()), default=0)
    title = f"Loss of {line(curve.case)} in {curve.precision} over {count(steps, 'step')}"
    return line_chart(title, lines, "step", "loss", curve.series)
