"""The commands for implementations of others: check, smoke, export, judge, new-adapter, fuzz."""

import shlex
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from typer.core import TyperCommand

from .console import (
    JOBS,
    Expect,
    Format,
    Globs,
    Jobs,
    Output,
    Paths,
    Precisions,
    Strict,
    Timeout,
    With,
    available,
    carry_out,
    differences_of,
    err,
    errors,
    fail,
    out,
    progress,
    select,
)

if TYPE_CHECKING:
    from .adapters.implementation import Implementation

SHOWN = 50  # lines of a list


class Behind(TyperCommand):
    """A command that takes another one behind `--`, kept apart from its own arguments."""

    def parse_args(self, context: Any, args: list[str]) -> list[str]:
        own, dashes, command = _at_dashes(args)
        context.obj = command if dashes else []
        return super().parse_args(context, own)

    def collect_usage_pieces(self, context: Any) -> list[str]:
        return [*super().collect_usage_pieces(context), "-- CMD ARGS..."]


def _at_dashes(args: list[str]) -> tuple[list[str], bool, list[str]]:
    at = args.index("--") if "--" in args else len(args)
    return args[:at], at < len(args), args[at + 1 :]


NAMED = typer.Option("--with", metavar="NAME", help="Instead of a command: as in run, one implementation.")


def check(
    context: typer.Context,
    paths: Paths = None,
    k: Globs = None,
    precision: Precisions = None,
    with_: Annotated[str | None, NAMED] = None,
    name: Annotated[str | None, typer.Option(help="What reports call it. Default: the name of the program.")] = None,
    expect: Expect = None,
    strict: Strict = False,
    validate: Annotated[
        bool, typer.Option("--validate", help="Hold every reply against the published schema, and more than that.")
    ] = False,
    fail_fast: Annotated[
        bool, typer.Option("-x", "--fail-fast", help="Stop after the first answer that differs or breaks.")
    ] = False,
    jobs: Jobs = JOBS,
    timeout: Timeout = 60.0,
    format: Format = "table",
    output: Output = None,
) -> None:
    """Judge one program of your own: backproof check [CASES] -- CMD ARGS... What differs is diagnosed.

    The program reads one JSON object a line and answers each with one (IMPLEMENTING.md). No expected value is sent.
    """
    with errors():
        from .run import Plan

        one = _implementation(context.obj, with_, name, validate)
        cases = select(paths, k, precision)
        plan = Plan(cases, [one], precision or (), [*(paths or ()), *(k or ())], jobs, timeout, int(fail_fast))
        plan.known = differences_of(expect, plan.implementations)
        if context.obj:
            plan.again = lambda case, p: shlex.join(["backproof", "check", case, *_unusual(p), "--", *context.obj])
        carry_out(plan, format, output, strict=strict)


def smoke(
    context: typer.Context,
    with_: Annotated[str | None, NAMED] = None,
    timeout: Timeout = 20.0,
) -> None:
    """Begin here with a program of your own: start it, ask a few tiny cases, show every line, say what to do next."""
    with errors():
        from .smoke import smoke as first_contact

        one = _implementation(context.obj, with_, None, False)
        called = shlex.join(("--with", with_)) if with_ else ""
        raise typer.Exit(0 if first_contact(one.command, out, timeout, called=called) else 1)


def export(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="Where to: a new folder, or an earlier export.")],
    paths: Paths = None,
    k: Globs = None,
    precision: Precisions = None,
    check: Annotated[
        bool, typer.Option("--check", help="Write nothing: say whether the same command would write the same again.")
    ] = False,
) -> None:
    """Write cases as vectors: problems and expected values as JSON files that any language reads.

    DIR/README.md says how. Then: backproof judge DIR RESULTS. With --check, exit code 1 where something differs.
    """
    with errors():
        from threadpoolctl import threadpool_limits

        from .reports import vectors

        cases = select(paths, k, precision)
        with threadpool_limits(1), progress() as told:
            found = vectors.check(cases, precision or (), folder, told) if check else []
            count = 0 if check else vectors.export(cases, precision or (), folder, told)
        for line in found[:SHOWN]:
            _say(line)
        if len(found) > SHOWN:
            _say(f"… and {len(found) - SHOWN} more")
        if found:
            raise typer.Exit(1)
        _say(f"{folder} comes out the same" if check else f"{count} problems of {len(cases)} cases: {folder}")


def judge(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="What backproof export wrote.")],
    results: Annotated[Path, typer.Argument(metavar="RESULTS", help="A .jsonl file of answers, or a folder of them.")],
    expect: Expect = None,
    strict: Strict = False,
    format: Format = "table",
    output: Output = None,
) -> None:
    """Judge answers that were written down, against vectors: expected values are read from DIR, none is computed.

    A check that the results do not answer counts as an error, unless their description says what they lack.
    """
    with errors():
        from .vectors import plan

        judgement = plan(folder, results)
        judgement.known = differences_of(expect, judgement.implementations)
        carry_out(judgement, format, output, strict=strict)


def fuzz(
    seed: Annotated[int, typer.Option(help="Which series of random cases.")] = 0,
    count: Annotated[int, typer.Option("-n", "--count", min=1, help="How many cases of it, from the first.")] = 100,
    minutes: Annotated[
        float, typer.Option("--time", min=0.0, help="Minutes after which no more are judged. 0: no limit.")
    ] = 0.0,
    with_: With = None,
    jobs: Jobs = JOBS,
    timeout: Timeout = 60.0,
    shrink: Annotated[float, typer.Option(min=0.0, help="Seconds to look for the smallest case of a difference.")] = 20,
    output: Annotated[Path, typer.Option("-o", "--output", help="The folder for what is found.")] = Path("fuzz"),
) -> None:
    """Draw random cases, judge them, and shrink what differs to the smallest case that does.

    Case 17 of seed 0 is the same case everywhere. Each difference becomes a case file, OUTPUT/IMPLEMENTATION/0-17.toml,
    that `backproof run` and `explain` take. The same command again goes on where it stopped, with a larger --count too.
    """
    with errors():
        from .adapters.runner import implementation
        from .fuzz import Fuzz, lines
        from .fuzz import fuzz as carry_out

        implementations = list(dict.fromkeys(implementation(name) for name in (with_ or available())))
        plan = Fuzz(implementations, output, seed, count, minutes * 60 or float("inf"), shrink, jobs, timeout)
        try:
            with progress() as told:
                found = carry_out(plan, told)
        except KeyboardInterrupt:
            err.print("\nInterrupted. The same command goes on from here.", highlight=False)
            raise typer.Exit(130) from None
        for line in lines(found):
            _say(line)
        raise typer.Exit(int(found.outcome))


def new_adapter(
    language: Annotated[str, typer.Argument(help="python, javascript, c, rust; or any: an exchange to go by.")],
    path: Annotated[Path | None, typer.Argument(help="Where to; by default in the working directory.")] = None,
) -> None:
    """Write an adapter to begin with: it runs as it is, computes a linear layer and a loss, and refuses the rest.

    Nothing that is there already is overwritten.
    """
    with errors():
        from .new_adapter import new_adapter as write

        written = write(language, path)
        for file in written.files:
            _say(f"wrote {file}")
        for what, command in (("build", written.build), ("first contact", written.smoke), ("then", written.check)):
            if command:
                _say(f"{what + ':':14} {command}")


COMMANDS: dict[Callable[..., None], dict[str, Any]] = {
    new_adapter: {"name": "new-adapter"}, smoke: {"cls": Behind}, check: {"cls": Behind}, export: {}, judge: {},
    fuzz: {},
}  # fmt: skip
"""Each with what Typer is told about it."""


def _implementation(command: list[str], with_: str | None, name: str | None, validate: bool) -> "Implementation":
    """Who is meant: the command behind the dashes, or an implementation by name."""
    from .adapters.implementation import Implementation, implementation

    if bool(command) == bool(with_):
        fail("say either the command that starts your program, behind two dashes (-- CMD ARGS...), or --with NAME")
    if with_:
        found = implementation(with_)
        return Implementation(name or found.name, found.command, validate)
    program = Path(next((word for word in command[1:] if Path(word).is_file()), command[0]))
    return Implementation(name or program.stem, tuple(command), validate)


def _unusual(precision: str) -> list[str]:
    return [] if precision == "float64" else ["--precision", precision]


def _say(line: str) -> None:
    out.print(line, soft_wrap=True, highlight=False, markup=False)
