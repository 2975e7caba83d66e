"""The catalogue: every case builds, answers, keeps the rules, and says what it is for."""

import decimal
import re
import tomllib
from typing import Any, Literal, get_args, get_origin

import numpy as np
import pytest

from backproof.cases import Case, catalogue, solve
from backproof.cases.lint import lint
from backproof.cases.load import CATALOGUE
from backproof.reference import operations

CASES = catalogue()
BY_NAME = {case.name: case for case in CASES}
each_case = pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)


def test_there_are_enough_cases_in_every_group() -> None:
    assert len(CASES) >= 120
    groups = {"seed", "real", *(f"basics/{g}" for g in ("activations", "layers", "losses", "networks", "optimizers"))}
    assert {case.group for case in CASES} >= groups


def test_names_are_stable_slugs() -> None:
    assert len(BY_NAME) == len(CASES)
    slug = re.compile(r"[a-z0-9_]+(/[a-z0-9_]+)+(:[a-zA-Z0-9_.-]+=[a-z0-9_.-]+(,[a-zA-Z0-9_.-]+=[a-z0-9_.-]+)*)?")
    assert [case.name for case in CASES if not slug.fullmatch(case.name)] == []


def test_names_that_others_rely_on() -> None:
    assert {"seed/chain", "real/digits", "basics/layers/linear", "basics/losses/cross_entropy_tails:target=wrong"} <= {
        *BY_NAME
    }


@each_case
def test_it_keeps_the_rules(case: Case) -> None:
    assert lint(case) == []


@each_case
def test_it_builds_and_answers_at_every_precision(case: Case) -> None:
    odd = set()
    for precision in case.file.precisions:
        problem = case.problem(precision)
        for check in problem.checks:
            trace = solve(problem, check, lambda x: x.astype(np.float64))
            assert trace
            steps = enumerate(problem.gradients)
            given = {f"gradients.{k}.{name}": g for k, step in steps for name, g in step.items()}
            odd |= {name for name, value in (trace | given).items() if not np.isfinite(value).all()}
    assert bool(odd) == case.file.nonfinite, odd


def test_hashes_differ() -> None:
    assert len({case.hash for case in CASES}) == len(CASES)


def test_every_operation_has_a_case_and_every_choice_of_its_options_too() -> None:
    used: set[tuple[str, str, str]] = set()
    for case in CASES:
        problem = case.problem("float64")
        rule = problem.optimizer
        around = [rule.schedule, rule.clip, rule.average] if rule else []
        for head in [*problem.network, problem.loss, *problem.penalties, rule, *around]:
            for key, value in head.options.items() if head else ():
                used.add((head.op, key, str(value)))
            if head:
                used.add((head.op, "", ""))
    wanted = set()
    for name in operations.names(*operations.KINDS):
        wanted.add((name, "", ""))
        operation = operations.find(name, *operations.KINDS)
        for key, option in operations.options(operation).items():
            literal = get_origin(option.annotation) is Literal
            for value in get_args(option.annotation) if literal else ():
                if value != option.default:
                    wanted.add((name, key, str(value)))
    assert wanted - used == set()


# ---------------------------------------------------------------- the note, and what it leaves out
def traces(name: str) -> dict[str, Any]:
    problem = BY_NAME[name].problem("float64")
    return {tensor: value for check in problem.checks for tensor, value in solve(problem, check).items()}


def test_the_chain_worked_out_by_hand() -> None:
    trace = traces("seed/chain")
    wanted = {
        "output.hidden": 1.5, "output.output": 0.8, "loss": 0.04,
        "gradient.output": -0.4, "gradient.hidden": -0.28, "gradient.x": -0.14,
        "gradient.output.W": -0.6, "gradient.hidden.W": -0.56,
        "trajectory.1.output.W": 0.76, "trajectory.1.hidden.W": 0.556,
    }  # fmt: skip
    assert {name: round(np.asarray(trace[name]).item(), 12) for name in wanted} == wanted


def test_the_notes_claims_stand_as_printed() -> None:
    holds = {}
    for case in CASES:
        for claim in case.file.claims:
            value = decimal.Decimal(np.asarray(traces(case.name)[claim.tensor])[tuple(claim.index)].item())
            printed = decimal.Decimal(claim.says)
            holds[case.name.removeprefix("seed/"), claim.tensor, claim.says] = value.quantize(printed) == printed
    right = {key for key, verdict in holds.items() if verdict}
    assert right == {
        ("chain", "output.hidden", "1.5"),
        ("chain", "output.output", "0.8"),
        ("chain", "loss", "0.04"),
        ("mean_squared_error", "loss", "0.025"),
        ("binary_cross_entropy", "loss", "0.223"),
        ("binary_cross_entropy_of_logit", "loss", "0.223"),
        ("rate_just_right", "update.1.weight", "0.4972"),
        ("rate_too_large", "update.1.weight", "0.472"),
    }
    assert set(holds) - right == {
        ("chain", "gradient.output", "0.04"),
        ("chain", "gradient.hidden", "0.028"),
        ("chain", "gradient.x", "0.014"),
        ("chain", "gradient.hidden.W", "0.028"),
        ("chain", "trajectory.1.hidden.W", "0.4972"),
        ("rate_too_small", "update.1.weight", "0.49997"),
    }


def losses(name: str) -> list[float]:
    return [float(x) for tensor, values in traces(name).items() if tensor.endswith(".loss") for x in np.ravel(values)]


def test_the_limit_of_the_learning_rate_is_where_the_case_says() -> None:
    problem = BY_NAME["seed/learning_rate:lr=good"].problem("float64")
    x, target = problem.inputs["x"], problem.inputs["target"]
    limit = 2 / np.linalg.eigvalsh(2 / target.size * x.T @ x)[-1]
    assert f"the limit is {limit:.3f}" in BY_NAME["seed/learning_rate:lr=good"].file.because
    rates = {}
    for choice in ("slow", "good", "zigzag", "diverging"):
        name = f"seed/learning_rate:lr={choice}"
        training = BY_NAME[name].problem("float64").training
        assert training is not None
        rates[choice] = training.rates[0] / limit
        assert (losses(name)[-1] > losses(name)[0]) == (choice == "diverging")
    assert rates["slow"] < 0.1 < rates["good"] < 0.6 < 0.9 < rates["zigzag"] < 1 < rates["diverging"]


def test_the_lessons_show_what_they_say() -> None:
    assert losses("seed/wrong_loss:loss=squared")[-1] > 0.98
    assert losses("seed/wrong_loss:loss=entropy")[-1] < 0.2
    assert abs(losses("seed/right_loss")[-1] - losses("seed/wrong_loss:loss=entropy")[-1]) < 1e-12
    assert losses("seed/momentum:momentum=0.9")[-1] < 0.2 * losses("seed/momentum:momentum=0.0")[-1]
    assert losses("seed/inputs_normalised:lr=good")[-1] < losses("seed/inputs_raw:lr=crawling")[-1]
    assert losses("seed/inputs_raw:lr=exploding")[-1] > 1e4


@pytest.mark.parametrize(
    ("name", "low", "high"),
    [("vanishing:op=sigmoid", 0, 1e-6), ("vanishing:op=tanh", 0, 1e-2), ("kept:op=tanh", 0.1, 10),
     ("exploding:op=identity", 1e3, 1e5), ("exploding:op=relu", 1e2, 1e5)],
)  # fmt: skip
def test_gradients_vanish_and_explode(name: str, low: float, high: float) -> None:
    trace = traces(f"seed/{name}")
    bottom, top = (np.sqrt(np.mean(trace[f"gradient.layer{k}"] ** 2)) for k in (1, 9))
    assert low < bottom / top < high


# ---------------------------------------------------------------- the digits
def test_the_digits_are_all_there() -> None:
    folder = CATALOGUE / "real"
    assert (folder / "digits.npz").stat().st_size < 100_000
    assert "10.24432/C50P49" in (folder / "digits.LICENSE").read_text(encoding="utf-8")
    inputs = BY_NAME["real/digits"].problem("float32").inputs
    assert inputs["x"].shape == (1797, 64)
    assert np.bincount(inputs["label"]).tolist() == [178, 182, 177, 183, 181, 182, 181, 179, 174, 180]
    pixels = inputs["x"] * 16
    assert np.array_equal(pixels, np.round(pixels))
    assert (pixels.min(), pixels.max()) == (0, 16)


def test_the_digits_are_learnt() -> None:
    assert np.mean(losses("real/digits")[-28:]) < 0.25


def test_every_file_is_read() -> None:
    stems = {case.stem for case in CASES}
    files = {path.relative_to(CATALOGUE).with_suffix("").as_posix() for path in CATALOGUE.rglob("*.toml")}
    assert stems == files
    for path in CATALOGUE.rglob("*.toml"):
        assert "question" in tomllib.loads(path.read_text(encoding="utf-8"))
