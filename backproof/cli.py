"""The command line. Heavy things are imported by the command that needs them, so that --help and list are instant."""

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.markup import escape

from . import __version__, foreign
from .console import (
    ENDINGS,
    JOBS,
    Format,
    Globs,
    Jobs,
    Output,
    Paths,
    Precisions,
    Timeout,
    With,
    available,
    carry_out,
    check_format,
    deliver,
    err,
    errors,
    fail,
    only,
    out,
    select,
    share,
)
from .doctor import FRAMEWORKS

if TYPE_CHECKING:
    from .reports.record import Record

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


@app.command()
def run(
    paths: Paths = None,
    k: Globs = None,
    with_: With = None,
    precision: Precisions = None,
    shard: Annotated[
        str, typer.Option(metavar="I/N", help="The I-th of N shares of the cases, drawn by their names: 1/4, 2/4 …")
    ] = "1/1",
    jobs: Jobs = JOBS,
    fail_fast: Annotated[
        bool, typer.Option("-x", "--fail-fast", help="Stop after the first answer that differs or breaks.")
    ] = False,
    max_fail: Annotated[int, typer.Option(min=0, help="Stop after so many rows that differ or broke. 0: never.")] = 0,
    timeout: Timeout = 60.0,
    format: Format = "table",
    output: Output = None,
    resume: Annotated[Path | None, typer.Option(help="Continue the interrupted run whose record this is.")] = None,
) -> None:
    """Run cases on implementations and judge every tensor; say what went wrong where something did.

    With -o FOLDER, leaves record.jsonl, report.html, summary.md, tensors.csv and junit.xml there.
    """
    with errors():
        from .adapters.runner import implementation
        from .run import Plan

        cases = share(select(paths, k, precision), shard)
        implementations = list(dict.fromkeys(implementation(name) for name in (with_ or available())))
        plan = Plan(
            cases, implementations, precision or (),
            [*(paths or ()), *(k or ()), *([f"shard {shard}"] if shard != "1/1" else [])], jobs, timeout,
            1 if fail_fast else max_fail, resume=resume,
        )  # fmt: skip
        carry_out(plan, format, output, resumable=True)


@app.command("list")
def list_(
    paths: Paths = None,
    k: Globs = None,
    questions: Annotated[bool, typer.Option("--questions", "-q", help="Also what each case asks.")] = False,
) -> None:
    """List the cases of the catalogue, or those selected."""
    with errors():
        cases = select(paths, k, None)
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
    with errors():
        from . import explain as explaining
        from .reports.cache import expectation

        chosen = only(case)
        explaining.show(out, chosen, chosen.problem(precision), expectation(chosen, precision))


@app.command()
def explain(
    case: Annotated[str, typer.Argument(help="The case's name, or the path of a case file.")],
    precision: Annotated[str, typer.Option(help="The precision to compute it in.")] = "float64",
    with_: With = None,
) -> None:
    """Explain a case step by step: formula, numbers, and the codes that ran, taken from their source."""
    with errors():
        from . import explain as explaining
        from .adapters.base import Traced
        from .adapters.runner import implementation
        from .adapters.runner import run as ask
        from .reports.cache import expectation

        chosen = only(case)
        problem, expected = chosen.problem(precision), expectation(chosen, precision)
        names = [implementation(name) for name in (with_ or available())]
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
    with errors():
        check_format(format)
        deliver(_recorded(record), format, output, output is not None and output.suffix not in ENDINGS)


@app.command()
def coverage(
    record: Annotated[Path | None, typer.Argument(help="A record; without one, that of the last run.")] = None,
) -> None:
    """Say which operations the record's cases use, with what outcome, and which functions of PyTorch and JAX they are.

    ✓ 12: in all the 12 cases that use it every tensor agrees. ✓ 9 of 12: the other 3 are unsupported. –: all are.
    """
    with errors():
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
        fail(f"there is no record {path}" if record else "there is no last run; begin with: backproof run")
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


for command, settings in foreign.COMMANDS.items():
    app.command(**settings)(command)
