"""What may have gone wrong: every hypothesis is computed and compared, none is guessed.

    convention   the reference again, with another choice of one of the operation's options
    mistake      the reference again, with a mistake that people are known to make (reports/faults)
    relation     the tensor is the right one times a number, transposed, summed, cut off ... (relations.py)
    source       the reference again, with one place of its source changed
    precision    right, in an arithmetic that is coarser than declared

In this order: a choice is no mistake, a known mistake has a name that people know, and one place of the source can
be changed in so many ways that something nearly always fits.
"""

import inspect
import typing
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack
from functools import cache, partial
from typing import TYPE_CHECKING, Any, Literal, NamedTuple, TypeAlias

import msgspec

from ...adapters.base import Trace
from ...cases import Check, Problem
from ...cases.problem import Head
from ...cases.solving import solve
from ...reference import operations
from ..faults.planting import Fault, Patches, planted
from . import relations
from .evidence import Failure, fits, predicted
from .place import Place

if TYPE_CHECKING:
    from ..faults.mutants import Mutant

Kind: TypeAlias = Literal["convention", "mistake", "relation", "source", "precision"]
KINDS: tuple[Kind, ...] = typing.get_args(Kind)


class Hypothesis(NamedTuple):
    """One thing that may have gone wrong."""

    kind: Kind
    name: str  # short and stable: "eps_at=inside", "E16-dx-without-transpose", "factor 2"
    says: str  # in a sentence
    cure: str  # what to do, in a sentence that may speak of {operation} and {tensor}
    explains: Callable[[Failure, Place], bool]
    predict: Callable[[Problem, Check], Trace | None] | None = None  # what such a program answers, if it is one
    operation: str = ""
    plant: Callable[[], Patches] | None = None  # the functions that make the reference such a program


def likely(failure: Failure, place: Place) -> Iterator[Hypothesis]:
    """Those that are few enough to be tried at once."""
    for operation in place.operations:
        yield from conventions(failure.problem, operation)
    for operation in place.operations:
        yield from mistakes(operation)
    yield from relations_of(failure, place)


def unlikely(place: Place) -> Iterator[Hypothesis]:
    """Those that are many, or fit too easily."""
    for operation in place.operations:
        yield from sources(operation)
    yield precision()


# ---------------------------------------------------------------- another choice
def conventions(problem: Problem, operation: str) -> Iterator[Hypothesis]:
    """Each other choice for an option of an operation: named values, switches, numbers as if they were not given."""
    for head in heads(problem):
        if head.op != operation:
            continue
        declared = operations.options(operations.find(operation, *operations.KINDS))
        for option, parameter in declared.items():
            now = head.options.get(option, parameter.default)
            for other in choices(parameter, now):
                choice = f"{option} = {_spoken(other)}"
                default = ", as if it were not given" if other == parameter.default and option in head.options else ""
                yield _program(
                    "convention", f"{operation}: {choice}",
                    f"{operation} with {choice}{default}, where the case asks for {_spoken(now)}",
                    f"If {choice} is what you mean, list it as an expected difference (--expect), or refuse such cases "
                    f"as unsupported; else take {option} = {_spoken(now)} as the case asks.",
                    operation, _choosing(operation, option, other),
                )  # fmt: skip


def choices(parameter: inspect.Parameter, now: Any) -> Iterator[Any]:
    """The other values that an option can have: named ones, switches; for numbers only the default."""
    kinds = typing.get_args(parameter.annotation) or (parameter.annotation,)
    named = [value for kind in kinds for value in typing.get_args(kind)]
    if typing.get_origin(parameter.annotation) is Literal:
        named = list(typing.get_args(parameter.annotation))
    named += [True, False] if bool in kinds else []
    default = [] if parameter.default is parameter.empty else [parameter.default]
    yield from (
        value for value in dict.fromkeys([*named, *default]) if value != now and isinstance(value, int | float | str)
    )


def heads(problem: Problem) -> Iterator[Head]:
    """Everything in a problem that has options."""
    yield from problem.network
    rule = problem.optimizer
    around = (rule, rule.schedule, rule.clip, rule.average) if rule else ()
    yield from (head for head in (problem.loss, *problem.penalties, *around) if head is not None)


def _choosing(operation: str, option: str, value: Any) -> Callable[[Problem, Check], Trace]:
    def changed(problem: Problem) -> Problem:
        def other(head: Any) -> Any:
            if head is None or head.op != operation:
                return head
            return msgspec.structs.replace(head, options=head.options | {option: value})

        rule = problem.optimizer
        if rule is not None:
            around = {key: other(getattr(rule, key)) for key in ("schedule", "clip", "average")}
            rule = msgspec.structs.replace(other(rule), **around)
        return msgspec.structs.replace(
            problem,
            network=[other(layer) for layer in problem.network],
            loss=other(problem.loss),
            penalties=[other(penalty) for penalty in problem.penalties],
            optimizer=rule,
        )

    return lambda problem, check: solve(changed(problem), check)


# ---------------------------------------------------------------- another program
def mistakes(operation: str) -> list[Hypothesis]:
    """The known mistakes of an operation, of networks in general, or of what stands around an optimizer's step."""
    return _mistakes().get(operation, [])


@cache
def _mistakes() -> dict[str, list[Hypothesis]]:
    from ..faults.all_faults import FAULTS  # many, and only needed where something is wrong

    found: dict[str, list[Hypothesis]] = {}
    for fault in FAULTS:
        found.setdefault(fault.operation, []).append(_mistake(fault))
    return found


def _mistake(fault: Fault) -> Hypothesis:
    right, _, wrong = fault.says.partition("; ")
    cure = f"Mend that in your {fault.operation}, then ask the case below again."
    return _program("mistake", fault.id, f"right: {right}; yours: {wrong}", cure, fault.operation, _with(fault.plant),
                    fault.plant)  # fmt: skip


def sources(operation: str) -> Iterator[Hypothesis]:
    """The operation, and what it shares with others, with one place of the source changed."""
    from ..faults.mutants import SHARED

    name = {"training": "_step"}.get(operation, operation)
    for module in (name, *(part for part, users in SHARED.items() if operation in users)):
        for mutant in _mutants(module):
            where, _, change = mutant.id.partition(": ")
            before, _, after = change.partition(" → ")
            says = f"as if {where} had `{after}` in place of `{before}`"
            cure = f"Look for what the reference writes as `{before}`, in {where}."
            plant = partial(getattr, mutant, "patches")
            yield _program("source", mutant.id, says, cure, operation, _with(plant), plant)


@cache
def _mutants(module: str) -> list["Mutant"]:
    from ..faults.mutants import mutants

    return list(mutants(module))


def _with(plant: Callable[[], Patches]) -> Callable[[Problem, Check], Trace]:
    def answer(problem: Problem, check: Check) -> Trace:
        with planted(plant()):
            return solve(problem, check)

    return answer


def _program(kind: Kind, name: str, says: str, cure: str, operation: str, solve: Callable[[Problem, Check], Trace],
             plant: Callable[[], Patches] | None = None) -> Hypothesis:  # fmt: skip
    def predict(problem: Problem, check: Check) -> Trace | None:
        return predicted(problem, check, solve)

    def explains(failure: Failure, _: Place) -> bool:
        return fits(failure, predict(failure.problem, failure.check))

    cure = cure.replace("{", "{{").replace("}", "}}")
    return Hypothesis(kind, name, says, cure, explains, predict, operation, plant)


def together(hypotheses: Sequence[Hypothesis]) -> Callable[[Failure], bool]:
    """Whether a program with several mistakes at once accounts for an answer."""

    def answer(problem: Problem, check: Check) -> Trace:
        with ExitStack() as stack:
            for hypothesis in hypotheses:
                if hypothesis.plant is not None:
                    stack.enter_context(planted(hypothesis.plant()))
            return solve(problem, check)

    return lambda failure: fits(failure, predicted(failure.problem, failure.check, answer))


# ---------------------------------------------------------------- the tensor itself
def relations_of(failure: Failure, place: Place) -> Iterator[Hypothesis]:
    """What the first wrong tensor is in relation to the right one. Named by what it means in any case."""
    for name, says in relations.found(failure, place):

        def explains(other: Failure, there: Place, name: str = name) -> bool:
            return any(name == found for found, _ in relations.found(other, there))

        yield Hypothesis("relation", name, says, "Look where your {operation} makes {tensor}, and for nothing else: "
                         "the rest of it fits.", explains)  # fmt: skip


def precision() -> Hypothesis:
    """Too coarse an arithmetic: errors as large as those of fewer digits, and no larger."""
    return Hypothesis(
        "precision", "fewer digits", "computed with fewer digits than declared, as in float32, TF32 or bfloat16",
        "Look for a cast, a default dtype, or a fast mode of matrix products, on the way to {tensor}.",
        lambda failure, _: bool(relations.coarse(failure)),
    )  # fmt: skip


def ranked(found: Iterable[Hypothesis]) -> list[Hypothesis]:
    """Known things first."""
    return sorted(found, key=lambda hypothesis: KINDS.index(hypothesis.kind))


def _spoken(value: Any) -> str:
    return f'"{value}"' if isinstance(value, str) else str(value).lower() if isinstance(value, bool) else str(value)
