"""One case, step by step in the terminal: formula, numbers, and the codes that ran, taken from the source."""

from typing import Any

import numpy as np
from rich.console import Console, Group, RenderableType
from rich.padding import Padding
from rich.rule import Rule
from rich.syntax import Syntax
from rich.table import Table
from rich.text import Text

from .adapters.base import Trace
from .cases import Case, Problem
from .reference import operations
from .reports.code import codes as code_of
from .reports.code import derivation
from .reports.expect import Expectation, Expected

Traces = dict[str, Trace]
"""What each implementation answered, by its name."""

ELEMENTS = 12  # numbers of a tensor that are printed
TENSORS = 20  # of a training run


def show(console: Console, case: Case, problem: Problem, expectation: Expectation) -> None:
    """The case, its expected values with certificate and tolerances."""
    console.print(_heading(case, problem, expectation))
    for check, tensors in expectation.checks.items():
        table = _table(f"expected {check}", "shape", "expected", "tolerance")
        for name, expected in tensors.items():
            table.add_row(name, str(expected.value.shape), numbers(expected.value), _range(expected.tolerance))
        console.print(table)


def explain(console: Console, case: Case, problem: Problem, expectation: Expectation, traces: Traces) -> None:
    """The computation in its order: forward, loss, backward, update, each with formula, numbers and codes."""
    console.print(_heading(case, problem, expectation))
    flat = {name: e for tensors in expectation.checks.values() for name, e in tensors.items()}
    who = ["reference", *(name for name in traces if name != "reference")]
    console.print(_given(problem))
    for layer in problem.network:
        console.print(Rule(f"forward: {layer.name} = {layer.op}({', '.join(layer.inputs)})"))
        console.print(Text(derivation(layer.op, *operations.NETWORK)))
        console.print(_compared([f"output.{layer.name}"], flat, traces))
        console.print(codes(layer.op, "forward", who, *operations.NETWORK))
    if problem.loss:
        console.print(Rule(f"loss: {problem.loss.op}"))
        console.print(Text(derivation(problem.loss.op, "losses")))
        console.print(_compared(["loss", f"gradient.{problem.network[-1].name}"], flat, traces))
        console.print(codes(problem.loss.op, "forward", who, "losses"))
        console.print(codes(problem.loss.op, "backward", who[:1], "losses"))
    for penalty in problem.penalties:
        console.print(Rule(f"penalty: {penalty.op} of {penalty.parameter}"))
        console.print(Text(derivation(penalty.op, "penalties")))
        console.print(codes(penalty.op, "forward", who, "penalties"))
        console.print(codes(penalty.op, "backward", who[:1], "penalties"))
    for layer in reversed(problem.network):
        console.print(Rule(f"backward: {layer.name}"))
        names = [f"gradient.{name}" for name in (*layer.inputs, *layer.parameters.values())]
        console.print(_compared([name for name in names if name in flat], flat, traces))
        console.print(codes(layer.op, "backward", who[:1], *operations.NETWORK))
    if problem.optimizer:
        _explain_updates(console, problem, flat, traces, who)
    if problem.training:
        steps = sum(len(epoch) for epoch in problem.training.batches)
        console.print(Rule(f"training: {len(problem.training.batches)} epochs, {steps} steps in all"))
        names = [name for name in flat if name.startswith("trajectory.")]
        console.print(_compared(names[:TENSORS], flat, traces))
        if len(names) > TENSORS:
            console.print(Text(f"… and {len(names) - TENSORS} more: backproof show {case.name}"))


def _explain_updates(
    console: Console, problem: Problem, flat: dict[str, Expected], traces: Traces, who: list[str]
) -> None:
    assert problem.optimizer is not None
    rule = problem.optimizer
    parts: list[tuple[str, str, Any, operations.Kind]] = [("update", rule.op, "update", "optimizers")]
    parts += [("schedule", rule.schedule.op, "rate", "schedules")] if rule.schedule else []
    parts += [("clipping", rule.clip.op, "clip", "clipping")] if rule.clip else []
    parts += [("average", rule.average.op, "update", "averages")] if rule.average else []
    for what, op, part, kind in parts:
        console.print(Rule(f"{what}: {op}"))
        console.print(Text(derivation(op, kind)))
        console.print(codes(op, part, who, kind))
    for k, grads in enumerate(problem.gradients[:3], start=1):
        rate = f"rate.{k}"
        lr = numbers(flat[rate].value) if rate in flat else rule.rates[k - 1]
        table = _table(f"step {k}, lr = {lr}", "given gradient")
        for name, gradient in grads.items():
            table.add_row(name, numbers(np.asarray(gradient, dtype=np.float64)))
        console.print(table)
        names = [name for name in flat if name.split(".")[1:2] == [str(k)] and not name.startswith("trajectory.")]
        console.print(_compared(names, flat, traces))


# ---------------------------------------------------------------- parts
def codes(op: str, part: Any, who: list[str], *kinds: operations.Kind) -> RenderableType:
    """The code of each implementation for one operation, one below the other."""
    blocks: list[RenderableType] = []
    for implementation, file, code in code_of(op, part, who, *kinds):
        title = f"{implementation}: {file}" if code else f"{implementation}: no line of code here for {op}"
        blocks.append(Text(title, style="bold"))
        if code:
            blocks.append(Padding(Syntax(code, "python", word_wrap=True, background_color="default"), (0, 0, 0, 2)))
    return Group(*blocks)


def _heading(case: Case, problem: Problem, expectation: Expectation) -> RenderableType:
    lines: list[RenderableType] = [
        Rule(f"{case.name} in {problem.precision}"),
        Text(case.file.question, style="bold"),
        Text(f"because {case.file.because}"),
    ]
    if case.file.source:
        lines.append(Text(f"source: {case.file.source}"))
    certificate = expectation.certificate
    if certificate:
        digits = f"at least {certificate.digits:.0f} digits" if certificate.digits else "exactly"
        lines.append(
            Text(
                f"expected values: {certificate.elements} numbers enclosed by {certificate.bits}-bit balls, {digits}; "
                f"the widest enclosure is {certificate.widest_ulp:.1e} ulp of float64"
            )
        )
    else:
        lines.append(Text("expected values: not certified; they are the float64 reference's"))
    if expectation.ill_posed:
        lines.append(Text(f"not well posed: {expectation.ill_posed}", style="bold red"))
    return Group(*lines)


def _given(problem: Problem) -> Table:
    table = _table("given", "shape", "values")
    upstream = {} if problem.upstream is None else {"upstream": problem.upstream}
    for name, values in {**problem.inputs, **problem.parameters, **upstream}.items():
        table.add_row(name, str(values.shape), numbers(values))
    return table


def _compared(names: list[str], flat: dict[str, Expected], traces: Traces) -> Table:
    """Expected values, and what each implementation has where it differs in a bit."""
    table = _table("", "shape", "expected", *traces)
    for name in names:
        expected = flat[name]
        cells = [_against(expected, trace.get(name)) for trace in traces.values()]
        table.add_row(name, str(expected.value.shape), numbers(expected.value), *cells)
    return table


def _against(expected: Expected, actual: Any) -> str:
    if actual is None:
        return "–"
    values = np.asarray(actual).astype(np.float64)
    if values.shape != expected.value.shape:
        return f"✗ shape {values.shape}"
    with np.errstate(invalid="ignore"):
        error = np.abs(values - expected.value)
    worst = float(np.max(error, initial=0.0))
    if worst == 0:
        return "= exactly"
    mark = "✓" if (error <= expected.tolerance).all() else "✗"
    return f"{mark} {worst:.1e} off"


def numbers(values: Any) -> str:
    """The numbers of an array on one line, the first few if there are many; every digit that float64 needs for few."""
    flat = np.asarray(values).reshape(-1)
    if flat.size == 1:
        return repr(flat[0].item())
    digits = 6 if flat.size > 4 else 8  # so that eighty columns have room for them
    shown = " ".join(f"{v:.{digits}g}" for v in flat[:ELEMENTS].tolist())
    return f"{shown} …" if flat.size > ELEMENTS else shown


def _range(tolerance: Any) -> str:
    low, high = float(np.min(tolerance, initial=np.inf)), float(np.max(tolerance, initial=0.0))
    return "0: exact" if high == 0 else f"{low:.1e}" if low == high else f"{low:.1e} … {high:.1e}"


def _table(title: str, *columns: str) -> Table:
    table = Table(title=title or None, title_justify="left", box=None, pad_edge=False, padding=(0, 2, 0, 0))
    table.add_column("tensor", no_wrap=True, style="cyan")
    for column in columns:
        table.add_column(column, overflow="fold")
    return table
