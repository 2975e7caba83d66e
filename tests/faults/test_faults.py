"""The oracle notices every fault, in the column that it belongs to, and nothing where nothing is wrong."""

import numpy as np
import pytest

from backproof.reference.layers import linear
from backproof.reference.optimizers import sgd
from backproof.reports import expect
from backproof.reports.faults import loss_parts, wrong_activations, wrong_linear, wrong_sgd
from backproof.reports.faults.all_faults import BY_ID, FAULTS
from backproof.reports.faults.planting import SPREADS, Fault, Patches, planted, single, ten_bits
from backproof.reports.record import BROKE, DIFFERS

from .bench import PRECISIONS, Bench, ask, judged
from .conftest import Scores


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.id)
def test_a_fault_is_caught_in_its_column(fault: Fault, scores: Scores) -> None:
    score = scores(fault)
    for precision in PRECISIONS:
        columns = score.columns(precision)
        if precision == "float32" and fault.float64_only:
            assert not columns, "float32 shows it after all: take float64_only away"
            continue
        assert fault.column in columns, f"{precision}: {columns or 'nothing'} differs; {fault.column} should"
        assert columns <= SPREADS[fault.column], f"{precision}: it also shows where it cannot be"


def test_every_fault_has_a_name_of_its_own() -> None:
    assert len(BY_ID) == len(FAULTS) >= 60


def test_the_spine_has_faults_written_by_hand() -> None:
    """Of the others some are, too; three mutants at least has every operation (test_mutants)."""
    of = [fault.operation for fault in FAULTS]
    modules = [linear, sgd, *wrong_activations.RIGHT, *loss_parts.LOSSES]
    names = {m.__name__.rpartition(".")[2] for m in modules} | {"network", "training"}
    assert all(of.count(name) >= 3 for name in names)


def right_parts() -> dict[str, Patches]:
    """The scaffolds that faults are made of, with no fault in them."""
    losses = {m.__name__: loss_parts.made(m, {}) for m in loss_parts.LOSSES}
    activations = {m.__name__: wrong_activations.wrong(m, "", "").plant() for m in wrong_activations.RIGHT}
    linear_parts = wrong_linear.made({"y": wrong_linear.RIGHT["y"]})
    return losses | activations | {"linear": linear_parts, "sgd": wrong_sgd.made({})}


@pytest.mark.parametrize("name", right_parts())
def test_what_faults_are_made_of_is_right(name: str, bench: Bench) -> None:
    for question in bench.questions(name.rpartition(".")[2]):
        for check in question.problem.checks:
            rows = judged(question, ask(right_parts()[name], question, check))
            assert not [row for row in rows if row.verdict in DIFFERS + BROKE], question.case.name


def test_planting_leaves_nothing_behind(bench: Bench) -> None:
    before = (sgd.update, linear.forward)
    with pytest.raises(ZeroDivisionError), planted({(sgd, "update"): max, (linear, "forward"): min}):
        raise ZeroDivisionError
    assert (sgd.update, linear.forward) == before


@pytest.mark.parametrize("fault", [FAULTS[0], BY_ID["E20-double"], BY_ID["E30-last-use-wins"]], ids=lambda f: f.id)
def test_planting_does_not_reach_expectations(fault: Fault, bench: Bench, scores: Scores) -> None:
    question = next(q for q in bench.questions(fault.operation) if q.case.name in scores(fault).caught[q.precision])
    fresh = expect.expect(question.problem, exact=question.case.file.exact)
    for check, tensors in question.expectation.checks.items():
        for name, wanted in tensors.items():
            np.testing.assert_array_equal(fresh.checks[check][name].value, wanted.value)


def test_what_single_and_ten_bits_keep() -> None:
    x = np.array([1 + 2.0**-10, 1 + 2.0**-11, -3.7, 0.0])
    np.testing.assert_array_equal(ten_bits(x)[:2], [1 + 2.0**-10, 1.0])
    assert ten_bits(x).dtype == x.dtype == single(x).dtype
    assert single(x)[2] == np.float32(-3.7)
