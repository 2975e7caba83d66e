"""What a diagnosis is made of: answers that differ, and whether a hypothesis accounts for one."""

from collections.abc import Callable, Mapping
from typing import NamedTuple

import msgspec
import numpy as np

from ...adapters.base import Trace
from ...cases import Case, Check, Problem
from ...reference import Array
from ..expect import Expected

SLACK = 8.0  # tolerances that an answer may be away from what a hypothesis predicts: it was derived for another program
SHARE = 1e-3  # and of the difference itself, what it may leave unexplained


class Failure(NamedTuple):
    """One answer that differs."""

    case: Case
    problem: Problem
    check: Check
    trace: Trace
    expected: dict[str, Expected]
    wrong: frozenset[str]  # tensors that differ

    @property
    def size(self) -> tuple[bool, int]:
        """Smaller ones are easier to understand; training is the last that one would look at."""
        arrays = [*self.problem.inputs.values(), *self.problem.parameters.values()]
        arrays += [g for step in self.problem.gradients for g in step.values()]
        return self.check == "training", sum(array.size for array in arrays) + 8 * len(self.problem.network)


def fits(failure: Failure, predicted: Mapping[str, Array] | None) -> bool:
    """Whether the answer is what was predicted: all of it, what is right in it included."""
    return predicted is not None and all(close(failure, name, predicted.get(name)) for name in failure.expected)


def close(failure: Failure, name: str, predicted: Array | None) -> bool:
    """Whether one tensor of the answer is what was predicted."""
    actual, (truth, tolerance, _) = failure.trace.get(name), failure.expected[name]
    if actual is None or predicted is None:
        return actual is None and (predicted is None or name not in failure.wrong)
    if actual.shape != predicted.shape:
        return False
    a, b = actual.astype(np.float64), predicted.astype(np.float64)
    with np.errstate(all="ignore"):
        allowed = SLACK * (tolerance if tolerance.shape == a.shape else np.max(tolerance, initial=0.0))
        if name in failure.wrong:
            allowed = allowed + SHARE * _largest(a - truth if truth.shape == a.shape else a)
            allowed = allowed + np.finfo(actual.dtype).eps * 64 * np.abs(b) if actual.dtype.kind == "f" else allowed
        same = (a == b) | (np.isnan(a) & np.isnan(b))
        return bool((same | (np.abs(a - b) <= allowed)).all())


def _largest(x: Array) -> float:
    return float(np.max(np.abs(x), initial=0.0, where=np.isfinite(x)))


def predicted(problem: Problem, check: Check, solve: Callable[[Problem, Check], Trace]) -> Trace | None:
    """What a program answers; None where it breaks. It may write into what it is given."""
    try:
        with np.errstate(all="ignore"):
            return solve(own_copy(problem), check)
    except Exception:  # a wrong program may break in any way
        return None


def own_copy(problem: Problem) -> Problem:
    """A problem with arrays of its own."""
    return msgspec.structs.replace(
        problem,
        inputs={name: x.copy() for name, x in problem.inputs.items()},
        parameters={name: x.copy() for name, x in problem.parameters.items()},
        gradients=[{name: x.copy() for name, x in step.items()} for step in problem.gradients],
        upstream=None if problem.upstream is None else problem.upstream.copy(),
    )
