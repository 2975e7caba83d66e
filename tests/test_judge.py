"""The judge, verdict by verdict, and the claims."""

from pathlib import Path

import numpy as np
import pytest

from backproof.adapters.base import Asked, Broke, Refused, Trace, Traced
from backproof.adapters.known import Known, KnownDifferences
from backproof.cases import Case, load, solve
from backproof.reports import judge
from backproof.reports.expect import Expectation, Expected, IllPosed, expect, tolerance
from backproof.reports.record import Row


@pytest.fixture(scope="module")
def case() -> Case:
    (case,) = load("seed/chain")
    return case


@pytest.fixture(scope="module")
def expectation(case: Case) -> Expectation:
    return expect(case.problem("float64"))


def verdicts(case: Case, expectation: Expectation, trace: Trace, **how) -> dict[str, Row]:  # type: ignore[no-untyped-def]
    asked = Asked(case.name, "float64", "gradients", Traced(trace, 0.0))
    return {row.tensor: row for row in judge.judge("mine", asked, expectation, **how)}


def right(case: Case) -> Trace:
    return solve(case.problem("float64"), "gradients")


def test_the_reference_agrees(case: Case, expectation: Expectation) -> None:
    rows = verdicts(case, expectation, right(case))
    assert {row.verdict for row in rows.values()} <= {"exact", "within"}
    assert rows["loss"].check == "loss"
    assert rows["output.hidden"].check == "loss"
    assert rows["gradient.x"].check == "gradient"


@pytest.mark.parametrize(
    ("wrong", "verdict"),
    [
        (lambda x: x * (1 + 1e-13), "outside"),
        (lambda x: x * np.nan, "nonfinite"),
        (lambda x: x + np.inf, "nonfinite"),
        (lambda x: x.astype(np.float32), "dtype"),
        (lambda x: x.ravel(), "shape"),
        (lambda x: x[:, :, None], "shape"),
    ],
)
def test_what_is_wrong_with_a_tensor(case: Case, expectation: Expectation, wrong, verdict: str) -> None:  # type: ignore[no-untyped-def]
    trace = right(case)
    trace["gradient.hidden.W"] = wrong(trace["gradient.hidden.W"])
    rows = verdicts(case, expectation, trace)
    assert rows.pop("gradient.hidden.W").verdict == verdict
    assert {row.verdict for row in rows.values()} <= {"exact", "within"}


def test_a_tensor_under_another_name_is_missing_and_named(case: Case, expectation: Expectation) -> None:
    trace = right(case)
    trace["gradient.hidden.w"] = trace.pop("gradient.hidden.W")
    row = verdicts(case, expectation, trace)["gradient.hidden.W"]
    assert row.verdict == "missing"
    assert "gradient.hidden.w" in row.reason


def test_an_empty_answer_is_all_missing(case: Case, expectation: Expectation) -> None:
    rows = verdicts(case, expectation, {})
    assert len(rows) == 10
    assert {row.verdict for row in rows.values()} == {"missing"}


def test_what_was_never_offered_is_unsupported(case: Case, expectation: Expectation) -> None:
    trace = {name: x for name, x in right(case).items() if name.startswith("gradient.hidden.")}
    rows = verdicts(case, expectation, trace, offered=["gradient.*.*"])
    assert rows["loss"].verdict == "unsupported"
    assert rows["gradient.output.W"].verdict == "missing"
    assert rows["gradient.hidden.W"].verdict in ("exact", "within")


def test_what_the_answer_says_it_lacks_is_unsupported_and_else_judged(case: Case, expectation: Expectation) -> None:
    trace = {name: x for name, x in right(case).items() if not name.startswith("output.")}
    asked = Asked(
        case.name, "float64", "gradients", Traced(trace | {"output.hidden": trace["loss"]}, 0.0, ["output.*"])
    )
    rows = {row.tensor: row.verdict for row in judge.judge("mine", asked, expectation)}
    assert rows["output.output"] == "unsupported"
    assert rows["output.hidden"] == "shape", "what it gives all the same is judged"


def test_known_differences_excuse_only_differences(case: Case, expectation: Expectation) -> None:
    known = KnownDifferences("x", [Known("seed/*", "because", "loss", link="link")])
    assert verdicts(case, expectation, right(case), known=known)["loss"].verdict in ("exact", "within")
    assert known.unmet([("seed/chain", "float64")])
    factor = verdicts(case, expectation, {**right(case), "loss": right(case)["loss"] * 3}, known=known)["loss"]
    assert factor.verdict == "outside", "more than digits were lost"
    row = verdicts(case, expectation, {**right(case), "loss": np.asarray(0.0)}, known=known)["loss"]
    assert (row.verdict, row.reason, row.link) == ("known", "because", "link")
    assert not known.unmet([("seed/chain", "float64")])


def test_what_calls_itself_a_bug_excuses_any_number(case: Case, expectation: Expectation) -> None:
    known = KnownDifferences("x", [Known("seed/*", "because", "loss", link="link", bug=True)])
    for wrong in (right(case)["loss"] * 3, np.asarray(np.inf), np.asarray(np.nan)):
        assert verdicts(case, expectation, {**right(case), "loss": wrong}, known=known)["loss"].verdict == "known"
    shape = verdicts(case, expectation, {**right(case), "loss": np.zeros(2)}, known=known)["loss"]
    assert shape.verdict == "shape"


@pytest.mark.parametrize(
    ("answer", "verdict"),
    [(Refused("cannot"), "unsupported"), (Broke("error", "died"), "error"), (Broke("timeout", "slow"), "timeout")],
)
def test_no_tensors_make_a_row_for_each_column(case: Case, expectation: Expectation, answer, verdict: str) -> None:  # type: ignore[no-untyped-def]
    rows = list(judge.judge("mine", Asked(case.name, "float64", "gradients", answer), expectation))
    assert [(row.check, row.tensor, row.verdict) for row in rows] == [("loss", "", verdict), ("gradient", "", verdict)]


def test_the_worst_element_is_found(case: Case, expectation: Expectation) -> None:
    (wide,) = load("basics/layers/linear")
    expected = expect(wide.problem("float64"))
    trace = solve(wide.problem("float64"), "gradients")
    name = "gradient.x"
    trace[name] = trace[name].copy()
    trace[name][2, 1] += 1e-9
    row = next(r for r in judge.judge("mine", Asked(wide.name, "float64", "gradients", Traced(trace, 0)), expected)
               if r.tensor == name)  # fmt: skip
    assert row.index == [2, 1]
    assert row.error == pytest.approx(1e-9, rel=1e-4)
    assert row.ulps is not None
    assert row.ulps > 1e6
    assert row.margin is not None
    assert row.margin > 1e4


@pytest.mark.parametrize(
    ("says", "value", "verdict"),
    [("0.223", 0.22314, "holds"), ("0.223", 0.2236, "wrong"), ("0.04", 0.03999999999999998, "holds"),
     ("0.49997", 0.4999972, "wrong"), ("-0.6", -0.6, "holds"), ("1", float("nan"), "wrong")],
)  # fmt: skip
def test_a_claim_holds_to_the_digits_printed(tmp_path: Path, says: str, value: float, verdict: str) -> None:
    file = tmp_path / "c.toml"
    file.write_text(
        f'question="?"\nbecause="b"\nclaims=[{{of="x",says="{says}",tensor="loss"}}]\n[parameters]\nw=1.0\n'
        '[optimizer]\nop="sgd"\nlr=0.1\n'
    )
    (case,) = load(file)
    (claim,) = judge.claims(
        "mine", case, {"loss": np.asarray(value)}, {"loss": Expected(np.asarray(0.0), np.asarray(0.0), False)}
    )
    assert claim.verdict == verdict


def written(tmp_path: Path, text: str) -> Case:
    file = tmp_path / "c.toml"
    file.write_text('question="?"\nbecause="b"\n' + text)
    (case,) = load(file)
    return case


def test_a_kink_by_accident_fails_the_case(tmp_path: Path) -> None:
    text = (
        'upstream=[2.0]\n[inputs]\nx=[[0.1, 0.3]]\n[[network]]\nop="linear"\nW=[[3.0],[-1.0]]\n[[network]]\nop="relu"\n'
    )
    problem = written(tmp_path, text.replace("upstream=[2.0]", "upstream=[[2.0]]")).problem("float32")
    with pytest.raises(IllPosed, match="seed ="):
        tolerance(problem, "gradients")


def test_an_exact_case_must_be_exact(tmp_path: Path) -> None:
    case = written(tmp_path, 'exact=true\nupstream=[2.0]\n[inputs]\nx=[0.1]\n[[network]]\nop="tanh"\n')
    assert "not exact" in expect(case.problem("float32"), exact=True).ill_posed


def test_float32_tolerances_are_wider_than_float64_and_never_zero(case: Case) -> None:
    wide, narrow = (tolerance(case.problem(p), "gradients") for p in ("float32", "float64"))
    for name in wide:
        assert (wide[name] > 1e8 * narrow[name]).all()
        assert (narrow[name] > 0).all()
