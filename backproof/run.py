"""A run: ask every implementation every case, hold each answer against what is expected, write the record."""

import contextlib
import datetime
import itertools
import os
import platform
import shlex
import sys
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, field
from enum import IntEnum
from functools import cache
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from threadpoolctl import threadpool_limits

from . import __version__
from .adapters import known, runner
from .adapters.base import Asked, Broke, Description, Refused, Traced
from .adapters.implementation import spec
from .adapters.known import KnownDifferences
from .adapters.runner import Implementation
from .cases import Case, CaseError, Check, Problem, catalogue, catalogue_hash
from .reference import operations
from .reports import cache as caching
from .reports import judge
from .reports.expect import FIRST_SEED, RUNS, Expectation
from .reports.faults.planting import ALONE
from .reports.journal import Writer, read_partial
from .reports.record import AGREES, BROKE, DIFFERS, FORMAT, CaseLine, DiagnosisLine, Header, Record, Row, Who
from .reports.sentence import compared

if TYPE_CHECKING:
    from .reports.diagnosis.diagnose import Agreement, Diagnosis
    from .reports.diagnosis.evidence import Failure

SHRUNK = 3  # diagnoses of an implementation whose smallest case is looked for
BATCH = 6  # problems that go to a process in one go


class Outcome(IntEnum):
    """How a run ended, as the exit code of the command."""

    AGREEMENT = 0
    DISAGREEMENT = 1
    BAD_CASE = 2  # bad usage, a case that cannot be read, or one that is not well posed
    BROKE = 3  # an implementation broke, hung, or is not there
    NOTHING_COMPARED = 4  # no case was selected, or everything was unsupported
    INTERRUPTED = 130


@dataclass
class Plan:
    """What to run."""

    cases: Sequence[Case]
    implementations: Sequence[Implementation]
    precisions: Sequence[str] = ()  # empty: those that each case names
    selection: Sequence[str] = ()
    jobs: int = 2
    timeout: float = 60.0
    max_fail: int = 0  # stop after so many differing rows; 0: never
    executor: Executor | None = None
    resume: Path | None = None
    ask: Callable[..., Iterator[tuple[Implementation, list[Asked]]]] = runner.run
    describe: Callable[..., list[Description | Broke]] = runner.describe
    expectation: Callable[[Case, str], Expectation] = caching.expectation
    known: Mapping[str, KnownDifferences] = field(default_factory=dict)  # of implementations, beside what ships
    notes: Sequence[str] = ()  # what a reader should know beside
    again: Callable[[str, str], str] | None = None  # the command that asks a case again; by default one of `run`
    diagnose: bool = True  # say what went wrong where something did
    smallest: Path | None = None  # a folder for the smallest cases that still show it; None: do not look for them


class _Enough(Exception):
    """As many rows differ as the plan allows."""


def run(plan: Plan, path: Path, progress: Callable[[int, int], None] | None = None) -> None:
    """Carry out a plan, writing the record at `path` as it goes; progress is told (checks done, checks in all).

    Raises KeyboardInterrupt after the record has been closed as incomplete, and CaseError if the record to be resumed
    is of something else.
    """
    names = [one.name for one in plan.implementations]
    if twice := [name for name in dict.fromkeys(names) if names.count(name) > 1]:
        raise CaseError(f"two implementations are called {twice[0]!r}; put another name and = before one of them: "
                        "--with other=…")  # fmt: skip
    old = read_partial(plan.resume) if plan.resume else None
    described = plan.describe(plan.implementations)
    header = _header(plan, described)
    if old and (difference := _changed(old.header, header)):
        raise CaseError(f"{plan.resume} cannot be resumed: since then, {difference}")
    with threadpool_limits(1), Writer(path) as writer:
        writer.write(header)
        clerk = _Clerk(plan, writer, described)
        problems = clerk.problems(clerk.copy(old) if old else set())
        total = sum(len(p.checks) for p in problems) * len(plan.implementations)
        batches = [problems[i : i + BATCH] for i in range(0, len(problems), BATCH)]
        stopped = ""
        try:
            done = 0
            for implementation, answers in plan.ask(
                plan.implementations, batches, executor=plan.executor, jobs=plan.jobs, timeout=plan.timeout
            ):
                for asked in answers:
                    clerk.settle(implementation.name, asked)
                writer.flush()
                done += len(answers)
                if progress:
                    progress(done, total)
        except _Enough:
            stopped = f"stopped after {clerk.differing} rows that differ or broke, as asked"
        clerk.write_refused()
        clerk.diagnose()
        timings = {what: round(seconds, 3) for what, seconds in clerk.seconds.items()}
        writer.finish(complete=not stopped, reason=stopped, timings=timings, notes=[] if stopped else clerk.notes())


class _Clerk:
    """Who holds answers against expectations and writes the rows, and remembers what has been written."""

    def __init__(self, plan: Plan, writer: Writer, described: Sequence[Description | Broke]) -> None:
        self.plan, self.writer = plan, writer
        answered = zip(plan.implementations, described, strict=True)
        self.offered = {one.name: d.tensors for one, d in answered if isinstance(d, Description)}
        self.cases = {case.name: case for case in plan.cases}
        self.known = {one.name: known.shipped(one.name) if one.built_in else known.NONE for one in plan.implementations}
        self.known |= plan.known
        self.evidence = {one.name: _Evidence() for one in plan.implementations}
        self.expectations: dict[tuple[str, str], Expectation] = {}
        self.refused: list[tuple[str, Asked]] = []
        self.differing = 0
        self.seconds: dict[str, float] = defaultdict(float)

    def copy(self, old: Record) -> set[tuple[str, str]]:
        """Take over what an interrupted run finished: the cases and precisions that every implementation answered."""
        names = {one.name for one in self.plan.implementations}
        if not old.rows:
            return set()
        cut = (old.rows[-1].case, old.rows[-1].precision)  # its last answer may have been half written
        answered: dict[tuple[str, str], set[tuple[str, str]]] = {}
        for row in old.rows:
            answered.setdefault((row.case, row.precision), set()).add((row.implementation, row.check))
        done = {
            key
            for key, seen in answered.items()
            if key != cut
            and self._planned(*key)
            and seen >= set(itertools.product(names, {check for _, check in seen}))
        }
        rows = (row for row in old.rows if row.implementation in names)
        for line in itertools.chain[CaseLine | Row](old.cases, rows):
            if (line.case, line.precision) in done:
                self.writer.write(line)
                if isinstance(line, Row) and line.verdict == "known":
                    self.known[line.implementation].match(line.case, line.precision, line.tensor)
        for claim in old.claims:
            if (claim.case, "float64") in done and claim.implementation in names:
                self.writer.write(claim)
        return done

    def problems(self, done: set[tuple[str, str]]) -> list[Problem]:
        """Every problem that is still to be asked. A case that cannot be built becomes a line that says why."""
        problems = []
        for case in self.plan.cases:
            for precision in case.file.precisions:
                if not self._planned(case.name, precision) or (case.name, precision) in done:
                    continue
                try:
                    problems.append(case.problem(precision))
                except CaseError as error:
                    self._case(case, precision, None, str(error))
        return problems

    def _planned(self, case: str, precision: str) -> bool:
        wanted = self.plan.precisions or (precision,)
        return case in self.cases and precision in wanted and precision in self.cases[case].file.precisions

    def settle(self, who: str, asked: Asked) -> None:
        """Judge one answer and write its rows.

        Raises _Enough when as many tensors differ as the plan allows.
        """
        case = self.cases[asked.case]
        if isinstance(asked.answer, Refused) and (asked.case, asked.precision) not in self.expectations:
            self.refused.append((who, asked))  # who lacks an operation need not wait for its expected values
            return
        expectation = self._expectation(case, asked.precision)
        if expectation is None:
            return
        if isinstance(asked.answer, Traced):
            self.seconds[who] += asked.answer.seconds
        start = time.perf_counter()
        rows = list(judge.judge(who, asked, expectation, self.known[who], self.offered.get(who, ())))
        for row in rows:
            self.writer.write(row)
            self.differing += row.verdict in (*DIFFERS, *BROKE)
        if self.plan.diagnose:
            self.evidence[who].add(case, asked, rows)
        if isinstance(asked.answer, Traced) and asked.precision == "float64":
            for claim in judge.claims(who, case, asked.answer.trace, expectation.checks[asked.check]):
                self.writer.write(claim)
        self.seconds["judging"] += time.perf_counter() - start
        if 0 < self.plan.max_fail <= self.differing:
            raise _Enough

    def write_refused(self) -> None:
        """The rows of what was refused. Where nobody else answered, the case has a line without expected values."""
        bare: set[tuple[str, str]] = set()
        for who, asked in self.refused:
            key = (asked.case, asked.precision)
            if key not in self.expectations and key not in bare:
                bare.add(key)
                self._case(self.cases[asked.case], asked.precision, None, "")
            if key in bare or not self.expectations[key].ill_posed:
                for row in judge.unasked(who, asked):
                    self.writer.write(row)

    def diagnose(self) -> None:
        """Say what went wrong, implementation by implementation."""
        for one in self.plan.implementations:
            if not self.evidence[one.name].differing:
                continue
            from .reports.diagnosis.lines import lines  # and with it every known mistake

            start = time.perf_counter()
            failures, agreeing = self._evidence(one.name)
            again = self.plan.again or _again(one)
            for number, (line, diagnosis) in enumerate(lines(one.name, failures, agreeing, again)):
                self.writer.write(line if number >= SHRUNK else self._smallest(one, line, diagnosis, again))
            self.seconds["diagnosis"] += time.perf_counter() - start

    def _smallest(
        self, one: Implementation, line: DiagnosisLine, diagnosis: "Diagnosis", again: Callable[[str, str], str]
    ) -> DiagnosisLine:
        if self.plan.smallest is None or not one.command:
            return line
        from .smallest import smallest

        failure = diagnosis.failure
        place = (failure.case, line.precision, failure.check)
        differing = self.evidence[one.name].differing
        rows = next(rows for case, asked, rows in differing if (case, asked.precision, asked.check) == place)
        row = next((row for row in rows if row.tensor == line.tensor), rows[0])
        return smallest(one, line, failure.case, failure.check, row, self.plan.smallest, again, self.plan.timeout)

    def _evidence(self, who: str) -> tuple[list["Failure"], list["Agreement"]]:
        """The answers of an implementation with all that they are held against; of two precisions, float64."""
        from .reports.diagnosis.diagnose import Agreement
        from .reports.diagnosis.evidence import Failure

        found = self.evidence[who]
        double = {(asked.case, asked.check) for _, asked, _ in found.differing if asked.precision == "float64"}
        failures = [
            Failure(case, case.problem(asked.precision), asked.check, asked.answer.trace,
                    self.expectations[asked.case, asked.precision].checks[asked.check],
                    frozenset(row.tensor for row in rows))
            for case, asked, rows in found.differing
            if isinstance(asked.answer, Traced)
            and (asked.precision == "float64" or (asked.case, asked.check) not in double)
        ]  # fmt: skip
        about = set().union(*(set(failure.case.operations) for failure in failures))
        agreeing = [
            Agreement(self.cases[case].problem(precision), check, self.expectations[case, precision].checks[check])
            for case, precision, check in found.agreeing
            if precision == failures[0].problem.precision and about & set(self.cases[case].operations)
        ]
        return failures, agreeing[: _Evidence.MOST]

    def notes(self) -> list[str]:
        """Known differences that did not show, though everything was asked: they agree now, or match nothing."""
        asked = set(self.expectations) | {(asked.case, asked.precision) for _, asked in self.refused}
        there = {(case.name, precision) for case in catalogue() for precision in case.file.precisions}
        lines = list(self.plan.notes)
        for differences in self.known.values():
            for name, matches in differences.unmet(asked, there).items():
                entry = differences.entries[name]
                why = "it agrees now" if matches else "there is no such case"
                lines.append(f"known difference not met: {name} ({entry.case}, {entry.tensor}): {why}")
        return lines

    def _expectation(self, case: Case, precision: str) -> Expectation | None:
        """What is expected, worked out when first needed; None for a case that is not well posed."""
        key = (case.name, precision)
        if key not in self.expectations:
            start = time.perf_counter()
            try:
                with ALONE:
                    found = self.plan.expectation(case, precision)
            except CaseError as error:
                found = Expectation({}, None, str(error))
            self.expectations[key] = found
            self.seconds["expected values"] += time.perf_counter() - start
            self._case(case, precision, found, found.ill_posed)
        found = self.expectations[key]
        return None if found.ill_posed else found

    def _case(self, case: Case, precision: str, expectation: Expectation | None, problem: str) -> None:
        small = {
            name: judge.speak(expected.value.tolist())
            for tensors in (expectation.checks.values() if expectation else ())
            for name, expected in tensors.items()
            if expected.value.size <= judge.SMALL
        }
        file, certificate = case.file, expectation.certificate if expectation else None
        self.writer.write(
            CaseLine(
                case.name, precision, case.group, case.hash, file.question, file.because, file.tags,
                certificate, problem, small, list(case.operations),
            )
        )  # fmt: skip


class _Evidence:
    """What a diagnosis of one implementation is made of: answers that differ, and the names of those that agree."""

    MOST = 300  # answers that are kept

    def __init__(self) -> None:
        self.differing: list[tuple[Case, Asked, list[Row]]] = []
        self.agreeing: list[tuple[str, str, Check]] = []

    def add(self, case: Case, asked: Asked, rows: Sequence[Row]) -> None:
        """One answer, as it was judged."""
        if not isinstance(asked.answer, Traced) or asked.precision not in ("float64", "float32"):
            return  # the reference has no bfloat16 of its own to compute hypotheses in
        wrong = [row for row in rows if row.verdict in DIFFERS]
        if wrong and len(self.differing) < self.MOST:
            self.differing.append((case, asked, wrong))
        elif all(row.verdict in AGREES for row in rows):
            self.agreeing.append((asked.case, asked.precision, asked.check))


def outcome(record: Record) -> Outcome:
    """The exit code that a record deserves: differences first, then what broke, then cases that are no cases."""
    if any(row.verdict in DIFFERS for row in record.rows):
        return Outcome.DISAGREEMENT
    if any(row.verdict in BROKE for row in record.rows):
        return Outcome.BROKE
    if any(case.problem for case in record.cases):
        return Outcome.BAD_CASE
    return Outcome.AGREEMENT if compared(record) else Outcome.NOTHING_COMPARED


def _again(one: Implementation) -> Callable[[str, str], str]:
    """The command that asks an implementation one case again."""
    return lambda case, precision: shlex.join(
        ["backproof", "run", case, "--with", spec(one), *([] if precision == "float64" else ["--precision", precision])]
    )


def _changed(before: Header, now: Header) -> str:
    """What makes rows of an earlier run differ from what this one would find, or ""."""
    if (before.catalogue, before.backproof) != (now.catalogue, now.backproof):
        return "the cases or the version of backproof have changed"
    if before.libraries != now.libraries:
        return "the reference or a library has changed"
    asked = {who.name: who for who in before.implementations}
    for who in now.implementations:
        if asked.get(who.name) != who:
            return f"{who.name} has changed, or was not asked"
    return ""


def _header(plan: Plan, described: Sequence[Description | Broke]) -> Header:
    who = [
        Who(one.name, "did not start", [], {"reason": d.reason})
        if isinstance(d, Broke)
        else Who(one.name, d.version, d.precisions, d.flags)
        for one, d in zip(plan.implementations, described, strict=True)
    ]
    precisions = plan.precisions or sorted({p for case in plan.cases for p in case.file.precisions}, reverse=True)
    return Header(
        format=FORMAT,
        backproof=__version__,
        started=datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds"),
        command=[Path(sys.argv[0]).name, *sys.argv[1:]],
        selection=list(plan.selection),
        cases=len(plan.cases),
        catalogue=catalogue_hash(plan.cases),
        precisions=list(precisions),
        implementations=who,
        machine=machine(),
        libraries=dict(_libraries()),
        noise={"runs": RUNS, "first seed": FIRST_SEED},
    )


@cache
def _libraries() -> dict[str, str]:
    """The versions of what decides numbers."""
    libraries = {"python": platform.python_version()}
    libraries |= {name: metadata.version(name) for name in ("numpy", "scipy", "python-flint", "ml-dtypes", "pandas")}
    blas = np.show_config(mode="dicts")["Build Dependencies"]["blas"]
    libraries["reference"] = caching.fingerprint(*operations.names(*operations.KINDS))[:12]
    libraries["blas"] = f"{blas.get('name')} {blas.get('version')}"
    return libraries


def machine() -> dict[str, str]:
    """Processor, cores and system, as far as they can be told."""
    name = platform.processor() or platform.machine()
    with contextlib.suppress(OSError):
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
        name = next((line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")), name)
    return {"processor": name, "cores": str(os.cpu_count()), "system": f"{platform.system()} {platform.machine()}"}
