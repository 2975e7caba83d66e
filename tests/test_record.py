"""A record is read back as it was written, and refused where it could mislead."""

from pathlib import Path

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from backproof.reports.journal import RecordError, Writer, read, read_partial
from backproof.reports.record import Footer, Header, Record

from .records import HOSTILE, case, every_verdict, header, record, row, write


@pytest.fixture
def good(tmp_path: Path) -> Path:
    return write(every_verdict(HOSTILE), tmp_path / "record.jsonl")


def edit(path: Path, change: dict[int, bytes]) -> Path:
    """Other lines in place of some; an empty one is left out."""
    lines = path.read_bytes().splitlines(keepends=True)
    for number, line in change.items():
        lines[number] = line
    path.write_bytes(b"".join(lines))
    return path


def test_what_was_written_is_read(good: Path) -> None:
    written = every_verdict(HOSTILE)
    found = read(good)
    assert (found.header, found.cases, found.rows, found.claims) == (
        written.header, written.cases, written.rows, written.claims,
    )  # fmt: skip
    assert found.footer.complete
    assert (found.footer.rows, found.footer.claims) == (len(written.rows), len(written.claims))


def test_what_was_flushed_is_on_disk(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "record.jsonl"
    with Writer(path) as out:
        out.write(header())
        out.write(case("a/b"))
        out.flush()
        assert path.read_bytes().count(b"\n") == 2
        assert read_partial(path).cases == (case("a/b"),)


def test_an_interrupted_run_leaves_a_readable_record(tmp_path: Path) -> None:
    path = tmp_path / "record.jsonl"

    def run() -> None:
        with Writer(path) as out:
            out.write(header())
            out.write(case("a/b"))
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run()
    footer = read(path).footer
    assert not footer.complete
    assert footer.reason == "KeyboardInterrupt"


def refused(path: Path, words: str) -> None:
    with pytest.raises(RecordError, match=words) as error:
        read(path)
    assert path.name in str(error.value)


def test_an_empty_file_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "record.jsonl"
    path.write_bytes(b"")
    refused(path, "empty")
    with pytest.raises(RecordError, match="empty"):
        read_partial(path)


def test_no_header_is_refused(good: Path) -> None:
    refused(edit(good, {0: b""}), "no header")


def test_no_footer_is_refused(good: Path) -> None:
    refused(edit(good, {-1: b""}), "no footer")


def test_half_a_line_is_refused(good: Path) -> None:
    good.write_bytes(good.read_bytes()[:-9])
    refused(good, "cut off")


def test_a_lost_row_is_refused(good: Path) -> None:
    refused(edit(good, {5: b""}), "footer counts")


def test_a_lost_claim_is_refused(good: Path) -> None:
    refused(edit(good, {-2: b""}), "claims, but there are")


def test_a_doubled_row_is_refused(good: Path) -> None:
    line = good.read_bytes().splitlines(keepends=True)[5]
    refused(edit(good, {5: line * 2}), "same row twice")


def test_a_lost_case_is_refused(good: Path) -> None:
    refused(edit(good, {1: b""}), "no such case line")


def test_two_records_in_one_file_are_refused(good: Path) -> None:
    good.write_bytes(good.read_bytes() * 2)
    refused(good, "two records")


def test_a_line_after_the_footer_is_refused(good: Path) -> None:
    good.write_bytes(good.read_bytes() + good.read_bytes().splitlines(keepends=True)[1])
    refused(good, "after the footer")


def test_another_format_is_refused_even_with_other_fields(good: Path) -> None:
    refused(edit(good, {0: b'{"kind":"header","format":99}\n'}), "format 99; this version")


@pytest.mark.parametrize("line", [b"\n", b"{}\n", b'{"kind":"row"}\n', b"\xff\n", b'{"kind":"other"}\n', b"[1]\n"])
def test_what_is_no_line_of_a_record_is_refused(good: Path, line: bytes) -> None:
    refused(edit(good, {4: line}), "line 5: not a line of a record")


def test_a_verdict_that_does_not_exist_is_refused(good: Path) -> None:
    good.write_bytes(good.read_bytes().replace(b'"outside"', b'"splendid"'))
    refused(good, "splendid")


def test_the_writer_refuses_what_could_not_be_read(tmp_path: Path) -> None:
    with Writer(tmp_path / "record.jsonl") as out:
        with pytest.raises(RecordError, match="no header"):
            out.write(case("a/b"))
        out.write(header())
        out.write(case("a/b"))
        out.write(row("a/b"))
        with pytest.raises(RecordError, match="same row twice: a/b float64 torch loss"):
            out.write(row("a/b"))
    assert read(tmp_path / "record.jsonl").footer.rows == 1


def test_a_partial_record_is_read_to_its_last_whole_line(good: Path) -> None:
    whole = read(good)
    data = good.read_bytes()
    good.write_bytes(data[: data.rfind(b"\n", 0, data.find(b'"inconclusive"')) + 20])
    found = read_partial(good)
    assert found.rows == whole.rows[: len(found.rows)]
    assert not found.footer.complete
    assert found.footer.reason == "the run was cut off"


def test_a_record_that_says_it_is_not_complete_is_read(tmp_path: Path) -> None:
    unfinished = record([case("a/b")], [row("a/b")], complete=False)
    path = write(unfinished, tmp_path / "record.jsonl")
    assert not read(path).footer.complete
    assert read_partial(path).rows == unfinished.rows


def test_infinite_widths_survive_the_way_through_json() -> None:
    line = case("a/b", certificate=msgspec.structs.replace(case("a/b").certificate, widest_ulp=float("inf")))
    found = msgspec.json.decode(msgspec.json.encode(line), type=type(line))
    assert found.certificate is not None
    assert found.certificate.widest_ulp is None


@settings(max_examples=200, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_every_truncation_is_refused(good: Path, data: st.DataObject) -> None:
    whole = good.read_bytes()
    cut = good.with_name("cut.jsonl")
    cut.write_bytes(whole[: data.draw(st.integers(0, len(whole) - 1))])
    with pytest.raises(RecordError):
        read(cut)


@settings(max_examples=100, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_every_truncation_past_the_header_can_be_resumed(good: Path, data: st.DataObject) -> None:
    whole = good.read_bytes()
    cut = good.with_name("cut.jsonl")
    cut.write_bytes(whole[: data.draw(st.integers(whole.find(b"\n") + 1, len(whole)))])
    found = read_partial(cut)
    assert isinstance(found, Record)
    assert isinstance(found.header, Header)
    assert isinstance(found.footer, Footer)
    assert found.rows == read(good).rows[: len(found.rows)]
