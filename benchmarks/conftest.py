"""One thread for everybody, and the ratios at the end.

NumPy's BLAS and PyTorch are told in the process; XLA reads NPROC when JAX starts its backend, and nothing else.
"""

import os
from collections.abc import Iterator
from typing import Any

import pytest
from threadpoolctl import threadpool_limits

os.environ["NPROC"] = "1"

Table = list[tuple[str, ...]]


@pytest.fixture(autouse=True)
def one_thread() -> Iterator[None]:
    """One BLAS thread, and PyTorch's if it is there."""
    torch = pytest.importorskip("torch")
    torch.set_num_threads(1)
    with threadpool_limits(1):
        yield


@pytest.hookimpl(trylast=True)  # below the full tables
def pytest_terminal_summary(terminalreporter: Any) -> None:
    """The least time of each contender, side by side, and what a run costs beyond the frameworks."""
    session = getattr(terminalreporter.config, "_benchmarksession", None)
    groups: dict[str, dict[str, float]] = {}
    for bench in session.benchmarks if session else ():
        if "contender" in bench.extra_info and bench.stats.data:
            groups.setdefault(bench.group, {})[bench.extra_info["contender"]] = bench.stats.min * 1e6
        if "cpu_seconds" in bench.extra_info:
            _print(terminalreporter, "overhead of a run", _overhead_rows(bench.extra_info["cpu_seconds"]))
    for size in ("case size", "training size"):
        chosen = {name: least for name, least in groups.items() if name.startswith("operation: ") and size in name}
        _print(terminalreporter, f"forward and backward, {size}, µs", _step_rows(chosen))
    steps = {name: least for name, least in groups.items() if name.startswith("training step: ")}
    _print(terminalreporter, "training step, µs", _step_rows(steps))
    _print(terminalreporter, "one step of an optimizer, µs", _optimizer_rows(groups))
    _print(terminalreporter, "time to a verdict, µs", _verdict_rows(groups))


def _step_rows(groups: dict[str, dict[str, float]]) -> Table:
    rows: Table = [("", "reference", "PyTorch", "JAX", "reference ÷ PyTorch", "reference ÷ JAX")]
    for group, least in groups.items():
        if least.keys() == {"reference", "pytorch", "jax"}:
            ours, torch, jax = (least[name] for name in ("reference", "pytorch", "jax"))
            times = (f"{ours:.1f}", f"{torch:.1f}", f"{jax:.1f}", f"{ours / torch:.2f}", f"{ours / jax:.2f}")
            rows.append((group.partition(": ")[2], *times))
    return rows


def _optimizer_rows(groups: dict[str, dict[str, float]]) -> Table:
    others = {"pytorch": "PyTorch", "pytorch, foreach off": "without foreach", "jax": "Optax, jit"}
    rows: Table = [("", "reference", *others.values(), *(f"÷ {name}" for name in others.values()))]
    for group, least in groups.items():
        if group.startswith("optimizer: ") and "reference" in least:
            ours = least["reference"]
            times = [f"{least[name]:.1f}" if name in least else "–" for name in ("reference", *others)]
            ratios = [f"{ours / least[name]:.2f}" if name in least else "–" for name in others]
            rows.append((group.partition(": ")[2], *times, *ratios))
    return rows


def _verdict_rows(groups: dict[str, dict[str, float]]) -> Table:
    rows: Table = [("", "time", "÷ backproof")]
    for least in groups.values():
        if "backproof" in least:
            rows += [(name, f"{time:.0f}", f"{time / least['backproof']:.1f}") for name, time in least.items()]
    return rows


def _overhead_rows(parts: dict[str, float]) -> Table:
    parts = dict(parts)
    reports = parts.pop("all reports, afterwards")
    run, frameworks = sum(parts.values()), parts["frameworks"]
    rows: Table = [("", "CPU s", "share")]
    rows += [(name, f"{seconds:.1f}", f"{seconds / run:.1%}") for name, seconds in parts.items()]
    rows.append(("overhead of the run", f"{run - frameworks:.1f}", f"{1 - frameworks / run:.1%}"))
    with_reports = run + reports
    rows.append(("... with all reports", f"{with_reports - frameworks:.1f}", f"{1 - frameworks / with_reports:.1%}"))
    return rows


def _print(reporter: Any, title: str, rows: Table) -> None:
    if len(rows) < 2:
        return
    reporter.write_sep("-", title)
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for first, *rest in rows:
        cells = [cell.rjust(width) for cell, width in zip(rest, widths[1:], strict=True)]
        reporter.write_line("  ".join((first.ljust(widths[0]), *cells)))
