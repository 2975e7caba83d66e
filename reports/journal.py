"""Write a record line by line, and read it back. What could mislead is refused: see `read`."""

import time
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import IO, Any, TypeAlias

import msgspec

from .record import FORMAT, AnyLine, CaseLine, ClaimLine, DiagnosisLine, Footer, Header, Line, Record, Row

Entry: TypeAlias = CaseLine | Row | ClaimLine | DiagnosisLine
Content: TypeAlias = Header | Entry
"""What `Writer.write` takes: every line but the footer, which the writer counts out itself."""


class RecordError(ValueError):
    """A record that cannot be trusted; the message names the file, the line and what is wrong with it."""


class Writer:
    """Appends lines to a record; what was flushed, a killed run leaves behind.

    On a normal end the footer is written; on an exception, Ctrl-C included, one that says the record is not
    complete and why. What `read` would refuse is refused here too, with RecordError.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._pages = _Pages(str(path))

    def __enter__(self) -> "Writer":
        self.path.parent.mkdir(parents=True, exist_ok=True)
        self._file: IO[bytes] = self.path.open("wb", buffering=2**20)
        self._began = time.monotonic()
        return self

    def write(self, line: Content) -> None:
        """One line."""
        self._pages.add(line)
        self._put(line)

    def flush(self) -> None:
        """What was written so far is on disk from now on, even if the run is killed."""
        self._file.flush()

    def finish(
        self,
        *,
        complete: bool = True,
        reason: str = "",
        timings: dict[str, float] | None = None,
        notes: list[str] | None = None,
    ) -> Footer:
        """The footer; call it to say more than the normal end does: timings, or why the run stopped early."""
        seconds = round(time.monotonic() - self._began, 3)
        footer = Footer(
            rows=len(self._pages.rows),
            claims=len(self._pages.claims),
            complete=complete,
            seconds=seconds,
            timings=timings or {},
            reason=reason,
            notes=notes or [],
        )
        self._pages.add(footer)
        self._put(footer)
        return footer

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None) -> None:
        try:
            if self._pages.header and not self._pages.footer:
                reason = "" if kind is None else f"{kind.__name__}: {error}".strip().removesuffix(":")
                self.finish(complete=kind is None, reason=reason)
        finally:
            self._file.close()

    def _put(self, line: Line) -> None:
        self._file.write(msgspec.json.encode(line) + b"\n")


def read(path: Path) -> Record:
    """A whole record.

    Raises RecordError if the file is empty, has no header or no footer, is cut off, holds two records, another
    format, a row twice, other numbers of rows than its footer says or, if complete, a row without its case.
    A record whose footer says complete=false is whole in this sense; every rendering of it says so at the top.
    """
    pages = _Pages(str(path))
    data = path.read_bytes()
    for number, line in _decode(data, str(path)):
        pages.add(line, number)
    if data and not data.endswith(b"\n"):
        raise RecordError(f"{path}: cut off in the middle of its last line")
    if pages.header and not pages.footer:
        raise RecordError(f"{path}: no footer, so the run was cut off; resume it, or run it again")
    return pages.record()


def read_partial(path: Path) -> Record:
    """What a run that was cut off left, to resume from; its last line is dropped if it was half written.

    A missing footer becomes one with complete=false. Anything else that `read` refuses is refused here too.
    """
    pages = _Pages(str(path))
    data = path.read_bytes()
    for number, line in _decode(data[: data.rfind(b"\n") + 1], str(path)):
        pages.add(line, number)
    if pages.header and not pages.footer:
        rows, claims = len(pages.rows), len(pages.claims)
        pages.add(Footer(rows, claims, complete=False, seconds=0.0, reason="the run was cut off"))
    return pages.record()


class _Pages:
    """Lines seen so far, each checked against those before it."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.header: Header | None = None
        self.footer: Footer | None = None
        self.cases: dict[tuple[Any, ...], CaseLine] = {}
        self.rows: dict[tuple[Any, ...], Row] = {}
        self.claims: dict[tuple[Any, ...], ClaimLine] = {}
        self.diagnoses: dict[tuple[Any, ...], DiagnosisLine] = {}

    def add(self, line: AnyLine, number: int = 0) -> None:
        where = f"{self.name}, line {number}" if number else self.name
        if isinstance(line, Header):
            if self.header:
                raise RecordError(f"{where}: a second header, so these are two records in one file")
            self.header = line
        elif not self.header:
            raise RecordError(f"{where}: no header; a record begins with one")
        elif self.footer:
            raise RecordError(f"{where}: a {_kind(line)} line after the footer, which ends a record")
        elif isinstance(line, Footer):
            self._count(line, where)
            self.footer = line
        else:
            self._keep(line, where)

    def _keep(self, line: Entry, where: str) -> None:
        page, key = self._place(line)
        if key in page:
            raise RecordError(f"{where}: the same {_kind(line)} twice: {' '.join(str(k) for k in key if k)}")
        page[key] = line

    def _place(
        self, line: CaseLine | Row | ClaimLine | DiagnosisLine
    ) -> tuple[dict[tuple[Any, ...], Any], tuple[Any, ...]]:
        if isinstance(line, CaseLine):
            return self.cases, (line.case, line.precision)
        if isinstance(line, Row):
            # A tensor has one check, but a whole check that gave none has only its name.
            check = "" if line.tensor else line.check
            return self.rows, (line.case, line.precision, line.implementation, line.tensor, check)
        if isinstance(line, DiagnosisLine):
            return self.diagnoses, (line.case, line.precision, line.implementation, line.tensor)
        assert isinstance(line, ClaimLine)
        place = (line.tensor, tuple(line.index))
        return self.claims, (line.case, line.implementation, *place, line.says, line.of)

    def _count(self, footer: Footer, where: str) -> None:
        for word, said, found in (
            ("rows", footer.rows, len(self.rows)),
            ("claims", footer.claims, len(self.claims)),
        ):
            if said != found:
                raise RecordError(f"{where}: the footer counts {said} {word}, but there are {found}")
        for row in self.rows.values() if footer.complete else ():
            if (row.case, row.precision) not in self.cases:
                raise RecordError(f"{where}: rows of {row.case} in {row.precision}, but no such case line")

    def record(self) -> Record:
        if not self.header or not self.footer:
            raise RecordError(f"{self.name}: empty, not even a header")
        cases, rows, claims = self.cases.values(), self.rows.values(), self.claims.values()
        return Record(
            self.header, tuple(cases), tuple(rows), tuple(claims), self.footer, tuple(self.diagnoses.values())
        )


class _Opening(msgspec.Struct):
    """What every format's header has, whatever else it may hold."""

    kind: str = ""
    format: int | None = None


def _decode(data: bytes, name: str) -> Iterator[tuple[int, AnyLine]]:
    decoder: msgspec.json.Decoder[AnyLine] = msgspec.json.Decoder(AnyLine)
    for number, line in enumerate(data.removesuffix(b"\n").split(b"\n") if data else (), start=1):
        try:
            if number == 1:
                _check_format(line, name)
            yield number, decoder.decode(line)
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            raise RecordError(f"{name}, line {number}: not a line of a record, or cut off: {error}") from None


def _check_format(line: bytes, name: str) -> None:
    opening = msgspec.json.decode(line, type=_Opening)
    if opening.kind == "header" and opening.format != FORMAT:
        raise RecordError(f"{name}: format {opening.format}; this version of backproof reads format {FORMAT}")


def _kind(line: Line) -> str:
    return str(line.__struct_config__.tag)
