"""What the catalogue asks of its cases, beyond being computable: each rule closes a gap that faults slipped through.

A case breaks a rule on purpose by giving a reason: `excuse = { rule-name = "why" }`. A user's own cases are free.
"""

import math
import re
from collections import Counter
from collections.abc import Callable
from typing import TypeAlias

import numpy as np

from ..reference import Array
from ..reference.arithmetic.precision import PRECISIONS
from .choices import decided
from .load import Case
from .problem import Problem
from .solving import solve

Rule: TypeAlias = Callable[[Case, Problem], str]
"""What is wrong with a case, in words, or ""."""

FAULT = re.compile(r"[BCDE]\d\d")


def lint(case: Case) -> list[str]:
    """Every rule that the case breaks without a reason, and every excuse that is not needed.

    Raises CaseError if the case cannot be built.
    """
    problem = case.problem("float64")
    broken = {name: words for name, rule in RULES.items() if (words := rule(case, problem))}
    found = [f"{case.name}: {name}: {words}" for name, words in broken.items() if name not in case.file.excuse]
    for name, why in case.file.excuse.items():
        if name not in RULES:
            found.append(f"{case.name}: there is no rule {name!r} to excuse. There are: {', '.join(RULES)}")
        elif name not in broken:
            found.append(f"{case.name}: the excuse for {name} excuses nothing; take it out")
        elif not why.strip():
            found.append(f"{case.name}: the excuse for {name} gives no reason")
    return found


# ---------------------------------------------------------------- what is said about it
def _question(case: Case, _: Problem) -> str:
    return "" if case.file.question.strip().endswith("?") else "question = … must ask something, and end in ?"


def _because(case: Case, _: Problem) -> str:
    return "" if len(case.file.because.split()) > 2 else "because = … must name the mistake that the case is to catch"


def _kills(case: Case, _: Problem) -> str:
    odd = [fault for fault in case.file.kills if not FAULT.fullmatch(fault)]
    twice = [fault for fault, count in Counter(case.file.kills).items() if count > 1]
    return f"kills names {odd + twice}: each fault once, such as E01" if odd or twice else ""


def _precisions(case: Case, _: Problem) -> str:
    return "" if "float64" in case.file.precisions else "float64 decides what is right: it must be among the precisions"


def _claims(case: Case, problem: Problem) -> str:
    """Every claim must be about a number that exists."""
    trace: dict[str, Array] = {}
    for check in problem.checks if case.file.claims else []:
        trace |= solve(problem, check)
    for claim in case.file.claims:
        if claim.tensor not in trace:
            return f"no tensor {claim.tensor!r}. There are: {', '.join(trace)}"
        if len(claim.index) != np.ndim(trace[claim.tensor]):
            return f"index {claim.index} is not one number of {claim.tensor}, shape {np.shape(trace[claim.tensor])}"
        if not math.isfinite(float(claim.says)):
            return f"{claim.says!r} is no number"
    return ""


# ---------------------------------------------------------------- shapes
def _rows(_: Case, problem: Problem) -> str:
    """With one row, a missing 1/N or a missing sum over rows does not show; with two, a wrong axis may not."""
    few = {name: x.shape for name, x in _fed(problem).items() if x.ndim and len(x) < 3}
    return f"at least three rows, got {few}" if few else ""


def _dimensions(_: Case, problem: Problem) -> str:
    """Two axes of the same length hide a transpose."""
    sizes = [n for x in _fed(problem).values() for n in x.shape]
    if problem.network:
        sizes += [p.shape[-1] for p in problem.parameters.values() if p.ndim > 1]
    alike = sorted(n for n, count in Counter(sizes).items() if count > 1)
    return f"batch, input and layer sizes must all differ; twice there: {alike}" if alike else ""


def _square(_: Case, problem: Problem) -> str:
    """A square weight multiplies from either side."""
    square = [name for name, p in problem.parameters.items() if p.ndim > 1 and p.shape[-1] == p.shape[-2]]
    return f"{', '.join(square)}: square" if square else ""


def _layer_below(_: Case, problem: Problem) -> str:
    """The gradient that leaves the operation under test must be used by something."""
    if not problem.network:
        return ""
    deep = len(problem.network) + (problem.loss is not None) > 1
    return "" if deep and problem.network[0].parameters else "no layer with parameters below the operation under test"


# ---------------------------------------------------------------- numbers
def _constant_data(case: Case, problem: Problem) -> str:
    """Equal numbers make rounding coherent, and hide mistakes in indexing."""
    given = {**problem.inputs, **problem.parameters}
    for name in problem.gradients[0] if problem.gradients else ():
        given[f"gradients.{name}"] = np.stack([step[name] for step in problem.gradients])
    constant = [name for name, x in given.items() if x.dtype.kind == "f" and _constant(x)]
    return f"all numbers alike in {', '.join(constant)}" if constant and not case.file.exact else ""


def _constant_upstream(_: Case, problem: Problem) -> str:
    """Under a constant upstream gradient, terms that sum to zero vanish, and a missing factor is one."""
    u = problem.upstream
    if u is None or not u.ndim or not u.size:
        return ""
    return "the upstream gradient is constant" if (u == u.flat[0]).all() and (u.size > 1 or u.flat[0] == 1) else ""


def _exact_data(case: Case, problem: Problem) -> str:
    """The exact tier's numbers must be exact in the fewest bits."""
    if not case.file.exact:
        return ""
    given = problem.inputs | problem.parameters | {"upstream": problem.upstream}
    bfloat16 = PRECISIONS["bfloat16"]
    odd = [n for n, x in given.items() if x is not None and x.dtype.kind == "f" and (bfloat16.round(x) != x).any()]
    return f"exact = true, but bfloat16 cannot represent {', '.join(odd)}" if odd else ""


def _constant(x: Array) -> bool:
    return bool(x.size > 1 and (x == x.flat[0]).all())


def _fed(problem: Problem) -> dict[str, Array]:
    """The inputs that the network reads, without the targets."""
    used = {source for layer in problem.network for source in layer.inputs}
    return {name: x for name, x in problem.inputs.items() if name in used}


# ---------------------------------------------------------------- conventions
def _conventions(_: Case, problem: Problem) -> str:
    """A convention that decides a number is named: a default may change, and a reader does not see it."""
    silent = sorted({f"{found.op}.{found.option}" for found in decided(problem, named=False)})
    return f"left to their defaults, and decide numbers: {', '.join(silent)}" if silent else ""


# ---------------------------------------------------------------- optimizers
def _three_steps(_: Case, problem: Problem) -> str:
    """Bias correction hides mistakes at step 1, and momentum shows only from step 2."""
    few = problem.optimizer is not None and len(problem.optimizer.rates) < 3
    return "an optimizer needs at least three steps" if few else ""


def _rate_changes(_: Case, problem: Problem) -> str:
    """A changing rate tells the forms of momentum apart."""
    still = problem.optimizer is not None and len(set(problem.optimizer.rates)) < 2
    return "the learning rate must change on the way" if still else ""


def _two_parameters(_: Case, problem: Problem) -> str:
    """With one parameter, a state that all share does not show."""
    few = problem.optimizer is not None and len({p.shape for p in problem.parameters.values()}) < 2
    return "an optimizer needs two parameters of different shapes" if few else ""


RULES: dict[str, Rule] = {
    "question": _question,
    "because": _because,
    "kills": _kills,
    "precisions": _precisions,
    "claims": _claims,
    "rows": _rows,
    "dimensions-differ": _dimensions,
    "square-weights": _square,
    "layer-below": _layer_below,
    "constant-data": _constant_data,
    "constant-upstream": _constant_upstream,
    "exact-data": _exact_data,
    "conventions": _conventions,
    "three-steps": _three_steps,
    "rate-changes": _rate_changes,
    "two-parameters": _two_parameters,
}
