"""What the commands share: options, selecting cases, delivering a record, and errors as one line."""

import os
import shlex
import sys
import zlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NoReturn, get_args

import typer
from rich.console import Console
from rich.markup import escape

from .doctor import FRAMEWORKS, REMEDY, installed

if TYPE_CHECKING:
    from .adapters.implementation import Implementation
    from .adapters.known import KnownDifferences
    from .cases import Case
    from .reports.record import Record
    from .run import Plan

out, err = Console(), Console(stderr=True)

DEFAULT = ("reference", *FRAMEWORKS)
ENDINGS = {".html": "html", ".md": "markdown", ".csv": "csv", ".xml": "junit", ".json": "json"}
FILES = {"html": "report.html", "markdown": "summary.md", "csv": "tensors.csv", "junit": "junit.xml"}

Globs = Annotated[
    list[str] | None, typer.Option("-k", metavar="GLOB", help="Only cases whose name matches. May be repeated.")
]
With = Annotated[
    list[str] | None,
    typer.Option(
        "--with",
        metavar="NAME",
        help="Implementation to ask: reference, pytorch, jax, module:Class, file.py:Class, or name=command. May be "
        "repeated. Without it: the reference and every framework that is installed.",
    ),
]
Precisions = Annotated[
    list[str] | None,
    typer.Option(
        "--precision", help="float64, float32, bfloat16 or float16. May be repeated. Default: the case's own."
    ),
]
Paths = Annotated[list[str] | None, typer.Argument(metavar="[CASES]...", help="Globs, folders, or case files.")]
Format = Annotated[str, typer.Option("--format", help="table, html, markdown, csv, json or junit.")]
JOBS = os.cpu_count() or 1
Jobs = Annotated[int, typer.Option("-j", "--jobs", min=1, help="Batches under way at a time.")]
Timeout = Annotated[float, typer.Option(min=0.1, help="Seconds that one answer may take.")]
Output = Annotated[
    Path | None,
    typer.Option("-o", "--output", help="A folder for the record and every report, or a file whose ending says."),
]
Expect = Annotated[
    Path | None,
    typer.Option("--expect", metavar="FILE", help="A TOML file of differences that are expected, with their reasons."),
]
Strict = Annotated[
    bool, typer.Option("--strict", help="Exit with 1 also where an expected difference does not show any more.")
]


def select(paths: list[str] | None, globs: list[str] | None, precisions: list[str] | None) -> list["Case"]:
    """The cases that every given selection admits."""
    from .cases import load
    from .cases.format import PrecisionName
    from .cases.load import matches

    known = get_args(PrecisionName)
    for precision in precisions or ():
        if precision not in known:
            fail(f"there is no precision {precision!r}. There are: {', '.join(known)}")
    cases = load(paths or ())
    if globs:
        cases = [case for case in cases if any(matches(case.name, glob) for glob in globs)]
    if not cases:
        fail("no case matches; backproof list shows what there is", code=4)
    if precisions:
        there = sorted({name for case in cases for name in case.file.precisions}, key=known.index)
        cases = [case for case in cases if set(precisions) & set(case.file.precisions)]
        if not cases:
            fail(f"no case that matches is asked in {' or '.join(precisions)}, only in {', '.join(there)}", code=4)
    return cases


def share(cases: list["Case"], shard: str) -> list["Case"]:
    """One of several shares, of about the same size; which one a case is in depends on its name alone."""
    which, _, of = shard.partition("/")
    if not (which.isdecimal() and of.isdecimal() and 1 <= int(which) <= int(of)):
        fail(f"--shard is I/N with I from 1 to N, such as 1/4; got {shard!r}")
    mine = [case for case in cases if zlib.crc32(case.name.encode()) % int(of) == int(which) - 1]
    if not mine:
        fail(f"no case falls into shard {shard}", code=4)
    return mine


def only(name: str) -> "Case":
    """The one case of this name."""
    cases = select([name], None, None)
    if len(cases) > 1:
        choices = [f"{name}:{case.name.partition(':')[2]}" if name.endswith(".toml") else case.name for case in cases]
        names = "\n  ".join(choices)
        fail(f"{name} selects {len(cases)} cases; name one of them:\n  {names}")
    return cases[0]


def available() -> list[str]:
    """The reference and the frameworks that are installed; a word about those that are not."""
    names = [name for name in DEFAULT if installed(name)]
    for name in DEFAULT:
        if name not in names:
            err.print(
                f"{name} is not installed and is left out; to have it: {escape(REMEDY[name])}",
                soft_wrap=True,
                highlight=False,
            )
    return names


def differences_of(file: Path | None, implementations: "Sequence[Implementation]") -> "dict[str, KnownDifferences]":
    """The differences that an implementation's own file expects, whoever it is."""
    from .adapters import known

    return {one.name: known.read(file, anything=True) for one in implementations} if file else {}


def carry_out(plan: "Plan", format: str, output: Path | None, *, strict: bool = False, resumable: bool = False,
              ) -> NoReturn:  # fmt: skip
    """Run a plan, deliver its record, and exit with what it says."""
    from .cases.folders import cache_folder
    from .reports.journal import read
    from .run import Outcome, outcome, run

    check_format(format)
    folder = output is not None and output.suffix not in (*ENDINGS, ".jsonl")
    path = output / "record.jsonl" if folder and output else cache_folder() / "records" / f"{os.getpid()}.jsonl"
    if output and output.suffix == ".jsonl":
        path = output
    plan.smallest = (output if output and folder else cache_folder()) / "smallest"
    with interrupted(path if resumable else None), set_aside(path, plan), progress() as told:
        run(plan, path, told)
    record = read(path)
    last = cache_folder() / "records" / "last.jsonl"
    if path.parent == last.parent:
        path.replace(last)
    deliver(record, format, output, folder)
    found = outcome(record)
    raise typer.Exit(int(Outcome.DISAGREEMENT if strict and record.footer.notes and not found else found))


def check_format(format: str) -> None:
    from .reports.render import FORMATS

    if format != "table" and format not in FORMATS:
        fail(f"there is no format {format!r}. There are: table, {', '.join(FORMATS)}")


def deliver(record: "Record", format: str, output: Path | None, folder: bool) -> None:
    """The record to the terminal, and to files where they were asked for."""
    from .reports.render import render

    if output and folder:
        output.mkdir(parents=True, exist_ok=True)
        for kind, name in FILES.items():
            (output / name).write_text(render(record, kind), encoding="utf-8")
    elif output and output.suffix in ENDINGS:
        output.parent.mkdir(parents=True, exist_ok=True)
        kind = ENDINGS[output.suffix] if format == "table" else format
        output.write_text(render(record, kind), encoding="utf-8")
    if format == "table":
        from .terminal import show as show_table

        show_table(record, out)
    elif not output:
        print(render(record, format))
    if output:
        out.print(f"report: {output / FILES['html'] if folder else output}", soft_wrap=True, highlight=False)


@contextmanager
def progress() -> Iterator[Callable[[int, int], None]]:
    """A bar on stderr; gives the function that moves it."""
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=err, transient=True) as bar:
        task = bar.add_task("starting", total=None)
        yield lambda done, all: bar.update(task, completed=done, total=all, description="checks")


def again(path: Path) -> str:
    """The command that was given, going on from the record at `path`."""
    words = sys.argv[1:]
    while "--resume" in words:
        at = words.index("--resume")
        del words[at : at + 2]
    return shlex.join(["backproof", *words, "--resume", str(path)])


@contextmanager
def interrupted(path: Path | None) -> Iterator[None]:
    """Ctrl-C becomes exit code 130, and a word on how to go on from the record, where that is possible."""
    try:
        yield
    except KeyboardInterrupt:
        how = ""
        if path is not None:
            how = f" To continue: {again(path)}" if path.exists() else " Nothing had been recorded yet."
        err.print(f"\nInterrupted.{how}", soft_wrap=True, highlight=False, markup=False)
        raise typer.Exit(130) from None


@contextmanager
def set_aside(path: Path, plan: "Plan") -> Iterator[None]:
    """Where a run takes the place of the record that it resumes, that record steps aside, and comes back unless the
    run got as far as writing its own.
    """
    if not (plan.resume and path.exists() and path.samefile(plan.resume)):
        yield
        return
    plan.resume = aside = path.replace(path.with_name(path.name + ".interrupted"))
    try:
        yield
    except BaseException:
        if not path.exists():
            aside.replace(path)
        raise
    aside.unlink(missing_ok=True)


@contextmanager
def errors() -> Iterator[None]:
    """What a user can mend becomes one line and exit code 2, not a traceback."""
    from .cases.format import CaseError

    try:
        yield
    except CaseError as error:
        fail(str(error))
    except ValueError as error:
        # RecordError, an unknown implementation, a known-differences file that is none: all say what and where.
        fail(str(error))
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # the reader, such as head, has seen enough
    except OSError as error:
        fail(f"{error.filename}: {error.strerror}" if error.filename else str(error))


def fail(message: str, code: int = 2) -> NoReturn:
    err.print(f"backproof: {escape(message)}", soft_wrap=True, highlight=False)
    raise typer.Exit(code)
