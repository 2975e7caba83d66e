"""Judge an implementation from Python."""

import inspect
import os
import sys
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .adapters.base import Adapter, Asked, Broke, Description
from .adapters.runner import Batch, Implementation, implementation
from .adapters.session import LocalSession, Session
from .adapters.worker import CARRIED, IN_WORKER
from .cases import load
from .one_operation import OneOperation
from .reference.arithmetic.precision import PRECISIONS
from .reports.findings import told
from .reports.journal import read
from .reports.record import BROKE, DIFFERS, Record, Row
from .reports.sentence import sentence
from .run import Outcome, Plan, outcome, run

if TYPE_CHECKING:
    import pandas as pd

SHOWN = 10  # differing tensors that an exception lists


class Differs(AssertionError):
    """An implementation differs from the reference; the message lists where, worst first."""


@dataclass(frozen=True)
class Result:
    """What came of a check."""

    record: Record

    def __repr__(self) -> str:
        return f"<Result: {sentence(self.record)}>"

    @property
    def ok(self) -> bool:
        """Whether every tensor agrees and nothing broke. Unsupported checks are shown in the table and do not count."""
        return outcome(self.record) is Outcome.AGREEMENT

    @cached_property
    def table(self) -> "pd.DataFrame":
        """One row for each tensor: case, precision, check, tensor, verdict, margin, error, tolerance, ulps, index …"""
        from .reports.tables import frame

        return frame(self.record)

    def raise_if_differs(self) -> None:
        """Raise Differs, with the worst tensors and how to see each alone, unless `ok`."""
        if self.ok:
            return
        bad = worst(self.record)
        lines = [f"{row.case} {finding(row)}  (backproof explain {row.case})" for row in bad[:SHOWN]]
        lines += [f"… and {len(bad) - SHOWN} more"] if len(bad) > SHOWN else []
        lines += [f"bad case: {case.problem}" for case in self.record.cases if case.problem]
        for one in (told(diagnosis) for diagnosis in self.record.diagnoses[:SHOWN]):
            lines += [one.what, *(f"    {line}" for line in one.lines)]
        lines = lines or ["nothing was compared: every check of these cases is unsupported"]
        raise Differs("\n".join(lines))


def check(
    adapter: Adapter | type[Adapter] | str | Any,
    cases: str | Path | Iterable[str | Path] = (),
    precision: str | Sequence[str] = (),
    *,
    timeout: float = 60.0,
) -> Result:
    """Hold an implementation against the reference.

    adapter: an `Adapter` class or object, or the name of one ("pytorch", "module:Class", "path/to/file.py:Class"), or
        what is decorated with `implements`. A class as it is written in a module runs in a process of its own, where a
        crash or a hang costs a row; an object, a decorated function, or a class made or changed in a script or a
        notebook, runs in this process.
    cases: globs over the catalogue's names, or paths of case files or folders; by default the whole catalogue. Of what
        implements one operation, only those count that use it.
    precision: one or several of "float64", "float32", "bfloat16", "float16"; by default those that each case names.
    timeout: seconds that one answer may take, where the adapter has its own process.

    Raises CaseError for a case that cannot be read, ValueError for an unknown name or where no case is selected.
    """
    if os.environ.get(IN_WORKER):
        raise RuntimeError(
            "backproof.check was called while an implementation's process imports this file: "
            'put the call under if __name__ == "__main__":'
        )
    selected = load(cases)
    precisions = [precision] if isinstance(precision, str) and precision else list(precision)
    if unknown := [name for name in precisions if name not in PRECISIONS]:
        raise ValueError(f"there is no precision {unknown[0]!r}. There are: {', '.join(PRECISIONS)}")
    selected = [c for c in selected if not precisions or set(precisions) & set(c.file.precisions)]
    adapter = getattr(adapter, CARRIED, adapter)
    of = adapter.operation if isinstance(adapter, OneOperation) else ""
    selected = [c for c in selected if not of or of in c.operations]
    if not selected:
        using = f" and uses {of}" if of else ""
        raise ValueError(f"no case matches {cases!r}{using}; backproof list shows what there is")
    plan = Plan(selected, [], precisions, timeout=timeout)
    if isinstance(adapter, str):
        plan.implementations = [implementation(adapter)]
    elif isinstance(adapter, type) and (spec := _spec(adapter)):
        found = implementation(spec)
        plan.implementations = [Implementation(getattr(adapter, "name", found.name), found.command)]
    else:
        here = adapter() if isinstance(adapter, type) else adapter
        ask_through(plan, LocalSession(here), Implementation(here.name, ()))
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "record.jsonl"
        run(plan, path)
        return Result(read(path))


def _spec(adapter: type[Adapter]) -> str:
    """How another process finds this class, or "" where it cannot."""
    if "." in adapter.__qualname__:
        return ""
    module = sys.modules.get(adapter.__module__)
    source = getattr(module, "__file__", None)
    if adapter.__module__ == "__main__" or not source or getattr(module, adapter.__name__, None) is not adapter:
        return ""  # a script would run itself again, and a changed class would not be the one that is found
    as_written = all(
        function.__qualname__ == f"{adapter.__qualname__}.{name}" and function.__module__ == adapter.__module__
        for name, function in vars(adapter).items()
        if inspect.isfunction(function)
    )
    return f"{source}:{adapter.__qualname__}" if as_written else ""


def ask_through(plan: Plan, session: Session, who: Implementation) -> None:
    """Let the plan ask a session that is there already, and outlasts it."""

    def ask(_: Any, batches: Iterable[Batch], **__: Any) -> Iterator[tuple[Implementation, list[Asked]]]:
        for batch in batches:
            yield who, [Asked(p.case, p.precision, c, session.ask(p, c)) for p in batch for c in p.checks]

    def describe(_: Any) -> list[Description | Broke]:
        return [session.describe()]

    plan.implementations, plan.ask, plan.describe = [who], ask, describe


def worst(record: Record) -> list[Row]:
    """What differs or broke, worst first."""
    bad = [row for row in record.rows if row.verdict in (*DIFFERS, *BROKE)]
    return sorted(bad, key=lambda row: -(row.margin if row.margin is not None else float("inf")))


def finding(row: Row) -> str:
    """One differing tensor of a case in a line: what, and by how much."""
    what = f"{row.precision} {row.tensor or row.check}: {row.verdict}"
    if row.index is None:
        return f"{what}: {row.reason}"
    at = f" at {row.index}" if row.index else ""
    times = f", {row.margin:.3g} times the tolerance" if row.margin is not None else ""
    return f"{what}{at}: expected {row.expected}, got {row.actual}{times}"
