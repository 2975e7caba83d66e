"""A wrong implementation is shown by the smallest case that shows it."""

from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from itertools import islice
from pathlib import Path
from types import ModuleType
from typing import Any
from unittest import mock

import numpy as np
import pytest

from backproof.adapters.base import Asked, Trace
from backproof.adapters.reference import Reference
from backproof.adapters.session import LocalSession
from backproof.candidates import WAYS
from backproof.cases import Case, CaseError, Check, Problem, load, solve
from backproof.fitting import fit, plain
from backproof.reference.layers import conv, linear
from backproof.reference.losses import cross_entropy
from backproof.reference.optimizers import adam
from backproof.reports import judge
from backproof.reports.expect import expect
from backproof.reports.record import DIFFERS, Row
from backproof.shrink import differing, failing, shrink, size, told
from backproof.writing import write

from .good_case import TABLE, changed, made

Wrong = Callable[..., Any]
LONG = 600.0  # seconds: that time is up is no part of most of these tests


class Planted(Reference):
    """The reference with one of its functions replaced, while it answers."""

    def __init__(self, module: ModuleType, name: str, wrong: Wrong) -> None:
        right = getattr(module, name)
        self.patch = lambda: mock.patch.object(module, name, lambda *given, **options: wrong(right, *given, **options))

    def gradients(self, problem: Problem) -> Trace:
        with self.patch():
            return super().gradients(problem)

    def updates(self, problem: Problem) -> Trace:
        with self.patch():
            return super().updates(problem)

    def training(self, problem: Problem) -> Trace:
        with self.patch():
            return super().training(problem)


def no_sum_of_b(right: Wrong, saved: linear.Saved, dy: np.ndarray) -> linear.Params:
    dp: linear.Params = right(saved, dy)
    return dp if dp.b is None else dp._replace(b=dy.reshape(-1, dy.shape[-1])[0])


def twice(right: Wrong, *given: Any, **options: Any) -> Any:
    return 2 * right(*given, **options)


def twice_the_kernel(right: Wrong, saved: Any, dy: np.ndarray) -> Any:
    dx, dp = right(saved, dy)
    return dx, dp._replace(W=2 * dp.W)


def too_far(right: Wrong, *given: Any, **options: Any) -> Any:
    p, state = right(*given, **options)
    return 1.5 * p, state


def found(session: LocalSession, case: Case, check: Check) -> Row:
    problem = case.problem("float64")
    rows = judge.judge("it", Asked(case.name, "float64", check, session.ask(problem, check)), expect(problem))
    return next(row for row in rows if row.verdict in DIFFERS)


def smallest(adapter: Planted, case: Case, check: Check) -> Case:
    session = LocalSession(adapter)
    return shrink(case, failing(session, "float64", check, found(session, case, check)), LONG)


def ops(case: Case) -> list[str]:
    return [layer["op"] for layer in case.file.network]


def test_a_wrong_bias_is_one_linear_layer_with_two_rows() -> None:
    case = smallest(Planted(linear, "backward_parameters", no_sum_of_b), made(TABLE), "gradients")
    assert ops(case) == ["linear"]
    assert (case.file.loss, case.file.optimizer, case.file.training) == (None, None, None)
    problem = case.problem("float64")
    assert (problem.inputs["x"].shape, problem.parameters["hidden.W"].shape) == ((2, 1), (1, 1))


def test_a_wrong_loss_is_the_loss_alone_of_two_classes() -> None:
    case = smallest(Planted(cross_entropy, "backward", twice), made(TABLE), "gradients")
    assert ops(case) == ["identity"]
    assert case.file.loss == {"op": "cross_entropy"}
    assert {array.shape for array in case.problem("float64").inputs.values()} == {(1, 2), (1,)}


def test_a_wrong_rule_is_one_number_and_one_step() -> None:
    case = smallest(
        Planted(adam, "update", too_far), made(changed("optimizer", {"op": "adam", "lr": [0.1, 0.2]})), "updates"
    )
    assert (case.file.network, case.file.inputs, case.file.training) == ([], {}, None)
    assert [array.size for array in case.problem("float64").parameters.values()] == [1]
    assert len(case.problem("float64").gradients) == 1


def test_what_only_training_shows_stays_a_training_of_one_step() -> None:
    case = smallest(Planted(cross_entropy, "backward", twice), made(TABLE), "training")
    assert case.file.training is not None
    assert [len(epoch) for epoch in case.problem("float64").training.batches] == [1]  # type: ignore[union-attr]
    assert ops(case) == ["linear"]


def test_a_target_keeps_the_shape_of_the_prediction() -> None:
    (whole,) = load("layers/conv_training")
    case = smallest(Planted(conv, "backward", twice_the_kernel), whole, "training")
    assert ops(case) == ["conv", "conv"]  # of the first layer, training takes the parameters' gradients alone
    assert {array.size for array in case.problem("float64").inputs.values()} == {1}


def test_what_is_written_fails_as_well(tmp_path: Path) -> None:
    (whole, *_) = load("basics/networks/classifier")
    session = LocalSession(Planted(cross_entropy, "backward", twice))
    row = found(session, whole, "gradients")
    case = shrink(whole, failing(session, "float64", "gradients", row), LONG)
    now = differing(session, "float64", "gradients", row, case)
    assert now is not None
    path = write(told(case, now), tmp_path)
    (again,) = load(path)
    assert again.file.because.startswith("it in float64: outside at [")
    assert again.file.precisions == ["float64"]
    assert differing(session, "float64", "gradients", row, again) == now


def test_it_is_the_same_each_time() -> None:
    adapter = Planted(cross_entropy, "backward", twice)
    first, second = (smallest(adapter, made(TABLE), "gradients") for _ in range(2))
    assert first.file == second.file


def test_no_case_is_asked_twice_and_none_that_cannot_be_built() -> None:
    asked = []

    def fails(case: Case) -> bool:
        asked.append(case.hash)
        case.problem("float64")
        return "cross_entropy" in case.operations

    case = shrink(made(TABLE), fails, LONG)
    assert len(set(asked)) == len(asked) > 5
    assert size(case) < size(made(TABLE))


def test_what_cannot_shrink_stays() -> None:
    case = made(TABLE)
    assert shrink(case, lambda other: other.hash == case.hash, LONG) is case


def test_a_case_error_is_no_failure() -> None:
    def fails(_: Case) -> bool:
        raise CaseError("never")

    assert shrink(made(TABLE), fails, LONG) == made(TABLE)


def test_without_time_the_case_stays() -> None:
    assert shrink(made(TABLE), lambda case: case.name == "my/case", 0.0) == made(TABLE)


def test_numbers_are_written_out_without_new_ties_and_zeros() -> None:
    case = shrink(made(TABLE), lambda case: len(case.file.network) == 3 and size(case)[1] > 20, LONG)
    given = case.problem("float64")
    numbers = np.concatenate([x.reshape(-1) for x in (*given.inputs.values(), *given.parameters.values())
                              if x.dtype.kind == "f"])  # fmt: skip
    assert isinstance(case.file.inputs["x"], list)
    assert numbers.all()
    assert len(np.unique(np.abs(numbers))) == numbers.size


def test_an_implementation_that_breaks_must_break_alike() -> None:
    def breaks(right: Wrong, *given: Any, **options: Any) -> Any:
        raise (KeyError if given[0].W.shape == (4, 6) else ValueError)("no")

    session = LocalSession(Planted(linear, "forward", breaks))
    broken = Row("my/case", "float64", "it", "gradient", "", "error", reason="KeyError: 'no'")
    still = failing(session, "float64", "gradients", broken)
    assert still(made(TABLE))
    other = changed("inputs.x", {"normal": [5, 3]})
    other["network"][0]["W"] = {"normal": [3, 6]}
    assert not still(made(other))


@pytest.mark.parametrize(
    ("part", "change"),
    [
        (0, {"training": None}),
        (1, {"inputs": {"x": {"normal": [4, 4]}, "target": {"integers": [4], "below": 3}}}),
        (2, {"loss": {"op": "cross_entropy"}}),
        (3, {"inputs": {"x": [[1.0] * 4] * 5, "target": {"integers": [5], "below": 3}}}),
    ],
)
def test_what_smaller_means(part: int, change: dict[str, Any]) -> None:
    large = changed("loss.reduction", "mean")
    small = {key: value for key, value in (large | change).items() if value is not None}
    smaller, larger = size(made(small)), size(made(large))
    assert smaller < larger
    assert smaller[:part] == larger[:part]
    assert smaller[part] < larger[part]


def test_layers_that_share_their_numbers_go_on_to_do_so() -> None:
    def fails(case: Case) -> bool:
        of = [layer.parameters["W"] for layer in case.problem("float64").network if layer.parameters]
        return len(of) > len(set(of))

    (whole, *_) = load("basics/networks/tied")
    case = shrink(whole, fails, LONG)
    first, second = case.file.network
    assert second["uses"] == first.get("name", first["op"])


def test_a_list_among_the_options_is_no_parameter() -> None:
    table = changed("network.1", {"op": "standardize", "axis": [1]})
    case = shrink(made(table), lambda case: "updates" in case.problem("float64").checks, LONG)
    assert set(case.file.parameters) <= {"hidden.W", "hidden.b", "logits.W"}
    assert len(case.file.parameters) == 1


def test_an_input_may_be_called_as_a_key_is() -> None:
    table = changed("inputs", {"below": [[0.5, 2.0], [1.0, 3.0], [4.0, 5.0]]})
    table = {key: value for key, value in table.items() if key not in ("loss", "optimizer", "training")}
    table |= {"network": [{"op": "tanh"}], "upstream": {"normal": [3, 2]}}
    case = shrink(made(table), lambda case: "tanh" in case.operations, LONG)
    assert case.problem("float64").inputs["below"].shape == (1, 1)


@pytest.mark.parametrize(
    "name", ["layers/broadcast_to", "layers/topk_last", "losses/triplet_margin_swap", "schedules/cosine_lr"]
)
def test_what_an_operation_must_have_stays(name: str) -> None:
    (whole, *_) = load(name)
    wanted = set(whole.operations) - {"linear", "sgd"}

    def fails(case: Case) -> bool:
        problem = case.problem("float64")
        for check in problem.checks:
            solve(problem, check)
        return wanted <= set(case.operations)

    assert size(shrink(whole, fails, LONG)) < size(whole)


def test_every_way_finds_smaller_cases_of_the_catalogue() -> None:
    ways = Counter[str]()
    for case in [*load()[::200], load("basics/networks/training")[0]]:
        problem = case.problem("float64")
        for way in WAYS:
            for table in islice(way(plain(case), problem), 8):
                with suppress(CaseError, TypeError):
                    ways[way.__name__] += size(fit(case, table)) < size(case)
    assert all(ways[way.__name__] for way in WAYS), ways
