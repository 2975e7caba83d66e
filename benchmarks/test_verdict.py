"""Time to a verdict on the gradients of a dense layer in float64: backproof against what the frameworks bring along.

All say whether given gradients are right, dx, dW and db. backproof holds a trace against values that it has worked out
before (`backproof`) or works out now (`backproof, cold`: certified values, and the tolerance of every element).
gradcheck and check_grads have the framework compute the gradients and hold them against finite differences, gradcheck
element by element, check_grads along one random direction.
"""

from collections.abc import Iterator
from pathlib import Path

import jax
import jax.numpy as jnp
import numpy as np
import pytest
import torch
from jax.test_util import check_grads
from pytest_benchmark.fixture import BenchmarkFixture

from backproof.adapters.base import Asked, Traced
from backproof.cases import Case, Problem, solve
from backproof.cases.folders import cache_folder
from backproof.cases.load import from_table
from backproof.reports import cache, judge

GROUP = "verdict: a dense layer's gradients"
N, D, K = 8, 16, 12
TABLE = {
    "question": "Are the gradients of a dense layer right?",
    "because": "this is what gradcheck and check_grads are for",
    "precisions": ["float64"],
    "inputs": {"x": {"normal": [N, D]}},
    "network": [{"op": "linear", "name": "dense", "W": {"normal": [D, K]}, "b": {"normal": [K]}}],
    "upstream": {"normal": [N, K]},
}
AGREED = {"exact", "within"}

pytestmark = pytest.mark.benchmark(group=GROUP)


@pytest.fixture
def case(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Case:
    """The layer as a case, with a cache of its own."""
    monkeypatch.setenv("BACKPROOF_CACHE", str(tmp_path))
    (case,) = from_table(TABLE, tmp_path / "dense.toml", "benchmarks/dense")
    return case


@pytest.fixture
def x64() -> Iterator[None]:
    """JAX in double precision."""
    with jax.enable_x64(True):
        yield


def verdict(case: Case, answer: Asked) -> bool:
    """What backproof makes of a trace."""
    return all(row.verdict in AGREED for row in judge.judge("mine", answer, cache.expectation(case, "float64")))


def answer_of(problem: Problem) -> Asked:
    return Asked(problem.case, "float64", "gradients", Traced(solve(problem, "gradients"), 0.0))


def test_backproof(benchmark: BenchmarkFixture, case: Case) -> None:
    benchmark.extra_info["contender"] = "backproof"
    answer = answer_of(case.problem("float64"))
    assert verdict(case, answer)
    assert benchmark.pedantic(verdict, args=(case, answer), rounds=50, iterations=10, warmup_rounds=2)


def test_backproof_and_gradients(benchmark: BenchmarkFixture, case: Case) -> None:
    """As the frameworks' checks do, the gradients are computed too, by the reference."""
    benchmark.extra_info["contender"] = "backproof, with gradients"
    problem = case.problem("float64")
    verdict(case, answer_of(problem))
    check = lambda: verdict(case, answer_of(problem))  # noqa: E731
    assert benchmark.pedantic(check, rounds=50, iterations=10, warmup_rounds=2)


def test_backproof_cold(benchmark: BenchmarkFixture, case: Case) -> None:
    benchmark.extra_info["contender"] = "backproof, cold"
    answer = answer_of(case.problem("float64"))

    def forget() -> None:
        for kept in (cache_folder() / "expectations").rglob("*.msgpack"):
            kept.unlink()

    assert benchmark.pedantic(verdict, args=(case, answer), setup=forget, rounds=15, warmup_rounds=1)


def test_gradcheck(benchmark: BenchmarkFixture, case: Case) -> None:
    benchmark.extra_info["contender"] = "gradcheck"
    problem = case.problem("float64")
    arguments = tuple(torch.tensor(a).requires_grad_() for a in (problem.inputs["x"], *problem.parameters.values()))

    def layer(x: torch.Tensor, W: torch.Tensor, b: torch.Tensor) -> torch.Tensor:
        return torch.nn.functional.linear(x, W.T, b)

    assert benchmark.pedantic(torch.autograd.gradcheck, args=(layer, arguments), rounds=15, warmup_rounds=1)


@pytest.mark.usefixtures("x64")
def test_check_grads(benchmark: BenchmarkFixture, case: Case) -> None:
    benchmark.extra_info["contender"] = "check_grads"
    problem = case.problem("float64")
    arguments = tuple(jnp.asarray(a) for a in (problem.inputs["x"], *problem.parameters.values()))
    assert arguments[0].dtype == np.float64
    layer = jax.jit(lambda x, W, b: x @ W + b)
    benchmark.pedantic(lambda: check_grads(layer, arguments, order=1, modes=["rev"]), rounds=15, warmup_rounds=2)
