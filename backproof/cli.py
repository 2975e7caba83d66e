"""The command line. Heavy things are imported by the command that needs them, so that --help and list are instant."""

import os
import shlex
import sys
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NoReturn, get_args

import typer
from rich.console import Console
from rich.markup import escape

from . import __version__
from .doctor import FRAMEWORKS, REMEDY, installed

if TYPE_CHECKING:
    from .cases import Case
    from .reports.record import Record
    from .run import Plan

HELP = """Proof-read your backprop: losses, gradients and optimizer updates against a proved reference.

A case is one computation: inputs, network, loss, optimizer. Cases are named by path ("basics/losses/cross_entropy") and
selected by glob, folder, or the path of a case file of your own.

Exit codes: 0 all agree · 1 something differs · 2 bad usage or a bad case · 3 an implementation broke or is missing ·
4 nothing selected or compared · 130 interrupted.
"""
app = typer.Typer(
    help=HELP,
    no_args_is_help=True,
    rich_markup_mode="markdown",
    context_settings={"help_option_names": ["-h", "--help"]},
)
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


@app.command()
def run(
    paths: Paths = None,
    k: Globs = None,
    with_: With = None,
    precision: Precisions = None,
    shard: Annotated[
        str, typer.Option(metavar="I/N", help="The I-th of N shares of the cases, drawn by their names: 1/4, 2/4 …")
    ] = "1/1",
    jobs: Annotated[int, typer.Option("-j", "--jobs", min=1, help="Batches under way at a time.")] = os.cpu_count()
    or 1,
    fail_fast: Annotated[
        bool, typer.Option("-x", "--fail-fast", help="Stop after the first answer that differs or breaks.")
    ] = False,
    max_fail: Annotated[int, typer.Option(min=0, help="Stop after so many rows that differ or broke. 0: never.")] = 0,
    timeout: Annotated[float, typer.Option(min=0.1, help="Seconds that one answer may take.")] = 60.0,
    format: Format = "table",
    output: Annotated[
        Path | None,
        typer.Option("-o", "--output", help="A folder for the record and every report, or a file whose ending says."),
    ] = None,
    resume: Annotated[Path | None, typer.Option(help="Continue the interrupted run whose record this is.")] = None,
) -> None:
    """Run cases on implementations and judge every tensor.

    With -o FOLDER, leaves record.jsonl, report.html, summary.md, tensors.csv and junit.xml there.
    """
    with _errors():
        from .adapters.runner import implementation
        from .cases.folders import cache_folder
        from .reports.journal import read
        from .run import Plan, outcome
        from .run import run as carry_out

        cases = _share(_select(paths, k, precision), shard)
        implementations = list(dict.fromkeys(implementation(name) for name in (with_ or _available())))
        plan = Plan(
            cases, implementations, precision or (),
            [*(paths or ()), *(k or ()), *([f"shard {shard}"] if shard != "1/1" else [])], jobs, timeout,
            1 if fail_fast else max_fail, resume=resume,
        )  # fmt: skip
        _check_format(format)
        folder = output is not None and output.suffix not in (*ENDINGS, ".jsonl")
        path = output / "record.jsonl" if folder and output else cache_folder() / "records" / f"{os.getpid()}.jsonl"
        if output and output.suffix == ".jsonl":
            path = output
        with _interrupted(path), _set_aside(path, plan), _progress() as progress:
            carry_out(plan, path, progress)
        record = read(path)
        last = cache_folder() / "records" / "last.jsonl"
        if path.parent == last.parent:
            path.replace(last)
        _deliver(record, format, output, folder)
        raise typer.Exit(int(outcome(record)))


@app.command("list")
def list_(
    paths: Paths = None,
    k: Globs = None,
    questions: Annotated[bool, typer.Option("--questions", "-q", help="Also what each case asks.")] = False,
) -> None:
    """List the cases of the catalogue, or those selected."""
    with _errors():
        cases = _select(paths, k, None)
        lines = [f"{case.name}  {case.file.question}" if questions else case.name for case in cases]
        try:
            print("\n".join(lines))
        except BrokenPipeError:  # the reader, such as head, has seen enough
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


@app.command()
def show(
    case: Annotated[str, typer.Argument(help="The case's name, or the path of a case file.")],
    precision: Annotated[str, typer.Option(help="The precision to show it in.")] = "float64",
) -> None:
    """Show a case: the question, expected values with certificate, and tolerances."""
    with _errors():
        from . import explain as explaining
        from .reports.cache import expectation

        chosen = _one(case)
        explaining.show(out, chosen, chosen.problem(precision), expectation(chosen, precision))


@app.command()
def explain(
    case: Annotated[str, typer.Argument(help="The case's name, or the path of a case file.")],
    precision: Annotated[str, typer.Option(help="The precision to compute it in.")] = "float64",
    with_: With = None,
) -> None:
    """Explain a case step by step: formula, numbers, and the codes that ran, taken from their source."""
    with _errors():
        from . import explain as explaining
        from .adapters.base import Traced
        from .adapters.runner import implementation
        from .adapters.runner import run as ask
        from .reports.cache import expectation

        chosen = _one(case)
        problem, expected = chosen.problem(precision), expectation(chosen, precision)
        names = [implementation(name) for name in (with_ or _available())]
        traces: explaining.Traces = {one.name: {} for one in names}
        with err.status("asking " + ", ".join(traces)):
            for one, answers in ask(names, [[problem]]):
                for asked in answers:
                    if isinstance(asked.answer, Traced):
                        traces[one.name] |= asked.answer.trace
                    else:
                        err.print(f"{one.name}, {asked.check}: {asked.answer.reason}", highlight=False, markup=False)
        explaining.explain(out, chosen, problem, expected, traces)


@app.command()
def report(
    record: Annotated[Path | None, typer.Argument(help="A record; without one, that of the last run.")] = None,
    format: Format = "table",
    output: Annotated[
        Path | None, typer.Option("-o", "--output", help="A folder for every report, or a file whose ending says.")
    ] = None,
) -> None:
    """Render the record of a run again: nothing is computed anew."""
    with _errors():
        _check_format(format)
        _deliver(_recorded(record), format, output, output is not None and output.suffix not in ENDINGS)


@app.command()
def coverage(
    record: Annotated[Path | None, typer.Argument(help="A record; without one, that of the last run.")] = None,
) -> None:
    """Say which operations the record's cases use, with what outcome, and which functions of PyTorch and JAX they are.

    ✓ 12: in all the 12 cases that use it every tensor agrees. ✓ 9 of 12: the other 3 are unsupported. –: all are.
    """
    with _errors():
        found = _recorded(record)
        from .terminal import show_coverage

        show_coverage(found, out)


def _recorded(record: Path | None) -> "Record":
    """The record that is meant: this one, or the last run's."""
    from .cases.folders import cache_folder
    from .reports.journal import read

    path = record or cache_folder() / "records" / "last.jsonl"
    path = path / "record.jsonl" if path.is_dir() else path
    if not path.exists():
        _fail(f"there is no record {path}" if record else "there is no last run; begin with: backproof run")
    return read(path)


@app.command()
def doctor() -> None:
    """Say what is installed, what is missing, and the command that mends it."""
    from .doctor import examine

    findings = examine()
    for finding in findings:
        mark = "[green]✓[/]" if finding.well else "[red]✗[/]"
        out.print(f"{mark} {finding.what:14} {escape(finding.state)}", soft_wrap=True, highlight=False)
        if not finding.well:
            out.print(f"  {'':14} {escape(finding.remedy)}", soft_wrap=True, highlight=False)
    raise typer.Exit(0 if all(finding.well or finding.what in FRAMEWORKS for finding in findings) else 2)


def _version(wanted: bool) -> None:
    if wanted:
        print(f"backproof {__version__}")
        raise typer.Exit


@app.callback()
def main(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    """See HELP: Typer shows that text."""


# ---------------------------------------------------------------- parts
def _select(paths: list[str] | None, globs: list[str] | None, precisions: list[str] | None) -> list["Case"]:
    """The cases that every given selection admits."""
    from .cases import load
    from .cases.format import PrecisionName
    from .cases.load import matches

    known = get_args(PrecisionName)
    for precision in precisions or ():
        if precision not in known:
            _fail(f"there is no precision {precision!r}. There are: {', '.join(known)}")
    cases = load(paths or ())
    if globs:
        cases = [case for case in cases if any(matches(case.name, glob) for glob in globs)]
    if not cases:
        _fail("no case matches; backproof list shows what there is", code=4)
    if precisions:
        there = sorted({name for case in cases for name in case.file.precisions}, key=known.index)
        cases = [case for case in cases if set(precisions) & set(case.file.precisions)]
        if not cases:
            _fail(f"no case that matches is asked in {' or '.join(precisions)}, only in {', '.join(there)}", code=4)
    return cases


def _share(cases: list["Case"], shard: str) -> list["Case"]:
    """One of several shares, of about the same size; which one a case is in depends on its name alone."""
    which, _, of = shard.partition("/")
    if not (which.isdecimal() and of.isdecimal() and 1 <= int(which) <= int(of)):
        _fail(f"--shard is I/N with I from 1 to N, such as 1/4; got {shard!r}")
    mine = [case for case in cases if zlib.crc32(case.name.encode()) % int(of) == int(which) - 1]
    if not mine:
        _fail(f"no case falls into shard {shard}", code=4)
    return mine


def _one(name: str) -> "Case":
    """The one case of this name."""
    cases = _select([name], None, None)
    if len(cases) > 1:
        choices = [f"{name}:{case.name.partition(':')[2]}" if name.endswith(".toml") else case.name for case in cases]
        names = "\n  ".join(choices)
        _fail(f"{name} selects {len(cases)} cases; name one of them:\n  {names}")
    return cases[0]


def _available() -> list[str]:
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


def _check_format(format: str) -> None:
    from .reports.render import FORMATS

    if format != "table" and format not in FORMATS:
        _fail(f"there is no format {format!r}. There are: table, {', '.join(FORMATS)}")


def _deliver(record: "Record", format: str, output: Path | None, folder: bool) -> None:
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
def _progress() -> Iterator[Callable[[int, int], None]]:
    """A bar on stderr; gives the function that moves it."""
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=err, transient=True) as bar:
        task = bar.add_task("starting", total=None)
        yield lambda done, all: bar.update(task, completed=done, total=all, description="checks")


def _again(path: Path) -> str:
    """The command that was given, going on from the record at `path`."""
    words = sys.argv[1:]
    while "--resume" in words:
        at = words.index("--resume")
        del words[at : at + 2]
    return shlex.join(["backproof", *words, "--resume", str(path)])


@contextmanager
def _interrupted(path: Path) -> Iterator[None]:
    """Ctrl-C becomes exit code 130, and a word on how to go on."""
    try:
        yield
    except KeyboardInterrupt:
        again = f"To continue: {_again(path)}" if path.exists() else "Nothing had been recorded yet."
        err.print(f"\nInterrupted. {again}", soft_wrap=True, highlight=False, markup=False)
        raise typer.Exit(130) from None


@contextmanager
def _set_aside(path: Path, plan: "Plan") -> Iterator[None]:
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
def _errors() -> Iterator[None]:
    """What a user can mend becomes one line and exit code 2, not a traceback."""
    from .cases.format import CaseError

    try:
        yield
    except CaseError as error:
        _fail(str(error))
    except ValueError as error:
        # RecordError, an unknown implementation, a known-differences file that is none: all say what and where.
        _fail(str(error))
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # the reader, such as head, has seen enough
    except OSError as error:
        _fail(f"{error.filename}: {error.strerror}" if error.filename else str(error))


def _fail(message: str, code: int = 2) -> NoReturn:
    err.print(f"backproof: {escape(message)}", soft_wrap=True, highlight=False)
    raise typer.Exit(code)
