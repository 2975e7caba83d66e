"""A diagnosis says where an answer first goes wrong, and what of; each word of it was computed."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

import backproof
from backproof.adapters.base import Trace
from backproof.adapters.reference import Reference
from backproof.cases import Case, Check, Problem, load
from backproof.cases.solving import solve
from backproof.reports import cache
from backproof.reports.diagnosis import relations
from backproof.reports.diagnosis.diagnose import Agreement, Diagnosis, diagnose
from backproof.reports.diagnosis.evidence import Failure
from backproof.reports.diagnosis.place import graph_of, place
from backproof.reports.faults.all_faults import BY_ID
from backproof.reports.faults.planting import planted
from backproof.reports.findings import told

NETWORK = "basics/networks/regressor:op=tanh,reduction=mean"
Change = Callable[[Trace], Trace]


def failure(name: str, check: Check, change: Change, precision: str = "float64") -> Failure:
    """The answer of the reference to a case, changed."""
    (case,) = load(name)
    problem = case.problem(precision)
    trace = change({tensor: x.copy() for tensor, x in solve(problem, check).items()})
    return of(case, problem, check, trace)


def of(case: Case, problem: Problem, check: Check, trace: Trace) -> Failure:
    expected = cache.expectation(case, problem.precision).checks[check]
    wrong = frozenset(
        name for name, (value, tolerance, _) in expected.items()
        if name in trace and (trace[name].shape != value.shape or not (np.abs(trace[name] - value) <= tolerance).all())
    )  # fmt: skip
    return Failure(case, problem, check, trace, expected, wrong)


def first(failed: Failure) -> Diagnosis:
    return diagnose([failed])[0]


def change(tensor: str, to: Callable[[np.ndarray], np.ndarray]) -> Change:
    return lambda trace: trace | {tensor: to(trace[tensor])}


# ---------------------------------------------------------------- where
@pytest.mark.parametrize("check", ["gradients", "updates", "training"])
def test_every_expected_tensor_has_its_place_in_the_order_of_computation(check: Check) -> None:
    for case in load(["basics", "around", "schedules"]):
        problem = case.problem("float64")
        if check not in problem.checks:
            continue
        names = list(solve(problem, check))
        graph = graph_of(problem, check, names)
        assert set(names) <= set(graph), case.name
        seen: set[str] = set()
        for name, node in graph.items():
            assert seen.issuperset(other for other in node.made_of if other in names), f"{case.name}: {name}"
            seen.add(name)


def test_the_first_wrong_tensor_is_the_one_whose_makings_are_right() -> None:
    failed = failure(NETWORK, "gradients", lambda trace: trace | {
        name: 2 * trace[name] for name in ("gradient.hidden", "gradient.hidden.W", "gradient.hidden.b")
    })  # fmt: skip
    found = place(failed.problem, "gradients", failed.expected, set(failed.wrong), set(failed.trace))
    assert found.tensor == "gradient.hidden"
    assert found.operations[0] == "tanh"
    assert {"gradient.activation", "output.activation"} <= set(found.made_of)
    assert not found.unseen


def test_what_was_not_answered_is_named_and_its_operations_can_be_to_blame() -> None:
    def only(trace: Trace) -> Trace:
        return {"loss": trace["loss"], "gradient.hidden.W": 2 * trace["gradient.hidden.W"]}

    failed = failure(NETWORK, "gradients", only)
    found = place(failed.problem, "gradients", failed.expected, set(failed.wrong), set(failed.trace))
    assert {"gradient.hidden", "gradient.activation"} <= set(found.unseen)
    assert {"linear", "tanh", "mean_squared_error"} <= set(found.operations)


def test_of_updates_the_first_step_is_named() -> None:
    name = "basics/optimizers/sgd:momentum=0.9,weight_decay=0.0"
    wrong = failure(name, "updates", lambda t: t | {n: 1.5 * x for n, x in t.items() if n.split(".")[1] != "1"})
    assert first(wrong).place.tensor.split(".")[:2] == ["state", "2"]


# ---------------------------------------------------------------- what
@pytest.mark.parametrize(
    ("id", "case"),
    [
        ("E11-slope-of-sigmoid", NETWORK),
        ("C34-ce-sign", "basics/losses/cross_entropy:*"),
        ("linear-bias-forgotten", "basics/networks/regressor:*"),
        ("E18-momentum-of-one", "basics/optimizers/sgd:*"),
        ("E30-last-use-wins", "basics/*"),
    ],
)
def test_a_known_mistake_is_called_by_its_name(id: str, case: str) -> None:
    failures = []
    for found in load(case):
        problem = found.problem("float64")
        for check in problem.checks:
            with planted(BY_ID[id].plant()):
                failed = of(found, problem, check, solve(problem, check))
            failures += [failed] if failed.wrong else []
    assert failures
    best = diagnose(failures)[0].tried[0]
    assert best.hypothesis.name == id
    assert best.contradicted == 0


def test_another_convention_is_one_and_no_mistake() -> None:
    class OtherEps(Reference):
        name = "other"

        def updates(self, problem: Problem) -> Trace:
            from backproof.reports.diagnosis.hypotheses import _choosing

            return _choosing("adam", "eps_at", "inside")(problem, "updates")

    found = backproof.check(OtherEps(), "optimizers/adam:*", "float64").record.diagnoses
    assert found[0].hypotheses[0].kind == "convention"
    assert 'eps_at = "inside"' in found[0].hypotheses[0].says


A = "gradient.hidden.W"
RELATIONS: list[tuple[str, Callable[[np.ndarray], np.ndarray]]] = [
    ("sign", lambda x: -x),
    ("factor 2", lambda x: 2 * x),
    ("constant factor", lambda x: 0.7311 * x),
    ("zero", lambda x: 0 * x),
    ("NaN", lambda x: np.where(x == x.max(), np.nan, x)),
    ("transposed", lambda x: x.T),
    ("reversed", lambda x: x[::-1].copy()),
    ("shifted", lambda x: np.roll(x, 1, 1)),
    ("sum everywhere", lambda x: np.broadcast_to(x.sum(0, keepdims=True), x.shape).copy()),
    ("mean everywhere", lambda x: np.broadcast_to(x.mean(1, keepdims=True), x.shape).copy()),
    ("clipped", lambda x: np.clip(x, -np.abs(x).mean(), np.abs(x).mean())),
    ("absolute", np.abs),
    ("places of axis 0", lambda x: np.vstack([x[:1] * 3 + 1, x[1:]])),
    ("left out", lambda x: np.where(np.arange(x.size).reshape(x.shape) % 3 == 1, 0.0, x)),
    ("summed too far", lambda x: x.sum(0)),
    ("not summed", lambda x: np.stack([x / 4, 3 * x / 4])),
]


@pytest.mark.parametrize(("name", "to"), RELATIONS, ids=[name for name, _ in RELATIONS])
def test_a_relation_to_the_right_tensor_is_found_by_computing_it(name: str, to: Callable) -> None:  # type: ignore[type-arg]
    failed = failure(NETWORK, "gradients", change(A, to))
    at = place(failed.problem, "gradients", failed.expected, set(failed.wrong), set(failed.trace))
    assert name in [found for found, _ in relations.found(failed, at)]


def test_a_term_too_many_is_found() -> None:
    (case,) = load(NETWORK)
    decay = case.problem("float64").parameters["hidden.W"]
    failed = failure(NETWORK, "gradients", change(A, lambda x: x + 0.25 * decay))
    says = [h.hypothesis.says for h in first(failed).tried]
    assert any("0.25 times hidden.W too much" in words for words in says), says


def test_nothing_is_found_in_what_has_no_relation() -> None:
    noise = np.random.RandomState(3)
    failed = failure(NETWORK, "gradients", change(A, lambda x: noise.normal(size=x.shape)))
    at = place(failed.problem, "gradients", failed.expected, set(failed.wrong), set(failed.trace))
    assert not list(relations.found(failed, at))
    found = first(failed)
    assert not found.tried
    assert found.operation == "linear"


def test_a_coarser_arithmetic_is_told_from_a_mistake() -> None:
    def single(trace: Trace) -> Trace:
        return {name: x.astype(np.float32).astype(np.float64) for name, x in trace.items()}

    assert relations.coarse(failure(NETWORK, "gradients", single)) == "float32"
    one_way = failure(NETWORK, "gradients", lambda trace: {name: x * (1 + 1e-9) for name, x in trace.items()})
    assert not relations.coarse(one_way)


def test_an_answer_that_agrees_speaks_against_a_hypothesis() -> None:
    """A sum where a mean is due looks like a factor; where a sum is due it would show as well."""
    mean, total = "basics/losses/mean_squared_error:reduction={},upstream=1.0".format, "sum"
    failures, agreeing = [], []
    for reduction in ("mean", total):
        (case,) = load(mean(reduction))
        problem = case.problem("float64")
        trace = solve(problem, "gradients")
        if reduction == "mean":
            n = problem.inputs["target"].size
            trace = {name: x * n for name, x in trace.items() if name != "output.linear"} | {
                name: x for name, x in trace.items() if name.startswith("output")
            }
            failures.append(of(case, problem, "gradients", trace))
        else:
            agreeing.append(Agreement(problem, "gradients", cache.expectation(case, "float64").checks["gradients"]))
    found = diagnose(failures, agreeing)[0].tried
    assert found
    assert found[0].contradicted == 0
    assert 'reduction = "sum"' in found[0].hypothesis.says


def test_two_mistakes_are_two_diagnoses_and_where_both_show_no_third() -> None:
    ids = ("E11-slope-of-sigmoid", "E06-db-last-row")
    failures = []
    for case in load(["basics/networks/regressor:*", "basics/activations/tanh:*", "basics/layers/*"]):
        problem = case.problem("float64")
        if "gradients" in problem.checks:
            with planted(BY_ID[ids[0]].plant()), planted(BY_ID[ids[1]].plant()):
                failed = of(case, problem, "gradients", solve(problem, "gradients"))
            failures += [failed] if failed.wrong else []
    found = diagnose(failures)
    assert {one.tried[0].hypothesis.name for one in found} == set(ids)
    assert len(found) == 2
    assert any(case.case.name == NETWORK for one in found for case in one.settled)


# ---------------------------------------------------------------- what to do, and where it is shown
class SlopeOfSigmoid(Reference):
    """A right implementation with one wrong line."""

    name = "mine"

    def gradients(self, problem: Problem) -> Trace:
        with planted(BY_ID["E11-slope-of-sigmoid"].plant()):
            return solve(problem, "gradients")


def test_a_diagnosis_stands_in_every_rendering(tmp_path: Path) -> None:
    from backproof.reports.render import render

    record = backproof.check(SlopeOfSigmoid(), NETWORK, "float64").record
    (found,) = record.diagnoses
    assert found.operation == "tanh"
    assert found.tensor == "gradient.hidden"
    assert found.derivation.startswith("dx = dy (1 − y²)")
    path, _, number = found.source.partition(":")
    line = (Path(__file__).parent.parent / path).read_text(encoding="utf-8").splitlines()[int(number) - 1]
    assert found.derivation in line
    words = told(found)
    for format in ("html", "markdown", "junit", "json"):
        text = render(record, format)
        assert "1 − y²" in text or "1 \\u2212 y\\u00b2" in text, format
    assert "right: 1 − y²; yours: y (1 − y)" in words.what
    assert NETWORK in words.again


def test_a_right_implementation_has_no_diagnosis() -> None:
    assert not backproof.check(Reference(), NETWORK, "float64").record.diagnoses
