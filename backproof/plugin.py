"""The catalogue as pytest items: `pytest --backproof mylib.adapter:MyAdapter`.

One item is one case, at each of its precisions; its id is the case's name. Several implementations: name::case. Each
has one process (with xdist one in each worker) that is started when first asked and kept to the end. Beside pytest,
nothing is imported until the option is given.
"""

import shlex
import tempfile
from collections.abc import Generator, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from .adapters.implementation import Implementation
    from .adapters.known import KnownDifferences
    from .cases import Case
    from .reports.record import Record

NOT_TAGS = ("skip", "skipif", "xfail", "usefixtures", "filterwarnings", "parametrize")
"""Marks that mean something to pytest itself: a case's tag of that name gives none."""


def pytest_addoption(parser: pytest.Parser) -> None:
    """The options; see README."""
    group = parser.getgroup("backproof", "losses, gradients and updates against a proved reference")

    def option(name: str, metavar: str, help: str) -> None:
        group.addoption(name, action="append", default=[], metavar=metavar, help=f"{help}. May be repeated.")

    option("--backproof", "NAME", "judge an implementation: module:Class, path/to/file.py:Class, name=command, pytorch")
    option("--backproof-cases", "GLOB", "only these cases: a glob over names, a case file, a folder")
    option("--backproof-precision", "PRECISION", "only at this precision, such as float64")
    group.addoption("--backproof-expect", metavar="FILE", help="known differences (TOML): they are expected to fail")


def pytest_configure(config: pytest.Config) -> None:
    """Names are looked at before anything is collected."""
    config.addinivalue_line("markers", "backproof: a case of backproof's catalogue, see --backproof")
    if config.getoption("backproof"):
        try:
            config.stash[_PLANNED] = _Planned(config)
        except (ValueError, OSError) as error:
            raise pytest.UsageError(f"--backproof: {error}") from None


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report(collector: pytest.Collector) -> Generator[None, pytest.CollectReport, Any]:
    """Behind what the paths of the command line select come the cases, collected as any test is."""
    report = yield
    planned = collector.config.stash.get(_PLANNED, None)
    if planned and isinstance(collector, pytest.Session) and report.result is not None:
        report.result.append(Catalogue.from_parent(collector, name="backproof", planned=planned))
    return report


def pytest_unconfigure(config: pytest.Config) -> None:
    """The processes are no longer needed."""
    if config.stash.get(_PLANNED, None):
        from .adapters import pool

        pool.close()


class _Planned:
    """Who is asked what, from the command line."""

    def __init__(self, config: pytest.Config) -> None:
        from .adapters.implementation import implementation
        from .reference.arithmetic.precision import PRECISIONS

        self.config = config
        self.implementations = [implementation(name) for name in config.getoption("backproof")]
        names = [one.name for one in self.implementations]
        if twice := [name for name in dict.fromkeys(names) if names.count(name) > 1]:
            raise ValueError(f"two implementations are called {twice[0]!r}; put another name and = before one of them")
        self.precisions: list[str] = config.getoption("backproof_precision")
        if unknown := [name for name in self.precisions if name not in PRECISIONS]:
            raise ValueError(f"there is no precision {unknown[0]!r}. There are: {', '.join(PRECISIONS)}")
        file = config.getoption("backproof_expect")
        self.known = {one.name: _known(one, Path(file)) for one in self.implementations} if file else {}
        self.tags: set[str] = set()

    def load(self, pattern: str) -> list["Case"]:
        """The cases of one pattern. Raises ValueError where there are none."""
        from .cases import load

        cases = load([pattern] if pattern else ())
        wanted = set(self.precisions)
        cases = [case for case in cases if not wanted or wanted & set(case.file.precisions)]
        if not cases:
            raise ValueError(f"no case matches {pattern!r}; backproof list shows what there is")
        return cases

    def mark(self, tag: str) -> str:
        """The mark of a case's tag, made known to pytest, which is strict about marks."""
        if tag not in self.tags:
            self.tags.add(tag)
            self.config.addinivalue_line("markers", f"{tag}: cases of backproof's catalogue with this tag")
        return tag

    def ask(self, one: "Implementation", case: "Case") -> "Record":
        """What came of one case, at each precision."""
        from .adapters import pool
        from .adapters.session import TIMEOUT
        from .api import ask_through
        from .reports.journal import read
        from .run import Plan, run

        plan = Plan([case], [one], self.precisions, known=self.known, again=lambda *_: command(one, case))
        with tempfile.TemporaryDirectory() as folder, pool.session(one, TIMEOUT) as session:
            ask_through(plan, session, one)
            path = Path(folder) / "record.jsonl"
            run(plan, path)
            return read(path)


_PLANNED = pytest.StashKey[_Planned]()


class Catalogue(pytest.Collector):
    """The cases that were asked for, of each implementation."""

    def __init__(self, *, planned: _Planned, **more: Any) -> None:
        super().__init__(**more)
        self.planned = planned

    def collect(self) -> Iterator[pytest.Item]:
        """See `pytest.Collector`. What cannot be read as a case becomes an item too, which is an error."""
        found: dict[str, Case] = {}
        for pattern in self.config.getoption("backproof_cases") or [""]:
            try:
                for case in self.planned.load(pattern):
                    other = found.setdefault(case.name, case)
                    if other.path.resolve() != case.path.resolve():
                        raise ValueError(f"{case.name}: two files have this name: {other.path} and {case.path}")
            except ValueError as error:
                yield BadCase.from_parent(self, name=f"backproof::{pattern}", problem=str(error))
        several = len(self.planned.implementations) > 1
        for one in self.planned.implementations:
            for case in found.values():
                name = f"{one.name}::{case.name}" if several else case.name
                yield CaseItem.from_parent(self, name=name, case=case, one=one, planned=self.planned)


class _Item(pytest.Item):
    """Something whose id is its name."""

    def __init__(self, *, name: str, **more: Any) -> None:
        super().__init__(name=name, nodeid=name, **more)
        self.add_marker("backproof")

    def reportinfo(self) -> tuple[Path, None, str]:
        """In place of a file and a line: the name."""
        return self.config.rootpath / self.nodeid.partition("::")[0], None, self.name


class BadCase(_Item):
    """What cannot be read as a case: an error."""

    def __init__(self, *, problem: str, **more: Any) -> None:
        super().__init__(**more)
        self.problem = problem

    def setup(self) -> None:
        """See `pytest.Item`."""
        pytest.fail(self.problem, pytrace=False)

    def runtest(self) -> None:
        """See `pytest.Item`."""


class CaseItem(_Item):
    """One case, held against one implementation."""

    def __init__(self, *, case: "Case", one: "Implementation", planned: _Planned, **more: Any) -> None:
        super().__init__(**more)
        self.case, self.one, self.planned = case, one, planned
        for tag in case.file.tags:
            if tag.isidentifier() and tag not in NOT_TAGS:
                self.add_marker(planned.mark(tag))
        self.extra_keyword_matches.update(case.operations)

    def runtest(self) -> None:
        """Agreement passes, a known difference is an expected failure, what cannot be done is skipped."""
        record = self.planned.ask(self.one, self.case)
        if text := failure(record):
            from .reports.diagnosis.lines import selector

            alone = f"backproof explain {shlex.quote(selector(self.case))}\n{command(self.one, self.case)}"
            pytest.fail(f"{text}\n\nThe derivation, and this case alone:\n{alone}", pytrace=False)
        verdicts = {row.verdict: row for row in record.rows}
        if known := verdicts.get("known"):
            pytest.xfail(f"{known.tensor}: {known.reason}")
        if set(verdicts) == {"unsupported"}:
            pytest.skip("; ".join(dict.fromkeys(row.reason for row in record.rows)))


def failure(record: "Record") -> str:
    """What is wrong, or "": the diagnosis, the worst element of each tensor that differs, and what broke."""
    from .api import finding, worst
    from .reports.record import BROKE

    bad = worst(record)
    cases = [f"bad case: {case.problem}" for case in record.cases if case.problem]
    details = dict.fromkeys(row.details.rstrip() for row in bad if row.verdict in BROKE)
    return "\n".join(filter(None, [_diagnosis(record), *cases, *map(finding, bad), *details]))


def _diagnosis(record: "Record") -> str:
    """What went wrong and what to do about it, where that can be told."""
    from .reports.findings import told

    found = [told(diagnosis) for diagnosis in record.diagnoses]
    return "\n".join(line for one in found for line in (one.what, *(f"    {more}" for more in one.lines)))


def command(one: "Implementation", case: "Case") -> str:
    """What asks an implementation this case alone, on the command line."""
    from .adapters.implementation import spec
    from .reports.diagnosis.lines import selector

    return shlex.join(["backproof", "run", selector(case), "--with", spec(one)])


def _known(one: "Implementation", file: Path) -> "KnownDifferences":
    """The known differences of a file, beside those that ship with a built-in implementation."""
    from .adapters import known

    given = known.read(file, anything=not one.built_in)
    if one.built_in:
        given.entries |= known.shipped(one.name).entries
    return given
