"""@implements: one operation of somebody's own in the place of the reference's, right and wrong, of every kind."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pytest

import backproof
from backproof.adapters.base import Refused, Traced
from backproof.adapters.implementation import implementation
from backproof.adapters.session import LocalSession, ProcessSession
from backproof.adapters.worker import CARRIED
from backproof.api import Result
from backproof.cases import catalogue, solve
from backproof.one_operation import OneOperation
from backproof.reference import operations
from backproof.reports.record import DIFFERS

EXAMPLE = Path(__file__).parent.parent / "examples" / "my_gelu.py"


def verdicts(result: Result, case: str = "", precision: str = "float64") -> dict[str, str]:
    """Tensor -> verdict, of one case."""
    rows = [row for row in result.record.rows if row.precision == precision and row.case.startswith(case)]
    return {row.tensor or row.check: row.verdict for row in rows}


def differing(result: Result) -> set[str]:
    return {row.tensor for row in result.record.rows if row.verdict in DIFFERS}


def compared(result: Result) -> int:
    return sum(row.verdict in ("exact", "within") for row in result.record.rows)


def reasons(result: Result) -> set[str]:
    return {row.reason for row in result.record.rows if row.verdict in ("unsupported", "error")}


# ---------------------------------------------------------------- functions of every kind
def gelu(x: Any) -> Any:
    share = 1 / (1 + np.exp(-x))
    return x * share, lambda dy: dy * share * (1 + x * (1 - share))


def linear(x: Any, W: Any, b: Any = None) -> Any:
    y = x @ W if b is None else x @ W + b

    def backward(dy: Any) -> Any:
        rows, dys = x.reshape(-1, x.shape[-1]), dy.reshape(-1, dy.shape[-1])
        return dy @ W.T, rows.T @ dys, dys.sum(axis=0)

    return y, backward


def mean_squared_error(prediction: Any, target: Any, *, reduction: str = "mean") -> Any:
    terms = np.square(prediction - target)
    n = terms.size if reduction == "mean" else 1
    loss = terms if reduction == "none" else terms.sum() / np.asarray(n, terms.dtype)

    def backward(dloss: Any) -> Any:
        dx = 2 * (prediction - target) / np.asarray(n, terms.dtype) * dloss
        return dx, -dx

    return loss, backward


def batch_norm(
    x: Any, weight: Any, bias: Any, running_mean: Any, running_var: Any, *, momentum: float, eps: float
) -> Any:
    axes = (0, *range(2, x.ndim))

    def wide(v: Any) -> Any:
        return v.reshape(1, -1, *(1,) * (x.ndim - 2))

    n = x.size // x.shape[1]
    mean = x.mean(axis=axes)
    var = np.square(x - wide(mean)).mean(axis=axes)
    root = np.sqrt(wide(var) + eps)
    normal = (x - wide(mean)) / root

    def backward(dy: Any) -> Any:
        d = dy * wide(weight)
        dx = d - wide(d.mean(axis=axes)) - normal * wide((d * normal).mean(axis=axes))
        return {"x": dx / root, "bias": dy.sum(axis=axes), "weight": (dy * normal).sum(axis=axes)}

    after = {
        "running_var": running_var + momentum * (var * n / (n - 1) - running_var),
        "running_mean": running_mean + momentum * (mean - running_mean),
    }
    return normal * wide(weight) + wide(bias), backward, after


class Moments(NamedTuple):
    t: int
    m: Any
    v: Any


def adam(gradient: Any, state: Any, param: Any, *, lr: Any, betas: Any = (0.9, 0.999), eps: float = 1e-8) -> Any:
    if state is None:
        state = Moments(0, np.zeros_like(param), np.zeros_like(param))
    t = state.t + 1
    m = betas[0] * state.m + (1 - betas[0]) * gradient
    v = betas[1] * state.v + (1 - betas[1]) * gradient * gradient
    param -= lr * (m / (1 - betas[0] ** t)) / (np.sqrt(v / (1 - betas[1] ** t)) + eps)  # in place: it is ours
    return param, Moments(t, m, v)


def clip_value(grads: Any, params: Any, *, clip_value: float) -> Any:
    return {name: np.clip(g, -clip_value, clip_value) for name, g in grads.items()}


def check(operation: str, function: Any, cases: Any = (), precision: Any = "float64") -> Result:
    return backproof.check(backproof.implements(operation)(function), cases, precision)


@pytest.mark.parametrize(
    ("operation", "function", "cases"),
    [
        ("linear", linear, ["basics/linear*", "layers/linear*", "basics/networks"]),
        ("mean_squared_error", mean_squared_error, ()),
        ("batch_norm", batch_norm, "layers/batch_norm*"),
        ("adam", adam, "optimizers/adam*"),
        ("multiply", lambda a, b: (a * b, lambda dy: (_summed(dy * b, a), _summed(dy * a, b))), ()),
        ("concatenate", lambda *x, axis=-1: (np.concatenate(x, axis), _split(x, axis)), ()),
        ("l2_penalty", lambda w, *, strength: (strength / 2 * np.square(w).sum(), lambda d: d * strength * w), ()),
        ("exponential_lr", lambda t, lr, *, gamma: lr * gamma**t, ()),
        ("clip_value", clip_value, ()),
        ("exponential_average", lambda old, p, _, *, decay=0.999: decay * old + (1 - decay) * p, ()),
    ],
)
def test_a_right_function_agrees(operation: str, function: Any, cases: Any) -> None:
    result = check(operation, function, cases)
    result.raise_if_differs()
    assert compared(result) > 5
    using = {case.name for case in backproof.load(cases) if operation in case.operations}
    assert {case.case for case in result.record.cases} == using


def _summed(g: Any, like: Any) -> Any:
    """What was broadcast comes back as a sum."""
    g = g.sum(axis=tuple(range(g.ndim - like.ndim)))
    return g.sum(axis=tuple(a for a, n in enumerate(like.shape) if n == 1), keepdims=True)


def _split(x: Any, axis: int) -> Callable[[Any], Any]:
    ends = np.cumsum([part.shape[axis] for part in x])[:-1]
    return lambda dy: tuple(np.split(dy, ends, axis))


@pytest.mark.parametrize("kind", operations.KINDS)
def test_the_references_own_modules_change_nothing(kind: operations.Kind) -> None:
    """Modules with forward(p, x), backward -> (dx, Params), buffers, init and update: bit for bit what they were."""
    every = catalogue()
    for number, name in enumerate(operations.names(kind)):
        session = LocalSession(OneOperation(name, operations.find(name, kind), operations.find(name, kind)))
        case = next(case for case in every if name in case.operations)
        for precision in case.file.precisions[: 1 if number else 3]:
            problem = case.problem(precision)
            for asked in problem.checks:
                answer = session.ask(problem, asked)
                if isinstance(answer, Refused):
                    assert "no part in this" in answer.reason
                    continue
                assert isinstance(answer, Traced), (case.name, answer)
                if precision == "float64":
                    for tensor, value in solve(problem, asked).items():
                        np.testing.assert_array_equal(answer.trace[tensor], value, f"{case.name} {tensor}")


# ---------------------------------------------------------------- mistakes
def test_a_wrong_slope_shows_in_the_gradient_alone() -> None:
    result = check("silu", lambda x: (gelu(x)[0], lambda dy: dy / (1 + np.exp(-x))), "activations/silu")
    assert verdicts(result)["output.silu"] in ("exact", "within")
    assert "gradient.x" in differing(result)
    assert all(tensor.startswith("gradient.") for tensor in differing(result))


def test_a_mistake_in_a_parameters_gradient_shows_there() -> None:
    def wrong(x: Any, W: Any, b: Any) -> Any:
        y, backward = linear(x, W, b)
        return y, lambda dy: (*backward(dy)[:2], dy.mean(axis=0))

    result = check("linear", wrong, "basics/networks/narrow:op=tanh")
    assert differing(result) == {"gradient.hidden.b", "gradient.output.b"}


def test_a_gradient_that_is_left_out_is_missing() -> None:
    def half(x: Any, W: Any, b: Any) -> Any:
        return linear(x, W, b)[0], lambda dy: {"x": dy @ W.T}

    result = check("linear", half, "basics/networks/narrow:op=tanh")
    missing = {row.tensor for row in result.record.rows if row.verdict == "missing"}
    assert missing == {f"gradient.{layer}.{p}" for layer in ("hidden", "output") for p in "Wb"}


def test_a_gradient_of_another_shape_is_named() -> None:
    result = check("silu", lambda x: (gelu(x)[0], lambda dy: dy.sum(axis=0)), "activations/silu")
    (reason,) = {reason for reason in reasons(result) if "shape" in reason}
    assert "x has shape (" in reason


def test_a_wrong_update_shows_where_it_is() -> None:
    def late(gradient: Any, state: Any, param: Any, *, lr: Any, betas: Any = (0.9, 0.999), eps: float = 1e-8) -> Any:
        _, after = adam(gradient, state, param.copy(), lr=lr, betas=betas, eps=eps)
        return param - lr * after.m / (np.sqrt(after.v) + eps), after  # no bias correction

    wrong = differing(check("adam", late, "optimizers/adam"))
    assert any(name.startswith("update.") for name in wrong)
    assert not any(name.startswith("state.") for name in wrong)


def test_a_wrong_state_is_compared_and_a_nameless_one_is_not() -> None:
    def named(gradient: Any, state: Any, param: Any, *, lr: Any, momentum: float) -> Any:
        v = gradient if state is None else momentum * state["momentum"] + gradient
        return param - lr * v, {"momentum": v}

    def elsewhere(gradient: Any, state: Any, param: Any, *, lr: Any, momentum: float) -> Any:
        param, state = named(gradient, state and {"momentum": state[0]}, param, lr=lr, momentum=momentum)
        return param, (state["momentum"],)

    def misnamed(gradient: Any, state: Any, param: Any, *, lr: Any, momentum: float) -> Any:
        v = gradient if state is None else momentum * state["v"] + gradient
        return param - lr * v, {"v": v, "momentum": lr * v}

    cases = "basics/optimizers/sgd_sign_flip"
    assert "state.2.momentum.W" in {row.tensor for row in check("sgd", named, cases).record.rows if row.tensor}
    check("sgd", named, cases).raise_if_differs()
    result = check("sgd", elsewhere, cases)
    result.raise_if_differs()
    assert {row.verdict for row in result.record.rows if row.tensor.startswith("state")} == {"unsupported"}
    assert {name.partition(".")[0] for name in differing(check("sgd", misnamed, cases))} == {"state"}


# ---------------------------------------------------------------- what a function takes
def test_an_option_that_it_does_not_take_is_unsupported_but_at_its_usual_value() -> None:
    asked = check("gelu", lambda x: (x, lambda dy: dy), "activations/gelu")
    assert verdicts(asked, "activations/gelu:approximate=none")["output.gelu"] == "outside"
    assert verdicts(asked, "activations/gelu:approximate=tanh") == {"loss": "unsupported", "gradient": "unsupported"}
    assert reasons(asked) == {"<lambda> takes no option 'approximate'"}


def test_it_is_told_the_options_that_it_takes() -> None:
    told = []

    def leaky(x: Any, *, slope: float = 77.0) -> Any:
        told.append(slope)
        return np.where(x > 0, x, slope * x), lambda dy: np.where(x > 0, dy, slope * dy)

    usual = next(iter(operations.options(operations.find("leaky_relu", "activations"))))

    def renamed(x: Any, **options: Any) -> Any:
        return leaky(x, slope=options[usual])

    check("leaky_relu", renamed, "activations/leaky_relu").raise_if_differs()
    assert told
    assert 77.0 not in told


def test_an_input_that_it_does_not_take_is_unsupported() -> None:
    def plain(prediction: Any, target: Any) -> Any:
        shifted = prediction - prediction.max(axis=1, keepdims=True)
        log_p = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
        hot = np.eye(prediction.shape[1], dtype=prediction.dtype)[target]
        n = np.asarray(len(target), prediction.dtype)
        return -(hot * log_p).sum() / n, lambda dloss: (np.exp(log_p) - hot) / n * dloss

    session = LocalSession(OneOperation("cross_entropy", operations.find("cross_entropy", "losses"), plain))
    problems = [case.problem("float64") for case in backproof.load("losses/cross_entropy*")]
    weighted = [problem for problem in problems if problem.loss and "weight" in problem.loss.targets]
    assert weighted
    assert Refused("plain takes no weight") in [session.ask(problem, "gradients") for problem in weighted]
    assert all(isinstance(session.ask(problem, "gradients"), Refused) for problem in weighted)


def test_a_loss_without_a_gradient_of_its_target_cannot_do_networks_that_need_it() -> None:
    def half(prediction: Any, target: Any, *, reduction: str = "mean") -> Any:
        loss, backward = mean_squared_error(prediction, target, reduction=reduction)
        return loss, lambda dloss: backward(dloss)[0]

    result = check("mean_squared_error", half)
    result.raise_if_differs()
    assert compared(result)
    needing = {
        case.name for case in catalogue() if (loss := case.file.loss) and loss.get("op") == "mean_squared_error"
        and loss.get("target", "target") not in case.file.inputs
    }  # fmt: skip
    assert needing <= {row.case for row in result.record.rows if row.reason == "half gives no gradient of the target"}


def test_required_arrays_may_have_other_names() -> None:
    def mine(rows: Any, weights: Any, offset: Any) -> Any:
        return linear(rows, weights, offset)

    check("linear", mine, "basics/networks/narrow").raise_if_differs()


def test_every_array_may_be_written_into() -> None:
    def in_place(x: Any) -> Any:
        positive = x > 0
        x *= positive

        def backward(dy: Any) -> Any:
            dy *= positive
            return dy

        return x, backward

    check("relu", in_place, "basics/networks/regressor:op=relu*").raise_if_differs()


@pytest.mark.parametrize("precision", ["float32", "bfloat16"])
def test_it_computes_in_other_precisions(precision: str) -> None:
    seen = set()

    def tanh(x: Any) -> Any:
        seen.add((type(x), x.dtype.name))
        y = np.tanh(x)
        return y, lambda dy: dy * (1 - y * y)

    result = check("tanh", tanh, "basics/networks", precision)
    assert compared(result)
    assert not differing(result)
    assert seen == {(np.ndarray, "float32")}


def test_float64_that_leaks_into_float32_is_found() -> None:
    result = check("silu", lambda x: gelu(x.astype(np.float64)), "activations/silu", "float32")
    assert {row.verdict for row in result.record.rows if row.tensor == "output.silu"} == {"dtype"}


# ---------------------------------------------------------------- what may be decorated
def test_a_class_with_forward_and_backward() -> None:
    @backproof.implements("silu")
    class Silu:
        @staticmethod
        def forward(x: Any) -> Any:
            return gelu(x)[0], x

        @staticmethod
        def backward(saved: Any, dy: Any) -> Any:
            return gelu(saved)[1](dy)

    assert isinstance(Silu, type)
    backproof.check(Silu, "activations/silu*", "float64").raise_if_differs()


def test_a_class_with_init_and_update() -> None:
    @backproof.implements("adam")
    class Adam:
        @staticmethod
        def init(param: Any) -> Any:
            return Moments(0, np.zeros_like(param), np.zeros_like(param))

        update = staticmethod(adam)

    backproof.check(Adam, "optimizers/adam*", "float64").raise_if_differs()


def test_the_decorated_function_is_what_it_was() -> None:
    def silu(x: Any) -> Any:
        return gelu(x)

    decorated = backproof.implements("silu")(silu)
    assert decorated is silu
    assert decorated(np.array(0.0))[0] == 0
    assert isinstance(getattr(decorated, CARRIED), backproof.Adapter)


def test_what_takes_no_attribute_is_wrapped() -> None:
    class Slotted:
        __slots__ = ()

        def __call__(self, x: Any) -> Any:
            return gelu(x)

    wrapped = backproof.implements("silu")(Slotted())
    assert wrapped(np.array(0.0))[0] == 0
    backproof.check(wrapped, "activations/silu", "float64").raise_if_differs()


def test_an_unknown_operation_is_named_with_its_neighbour() -> None:
    with pytest.raises(ValueError, match=r"no operation 'geluu'; did you mean 'gelu'\?"):
        backproof.implements("geluu")


class Bare:
    """Nothing that could be asked."""


class Half:
    """There is no way back."""

    forward = staticmethod(gelu)


def slanted(x: Any, slope: Any) -> Any:
    return gelu(x * slope)


def forgetful(x: Any, weight: Any, bias: Any, running_mean: Any, running_var: Any, *, eps: float) -> Any:
    return batch_norm(x, weight, bias, running_mean, running_var, momentum=0.1, eps=eps)[:2]


def stateless(gradient: Any, state: Any, param: Any, *, lr: Any) -> Any:
    return param - lr * gradient


def mixed(x: Any, W: Any, b: Any, c: Any) -> Any:
    return linear(x, W, b + c)


@pytest.mark.parametrize(
    ("operation", "thing", "message"),
    [
        ("gelu", slanted, "nothing is given for the argument 'slope'. There are: arrays x; options approximate"),
        ("linear", mixed, "nothing is given for the argument 'c'. There are: arrays x, W, b"),
        ("gelu", Bare, "Bare has no forward"),
        ("adam", Bare, "Bare has no update"),
        ("gelu", Half, "Half has a forward and no backward"),
        ("gelu", 3, "int has no forward"),
    ],
)
def test_what_cannot_be_the_operation_is_refused(operation: str, thing: Any, message: str) -> None:
    with pytest.raises(TypeError, match=message):
        backproof.implements(operation)(thing)


@pytest.mark.parametrize(
    ("operation", "function", "message"),
    [
        ("silu", lambda x: x, "must return y and a function from dy to the gradients; got "),
        ("silu", lambda x: (x, lambda dy: (dy, dy)), "2 gradients came back, for x"),
        ("silu", lambda x: (x, lambda dy: {"z": dy}), "a gradient of 'z'; it takes x"),
        ("silu", lambda x: (str(x), lambda dy: dy), "numbers were to be returned, and not '"),
        ("batch_norm", forgetful, "running_mean and running_var after the step"),
        ("adam", stateless, "must return the parameter and the state"),
    ],
)
def test_an_answer_that_is_none_says_what_is_wanted(operation: str, function: Any, message: str) -> None:
    cases = [f"activations/{operation}", f"layers/{operation}*", f"optimizers/{operation}"]
    result = check(operation, function, cases)
    assert any(message in reason for reason in reasons(result)), reasons(result)
    assert not result.ok


def test_cases_that_do_not_use_it_are_not_asked() -> None:
    with pytest.raises(ValueError, match="no case matches 'seed/chain' and uses silu"):
        check("silu", gelu, "seed/chain")


def test_the_example_agrees() -> None:
    subprocess.run([sys.executable, EXAMPLE], check=True)
    assert len([line for line in EXAMPLE.read_text().splitlines() if line.strip()]) <= 16


def test_a_process_of_its_own_finds_it_by_its_name() -> None:
    one = implementation(f"{EXAMPLE}:gelu")
    session = ProcessSession(one.command, one.name)
    problem = backproof.load("activations/gelu:approximate=none")[0].problem("float64")
    try:
        answer = session.ask(problem, "gradients")
    finally:
        session.close()
    assert isinstance(answer, Traced)
    assert "output.gelu" in answer.trace
