"""Renderings show what the record says, quote what came from outside, and are the same for the same record."""

import csv
import io
import json
import re
import xml.etree.ElementTree as ET
from dataclasses import replace
from html import unescape
from html.parser import HTMLParser
from urllib.parse import unquote

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console

from backproof.reports import findings, svg, tables
from backproof.reports.curves import curves
from backproof.reports.record import Certificate, Record
from backproof.reports.render import FORMATS, render
from backproof.reports.rules import rules
from backproof.reports.sentence import answer, passed, sentence
from backproof.terminal import show

from .records import HOSTILE, NAMES, case, every_verdict, realistic, record, row


def terminal(found: Record, **options: object) -> str:
    out = io.StringIO()
    show(found, Console(file=out, **options))  # type: ignore[arg-type]
    return out.getvalue()


class Page(HTMLParser):
    """Tags, attributes and text of a page."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str, str]] = []
        self.text = ""
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += [(tag, name, value or "") for name, value in attrs]

    def handle_data(self, data: str) -> None:
        self.text += data

    def values(self, name: str) -> list[str]:
        return [value for _, found, value in self.attributes if found == name]


@pytest.fixture(scope="module")
def large() -> Record:
    return realistic(280)


# ---------------------------------------------------------------- rules
def steps() -> Record:
    """Four steps of Adam, a state that one implementation does not give, and names that are none."""
    expected: dict[str, object] = {"update.": 1.0, "state.x.y": [2.0]}
    for k in range(1, 5):
        expected |= {f"update.{k}.W": [[1.0] * 9], f"update.{k}.b": [k + 0.25, -1.5], f"state.{k}.m.b": [0.5, k]}
    rows = [
        row("optimizers/adam", "torch", t, "exact", values=x) for t, x in expected.items() if t.startswith("update")
    ]
    return record([case("optimizers/adam", operations=["adam"], expected=expected)], rows)


def test_a_rule_is_shown_with_its_codes_and_first_steps() -> None:
    page = Page(render(steps(), "html"))
    assert "mₜ = β₁ mₜ₋₁ + (1 − β₁) g" in page.text
    assert "optax.adam" in page.text
    (rule,) = rules(steps())
    assert [numbers.tensor for numbers in rule.steps] == [
        "update.1.b", "state.1.m.b", "update.2.b", "state.2.m.b", "update.3.b", "state.3.m.b",
    ]  # fmt: skip
    assert rule.steps[0].values[1] == [1.25, -1.5]
    assert rule.steps[1].values == [None, None, None]


# ---------------------------------------------------------------- what is said
def test_the_sentence_counts() -> None:
    assert sentence(every_verdict()) == (
        "3 cases × 3 implementations: 13 of 20 tensors agree (3 exactly), 1 inconclusive, "
        "1 known difference, 1 outside, 1 nonfinite, 1 dtype, 1 shape, 1 missing; 1 check unsupported, "
        "1 check in error, 1 check timed out. Cases 3f2a9c81d04e."
    )


def test_the_sentence_says_when_cases_are_absent() -> None:
    assert sentence(record([case("a/b")], [row("a/b")], cases=4)).startswith("1 of 4 cases ×")


@pytest.mark.parametrize("verdict", ["outside", "nonfinite", "dtype", "shape", "missing", "error", "timeout"])
def test_one_bad_row_fails(verdict: str) -> None:
    bad = record([case("a/b")], [row("a/b", "jax"), row("a/b", verdict=verdict)])  # type: ignore[arg-type]
    assert not passed(bad)
    assert answer(bad) == "✗ No."


@pytest.mark.parametrize("format", ["html", "markdown", "terminal"])
def test_remarks_are_shown(format: str) -> None:
    found = record([case("a/b", problem="it sits on a tie")], [row("a/b")])
    found = replace(found, footer=msgspec.structs.replace(found.footer, notes=["known difference not met: <x>"]))
    text = terminal(found) if format == "terminal" else unescape(render(found, format))
    assert "a/b is not well posed: it sits on a tie" in text
    assert "known difference not met: <x>" in text
    assert not passed(found)


def test_nothing_compared_does_not_pass() -> None:
    assert not passed(record([], []))
    assert not passed(record([case("a/b")], [row("a/b", verdict="unsupported")]))


def test_an_incomplete_record_does_not_pass() -> None:
    rows = [row("a/b")]
    assert passed(record([case("a/b")], rows))
    assert not passed(record([case("a/b")], rows, complete=False))


def test_the_summary_puts_the_worst_first() -> None:
    matrix = tables.summary(every_verdict())
    assert list(matrix.index) == ["basics/losses", "basics/training", "seed"]
    cell = matrix.loc["basics/losses", ("torch", "gradient")]
    assert isinstance(cell, tables.Cell)
    assert (cell.verdict, sum(cell.counts.values()), cell.agree, cell.margin) == ("missing", 7, 0, 13.7)
    assert cell.text == "✗ missing 1 of 7, 14, ? 1, ≠ 1"
    assert matrix.loc["seed", ("jax", "gradient")] is None


def test_a_cell_that_agrees_says_so_first_and_then_what_else_there_is() -> None:
    cell = tables.Cell({"exact": 2, "within": 5, "inconclusive": 1, "known": 3}, 0.31)
    assert cell.text == "✓ within 7 of 11, 0.31, ? 1, ≠ 3"
    assert tables.Cell({"exact": 4}, 0.0).text == "= exact"
    assert tables.Cell({"unsupported": 4}, None).text == "– unsupported"
    assert tables.Cell({"within": 9, "outside": 1}, 8.0).text == "✗ outside 1 of 10, 8"


def test_counts_add_up_to_the_rows(large: Record) -> None:
    assert tables.counts(large).to_numpy().sum() == len(large.rows)
    assert tables.margins(large).loc[("torch", "float64"), "worst"] == 13.7
    assert sum(cell.agree for cell in tables.cells(tables.frame(large), ["case"]).values()) == sum(
        row.verdict in ("exact", "within") for row in large.rows
    )


def test_the_odd_one_out_is_named_when_the_others_agree() -> None:
    rows = [row("a/b", "torch", verdict="outside"), row("a/b", "jax"), row("a/b", "reference", verdict="exact")]
    assert [found.odd for found in findings.differences(record([case("a/b")], rows))] == ["torch"]
    rows[1] = row("a/b", "jax", verdict="outside")
    assert {found.odd for found in findings.differences(record([case("a/b")], rows))} == {""}


def test_where_no_error_is_tolerated_the_margin_is_infinite() -> None:
    rows = [row("a/b", verdict="outside", margin=None, tolerance=0.0, error=1e-20)]
    assert "∞" in terminal(record([case("a/b")], rows))


def test_claims_stand_with_the_true_value() -> None:
    held, wrong = findings.claims(every_verdict("a note"))
    assert (held.says, held.verdict, held.right) == ("0.04", "holds", "0.04")
    assert (wrong.says, wrong.verdict, wrong.right) == ("0.028", "wrong", "-0.28")
    assert set(wrong.values) == set(NAMES)


def test_a_loose_certificate_is_not_counted() -> None:
    loose = case("a/c", certificate=replace_ulp(0.3))
    unbounded = case("a/d", certificate=replace_ulp(None))
    found = findings.certificates(record([case("a/b"), loose, unbounded, case("a/e", certificate=None)], []))
    assert (found.cases, found.tried, found.certified) == (4, 3, 1)
    assert found.loose == ("a/c (float64)", "a/d (float64)")


def replace_ulp(widest: float | None) -> Certificate:
    return Certificate(bits=120, tensors=4, elements=60, widest_ulp=widest, digits=24.5)


def test_losses_are_joined_over_epochs_in_order() -> None:
    epochs = {f"trajectory.{epoch}.loss": [float(epoch), epoch + 0.5] for epoch in (10, 2, 1)}
    found = curves(record([case("a/b", expected=epochs)], []))
    assert found[0].series == {"expected": [1.0, 1.5, 2.0, 2.5, 10.0, 10.5]}


def test_a_chart_keeps_peaks_and_leaves_gaps() -> None:
    values = [1.0] * 5000
    values[3456] = 9.0
    assert (3457, 9.0) in svg.thinned(values)
    assert len(svg.thinned(values)) <= svg.POINTS + 2
    chart = svg.line_chart("t", "d", "step", "loss", {"a": [1.0, 2.0, float("nan"), 3.0, float("inf")]})
    assert chart.count("M") >= 2
    assert "nan" not in re.findall(r' d="[^"]*"', chart)
    ET.fromstring(chart[chart.index("<svg") : chart.index("</svg>") + 6])


@given(st.lists(st.floats(), max_size=6) | st.lists(st.floats(min_value=0), max_size=6))
def test_a_chart_of_anything_can_be_drawn(values: list[float]) -> None:
    chart = svg.line_chart("t", "d", "step", "loss", {"a": values})
    places = [float(at) for path in re.findall(r' d="([^"]*)"', chart) for at in re.findall(r"[-+\d.einfa]+", path)]
    assert all(-1 <= at <= svg.WIDTH + 1 for at in places)


# ---------------------------------------------------------------- every rendering
@pytest.mark.parametrize("format", FORMATS)
def test_the_same_record_gives_the_same_bytes(format: str) -> None:
    assert render(every_verdict(), format) == render(every_verdict(), format)


@pytest.mark.parametrize("format", FORMATS)
@pytest.mark.parametrize("found", [record([], []), record([case("a/b")], []), record([], [row("odd")])])
def test_small_records_can_be_rendered(format: str, found: Record) -> None:
    assert render(found, format)
    assert terminal(found)


@pytest.mark.parametrize("format", FORMATS)
def test_an_incomplete_record_says_so_at_the_top(format: str) -> None:
    found = every_verdict()
    partial = replace(found, footer=type(found.footer)(20, 6, False, 1.0, reason="stopped with Ctrl-C"))
    text = render(partial, format)
    place = text.index("NOT COMPLETE: stopped with Ctrl-C")
    body = text.index("<main") if format == "html" else 0
    assert 0 <= place - body < 600
    assert "NOT COMPLETE" not in render(found, format)
    assert terminal(partial).startswith("! NOT COMPLETE: stopped")


def test_a_format_that_does_not_exist_is_refused_with_those_that_do() -> None:
    with pytest.raises(ValueError, match="no format 'pdf'; there are: html, markdown, csv, json, junit"):
        render(every_verdict(), "pdf")


# ---------------------------------------------------------------- HTML
def test_the_page_loads_and_runs_nothing() -> None:
    html = render(every_verdict(HOSTILE), "html")
    page = Page(html)
    assert not {"script", "link", "img", "iframe", "object", "embed", "base", "form"} & set(page.tags)
    assert not [name for _, name, _ in page.attributes if name.startswith("on")]
    assert not page.values("src")
    assert {link for link in page.values("href") if not link.startswith("#")} == {"https://example.org/1"}
    assert "url(" not in html
    assert "@import" not in html
    assert "default-src 'none'" in " ".join(page.values("content"))


def test_the_page_shows_hostile_text_as_text() -> None:
    page = Page(render(every_verdict(HOSTILE), "html"))
    assert "<script>alert(1)</script>" in page.text
    assert "\x1b" not in page.text
    assert "\x00" not in page.text


def test_a_link_that_leads_elsewhere_than_the_web_is_text() -> None:
    bad = row("a/b", verdict="known", link="javascript:alert(1)", reason="r")
    page = Page(render(record([case("a/b")], [bad]), "html"))
    assert "javascript:alert(1)" in page.text
    assert not [link for link in page.values("href") if "javascript" in link]


def test_links_within_the_page_lead_somewhere(large: Record) -> None:
    page = Page(render(large, "html"))
    anchors = page.values("id")
    assert len(anchors) == len(set(anchors))
    assert {unquote(link[1:]) for link in page.values("href") if link.startswith("#")} <= set(anchors)


def test_every_table_has_a_caption_or_a_label_and_scoped_heads() -> None:
    page = Page(render(every_verdict(), "html"))
    heads = [value for tag, name, value in page.attributes if tag == "th" and name == "scope"]
    assert len(heads) == page.tags.count("th")
    assert page.tags.count("table") <= page.tags.count("caption") + page.values("class").count("tensors")
    assert "lang" in [name for tag, name, _ in page.attributes if tag == "html"]
    assert page.tags.count("h1") == 1


def test_the_page_of_a_large_record_is_small(large: Record) -> None:
    assert len(large.rows) > 15_000
    assert len(render(large, "html").encode()) < 3_000_000


def test_the_page_is_small_when_everything_differs() -> None:
    rows = [
        row(f"g/c{number}", name, f"gradient.layer{place}.W", "outside", reason="why " * 500, details="d" * 9000)
        for number in range(100)
        for place in range(50)
        for name in NAMES
    ]
    assert len(rows) == 15_000
    assert len(render(record([case(f"g/c{number}") for number in range(100)], rows), "html").encode()) < 3_000_000


# ---------------------------------------------------------------- the others
def test_junit_can_be_parsed_and_counts() -> None:
    root = ET.fromstring(render(every_verdict(HOSTILE), "junit").encode())
    assert root.tag == "testsuites"
    torch = next(suite for suite in root if suite.get("name") == "torch")
    assert (torch.get("tests"), torch.get("errors"), torch.get("failures")) == ("3", "1", "0")
    assert root.get("tests") == str(len(root.findall(".//testcase")))


def test_junit_names_the_worst_element() -> None:
    root = ET.fromstring(render(record([case("a/b")], [row("a/b", verdict="outside")]), "junit").encode())
    failure = root.find(".//failure")
    assert failure is not None
    assert "loss: outside; [4, 2]: expected 0.1, got 0.1000000000000137; margin 14" in failure.get("message", "")


def test_markdown_quotes_what_means_something() -> None:
    text = render(every_verdict(HOSTILE), "markdown")
    for line in text.splitlines():
        if line.startswith("| ") and "alert" in line:
            assert line.count("|") in {7, 10, 6}
    assert "<script" not in text
    assert "`code`" not in text
    assert "](javascript" not in text


def test_markdown_of_a_large_record_is_small(large: Record) -> None:
    assert len(render(large, "markdown").encode()) < 200_000


def test_csv_has_every_row_and_no_formula() -> None:
    found = every_verdict('=HYPERLINK("https://example.org")')
    lines = list(csv.DictReader(io.StringIO(render(found, "csv"))))
    assert len(lines) == len(found.rows)
    assert {line["reason"][:1] for line in lines} == {"", "'"}
    assert lines[0]["group"] == "seed"


def test_json_is_the_record_with_its_verdict() -> None:
    document = json.loads(render(every_verdict(), "json"))
    assert document["sentence"] == sentence(every_verdict())
    assert document["passed"] is False
    assert len(document["rows"]) == 23


def test_the_terminal_fits_100_columns_and_ends_with_the_verdict(large: Record) -> None:
    text = terminal(large)
    *lines, last = text.rstrip("\n").split("\n")
    assert max(map(len, lines)) <= 100
    assert last.startswith("✗ 283 cases (563 with their precisions) × 3 implementations")
    assert "\x1b" not in text
    assert "✗ outside" in text


def test_the_terminal_shows_markup_and_escapes_as_text() -> None:
    text = terminal(every_verdict(HOSTILE), width=100, force_terminal=False)
    assert "[red]x[/red]" in text
    assert "\x1b" not in text
