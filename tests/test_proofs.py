"""The mathematics: every backward is the derivative of its forward, every expected value is certified, and every
tolerance admits honest programs. Over the whole catalogue, with no framework involved."""

from functools import partial

import msgspec
import numpy as np
import pytest

from backproof.cases import Case, catalogue, load, solve
from backproof.reference import operations
from backproof.reference.arithmetic import low_precision
from backproof.reference.arithmetic.precision import PRECISIONS
from backproof.reports import cache, prove
from backproof.reports.expect import NORMALS, SIGMAS

CASES = catalogue()
DIGITS = 30
SIX = 6  # σ: the guard rail of the method

# Exactly on a kink, or at the edge of what the forward is defined on, there is no derivative to compare with.
KINKED = "kink"
UNDEFINED = "nan"


def ids(case: Case) -> str:
    return case.name


@pytest.mark.parametrize("case", [c for c in CASES if c.file.network and KINKED not in c.file.tags], ids=ids)
def test_backward_is_the_derivative_of_forward(case: Case) -> None:
    assert prove.digits(case.problem(case.file.precisions[0])) > DIGITS


def test_every_operation_is_proved() -> None:
    proved = set()
    for case in CASES:
        if case.file.network and KINKED not in case.file.tags:
            proved |= set(case.operations)
    differentiated = operations.names("layers", "activations", "losses", "penalties")
    assert set(differentiated) - proved == set()


def test_a_wrong_backward_is_not_the_derivative(monkeypatch: pytest.MonkeyPatch) -> None:
    tanh = operations.find("tanh", "activations")
    right = tanh.backward
    monkeypatch.setattr(tanh, "backward", lambda saved, dy: right(saved, dy) * (1 + 2.0**-40))
    case = next(c for c in load("basics/networks") if any(layer["op"] == "tanh" for layer in c.file.network))
    assert prove.digits(case.problem("float64")) < DIGITS


@pytest.mark.parametrize("case", CASES, ids=ids)
def test_cases_are_well_posed_and_certified(case: Case) -> None:
    for precision in case.file.precisions:
        expectation = cache.expectation(case, precision)
        assert not expectation.ill_posed
        if UNDEFINED not in case.file.tags:  # of NaN there is nothing to enclose
            assert expectation.certificate, f"{precision}: no certificate"
            assert expectation.certificate.widest_ulp < 0.25


@pytest.mark.parametrize(
    "case", [c for c in CASES if not c.file.exact and c.group != "real" and UNDEFINED not in c.file.tags], ids=ids
)
def test_low_precision_runs_stay_under_six_sigma(case: Case) -> None:
    """Simulated honest programs, in several orders of summation, against σ itself rather than the tolerance.

    real/digits is left out: its 87 steps in simulated order take minutes, and its operations are those of other cases.
    """
    for precision in [p for p in case.file.precisions if p != "float64"]:
        problem = case.problem(precision)
        expectation = cache.expectation(case, precision)
        # The floor stands in the tolerance for what hardware flushes to zero; it is kept here too.
        floor = NORMALS * PRECISIONS[precision].smallest_normal
        for check in problem.checks:
            for order in low_precision.ORDERS:
                run = solve(problem, check, partial(low_precision.array, precision=precision, order=order))
                for name, (truth, tolerance, _) in expectation.checks[check].items():
                    allowed = (tolerance - floor) * (SIX / SIGMAS) + floor
                    answer = np.asarray(run[name])
                    same = (answer == truth) | np.isnan(answer) & np.isnan(truth)
                    with np.errstate(invalid="ignore"):
                        error = np.where(same, 0, np.abs(answer - truth))
                    assert (error <= allowed).all(), (precision, check, order, name, float(np.max(error / allowed)))


def test_problems_are_not_changed_by_solving() -> None:
    (case,) = load("seed/chain")
    problem = case.problem("float64")
    before = msgspec.structs.asdict(case.problem("float64"))
    for check in problem.checks:
        solve(problem, check)
    for name, array in problem.parameters.items():
        assert np.array_equal(array, before["parameters"][name])
