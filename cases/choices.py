"""On what correct implementations differ, and where such a choice decides a number."""

from collections.abc import Iterator
from typing import Any, Literal, NamedTuple, get_args, get_origin

import msgspec
import numpy as np

from ..reference import operations
from ..reference.program import Trace
from .format import CaseError
from .problem import Check, Head, OptimizerOf, Problem
from .solving import solve

NO_CONVENTIONS = {
    "reduction", "tails", "keepdims", "keepdim", "training", "descending", "largest", "ceil_mode", "full", "balanced",
    "nesterov", "centered", "swap", "scale_grad_by_freq", "three_phase", "is_causal",
    "enable_gqa",
}  # fmt: skip
"""Options that say what is asked for, or how it is computed, and not whom to follow."""

SLOPES = (0.0, 0.5, 1.0)
"""What an option such as at_zero or at_margin may be, where it is a number: left, middle, right."""

AROUND: tuple[Literal["schedule", "clip", "average"], ...] = ("schedule", "clip", "average")


class Decided(NamedTuple):
    """A choice that decides numbers of a problem, and the problems with other choices, of which numbers are others."""

    op: str
    option: str
    choice: Any
    others: dict[Any, Problem]


def conventions(op: str) -> dict[str, tuple[Any, ...]]:
    """The options of an operation on which correct implementations differ, each with its choices, the default first.

    They are what takes one of a few words, yes or no, or a number that is the slope at a kink.
    """
    found: dict[str, tuple[Any, ...]] = {}
    for name, option in operations.options(operations.find(op, *operations.KINDS)).items():
        if get_origin(option.annotation) is Literal:
            choices = get_args(option.annotation)
        elif option.annotation is bool:
            choices = (False, True)
        else:
            choices = SLOPES if name.startswith("at_") else ()
        if choices and name not in NO_CONVENTIONS:
            found[name] = (option.default, *(choice for choice in choices if choice != option.default))
    return found


def decided(problem: Problem, *, named: bool) -> Iterator[Decided]:
    """The conventions that decide a number of the problem: those that it names, or those that it leaves to defaults.

    Nothing, if it cannot be computed.
    """
    try:
        plain = {check: _solved(problem, check) for check in problem.checks}
    except CaseError:
        return
    for place, head in _heads(problem):
        for option, choices in conventions(head.op).items():
            if (option in head.options) == named:
                choice = head.options.get(option, choices[0])
                others = {other: _put(problem, place, head, {option: other}) for other in choices if other != choice}
                telling = {name: other for name, other in others.items() if _differs(other, plain)}
                if telling:
                    yield Decided(head.op, option, choice, telling)


def _heads(problem: Problem) -> Iterator[tuple[tuple[str, int], Head]]:
    """Each operation of the problem with its options, and where it stands."""
    yield from ((("network", i), head) for i, head in enumerate(problem.network))
    yield from ((("penalties", i), head) for i, head in enumerate(problem.penalties))
    single = {"loss": problem.loss, "optimizer": problem.optimizer}
    single |= {part: getattr(problem.optimizer, part, None) for part in AROUND}
    yield from (((place, 0), head) for place, head in single.items() if head is not None)


def _put(problem: Problem, place: tuple[str, int], head: Head, options: dict[str, Any]) -> Problem:
    """The problem with other options of the operation in this place."""
    part, i = place
    head = msgspec.structs.replace(head, options=head.options | options)
    if part in AROUND:
        assert problem.optimizer is not None
        around: OptimizerOf = msgspec.structs.replace(problem.optimizer, **{part: head})
        return msgspec.structs.replace(problem, optimizer=around)
    if part in ("network", "penalties"):
        heads = getattr(problem, part)
        return msgspec.structs.replace(problem, **{part: [*heads[:i], head, *heads[i + 1 :]]})
    return msgspec.structs.replace(problem, **{part: head})


def _solved(problem: Problem, check: Check) -> Trace:
    with np.errstate(all="ignore"):
        return solve(problem, check)


def _differs(other: Problem, plain: dict[Check, Trace]) -> bool:
    """Whether another choice changes a number of a check that can have it."""
    for check, trace in plain.items():
        try:
            if not _alike(trace, _solved(other, check)):
                return True
        except CaseError:
            continue
    return False


def _alike(a: Trace, b: Trace) -> bool:
    return a.keys() == b.keys() and all(np.array_equal(a[name], b[name], equal_nan=True) for name in a)
