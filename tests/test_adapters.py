"""The three adapters that ship compute what the reference does. How close is close enough is the judge's business:
here values are compared loosely, to see that the right thing was computed at all."""

import importlib
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from backproof import cases
from backproof.adapters import conventions, runner
from backproof.adapters.base import Refused, Traced, Unsupported
from backproof.adapters.session import ProcessSession
from backproof.cases import Problem
from backproof.reference import operations
from backproof.reference.arithmetic.precision import PRECISIONS

ULPS = {"float64": 300, "float32": 300, "bfloat16": 6, "float16": 12}

TWO_LAYERS = """
[inputs]
x = { normal = [6, 4] }
target = { integers = [6], below = 3 }
[[network]]
op = "linear"
name = "hidden"
W = { normal = [4, 5] }
b = { normal = [5] }
[[network]]
op = "tanh"
[[network]]
op = "linear"
name = "logits"
W = { normal = [5, 3] }
[loss]
op = "cross_entropy"
"""
SQUARED = """
[inputs]
x = { normal = [4, 3] }
target = { normal = [4, 3] }
"""
CASES = {
    "training": TWO_LAYERS
    + """
[optimizer]
op = "sgd"
lr = [0.1, 0.1, 0.03]
momentum = 0.9
weight_decay = 0.01
[training]
epochs = 2
lr = [0.1, 0.05]
batch_size = 4
""",
    "identity": SQUARED
    + """
[[network]]
op = "identity"
name = "first"
[[network]]
op = "identity"
name = "second"
[[network]]
op = "tanh"
[loss]
op = "mean_squared_error"
""",
    "tied": SQUARED
    + """
[[network]]
op = "linear"
name = "there"
W = { normal = [3, 3] }
b = { normal = [3] }
[[network]]
op = "relu"
[[network]]
name = "again"
uses = "there"
[loss]
op = "mean_squared_error"
reduction = "sum"
""",
    "target_is_input": """
[inputs]
x = { normal = [4, 3] }
[[network]]
op = "linear"
inputs = ["x"]
W = { normal = [3, 3] }
[loss]
op = "mean_squared_error"
target = "x"
""",
    "terms": "upstream = { normal = [6] }" + TWO_LAYERS + 'reduction = "none"',
    "probabilities": TWO_LAYERS.replace("{ integers = [6], below = 3 }", "{ probabilities = [6, 3] }"),
    "logits": """
[inputs]
x = { normal = [4, 3] }
target = { uniform = [4, 3] }
[[network]]
op = "identity"
[loss]
op = "binary_cross_entropy_with_logits"
""",
    "no_loss": """
upstream = { normal = [4, 5] }
[inputs]
x = { normal = [4, 3] }
[[network]]
op = "linear"
W = { normal = [3, 5] }
[[network]]
op = "sigmoid"
""",
    "penalised": TWO_LAYERS
    + """
[[penalties]]
op = "l2_penalty"
parameters = ["hidden.W", "logits.W"]
strength = 0.1
[optimizer]
op = "sgd"
lr = 0.5
[training]
epochs = 1
lr = 0.5
""",
    "plain_sgd": TWO_LAYERS + '[optimizer]\nop = "sgd"\nlr = 0.5\n',
    "nesterov": TWO_LAYERS + '[optimizer]\nop = "sgd"\nlr = 0.5\nmomentum = 0.9\nnesterov = true\n',
    "no_rows": """
upstream = { normal = [0, 5] }
[inputs]
x = { normal = [0, 3] }
[[network]]
op = "linear"
W = { normal = [3, 5] }
""",
}


def problem(folder: Path, name: str, text: str, precision: str = "float64") -> Problem:
    path = folder / f"{name}.toml"
    path.write_text(f'question = "?"\nbecause = "a test"\n{text}')
    (case,) = cases.load(path)
    return case.problem(precision)


@pytest.fixture(scope="module", params=["reference", *(
    pytest.param(name, marks=pytest.mark.frameworks) for name in ("pytorch", "jax")
)])  # fmt: skip
def session(request: pytest.FixtureRequest) -> Iterator[ProcessSession]:
    it = runner.implementation(request.param)
    session = ProcessSession(it.command, it.name, timeout=120)
    yield session
    session.close()


@pytest.mark.parametrize("precision", PRECISIONS)
@pytest.mark.parametrize("name", CASES)
def test_computes_what_the_reference_does(session: ProcessSession, tmp_path: Path, name: str, precision: str) -> None:
    asked = problem(tmp_path, name, CASES[name], precision)
    for check in asked.checks:
        answer = session.ask(asked, check)
        assert isinstance(answer, Traced), answer
        right = cases.solve(asked, check, lambda x: x.astype(np.float64))
        assert answer.trace.keys() == right.keys()
        for tensor, value in right.items():
            got = answer.trace[tensor]
            assert got.shape == value.shape, tensor
            assert got.dtype == PRECISIONS[precision].dtype, tensor
            scale = float(np.abs(value).max(initial=0))
            error = np.abs(got.astype(np.float64) - value.astype(np.float64)).max(initial=0)
            assert error <= ULPS[precision] * 2 * PRECISIONS[precision].u * scale, (tensor, error, scale)


@pytest.mark.frameworks
@pytest.mark.parametrize("name", ["pytorch", "jax"])
def test_every_operation_is_there_or_lacking_with_a_reason(name: str) -> None:
    module = pytest.importorskip(f"backproof.adapters.{name}")
    tables = {"layers": module.LAYERS, "activations": module.LAYERS, "losses": module.LOSSES,
              "penalties": module.PENALTIES}  # fmt: skip
    rules = module.RULES if name == "pytorch" else module.OPTIMIZERS
    around = {"optimizers": rules, "schedules": module.SCHEDULES, "clipping": module.CLIPPING,
              "averages": module.AVERAGES}  # fmt: skip
    assert {*tables, *around} == set(operations.KINDS)
    for kind, table in (tables | around).items():
        lacking = module.LACKING if kind in tables else module.LACKING_OPTIMIZERS
        for op in operations.names(kind):
            assert (op in table) != (op in lacking), op
    assert set(rules) == set(module.BUFFERS)


@pytest.mark.frameworks
def test_flax_serves_where_jax_itself_has_nothing() -> None:
    pytest.importorskip("flax")
    flax = importlib.import_module("backproof.adapters.flax_operations")
    jax = importlib.import_module("backproof.adapters.jax_operations")
    assert flax.LAYERS.keys() <= jax.LACKING.keys()
    assert flax.CONVENTIONS.keys() <= flax.LAYERS.keys()


@pytest.mark.frameworks
def test_without_flax_its_layers_are_unsupported(monkeypatch: pytest.MonkeyPatch) -> None:
    jax = pytest.importorskip("backproof.adapters.jax")
    monkeypatch.setattr(jax, "_flax", lambda: None)
    with pytest.raises(Unsupported, match=r"no layer normalisation.* pip install 'backproof\[flax\]'"):
        jax._operation("layer_norm")


@pytest.mark.frameworks
def test_one_framework_clamps_and_the_other_has_none(session: ProcessSession, tmp_path: Path) -> None:
    text = """
    [inputs]
    x = { uniform = [4, 3] }
    target = { uniform = [4, 3] }
    [[network]]
    op = "identity"
    [loss]
    op = "binary_cross_entropy"
    """
    infinite = session.ask(problem(tmp_path, "infinite", text), "gradients")
    clamped = session.ask(problem(tmp_path, "clamped", text + 'zero = "clamped"\n'), "gradients")
    if session.name == "reference":
        assert isinstance(infinite, Traced)
    else:
        assert isinstance(infinite, Refused)
        assert "binary" in infinite.reason
    assert isinstance(clamped, Refused if session.name == "jax" else Traced)


def test_another_convention_than_the_frameworks_is_refused() -> None:
    fixed = {"relu": {"at_zero": 0.0}, "sgd": {"first_step": "undamped"}}
    with pytest.raises(Unsupported, match=r"relu always has at_zero = 0\.0; asked for 0\.5"):
        conventions.options("relu", {"at_zero": 0.5}, fixed, "this")
    assert conventions.options("relu", {}, fixed, "this") == {}
    with pytest.raises(Unsupported, match="first_step"):
        conventions.options("sgd", {"first_step": "damped", "momentum": 0.9, "dampening": 0.5}, fixed, "this")


def test_a_convention_that_changes_nothing_is_not_refused() -> None:
    fixed = {"sgd": {"first_step": "undamped"}}
    passed = conventions.options("sgd", {"first_step": "damped", "momentum": 0.9}, fixed, "this")
    assert passed == {"momentum": 0.9, "dampening": 0.0, "nesterov": False, "weight_decay": 0.0}


def test_the_choice_of_formula_is_the_references_own() -> None:
    assert conventions.options("sigmoid", {"tails": "exact"}, {}, "this") == {}


@pytest.mark.frameworks
def test_the_known_difference_of_sigmoid_is_there(session: ProcessSession, tmp_path: Path) -> None:
    text = """
    upstream = [1.0]
    [inputs]
    x = [40.0]
    [[network]]
    op = "sigmoid"
    tails = "exact"
    """
    asked = problem(tmp_path, "sigmoid", text)
    answer = session.ask(asked, "gradients")
    assert isinstance(answer, Traced)
    assert (answer.trace["gradient.x"] == 0) == (session.name != "reference")  # which has no known differences
    assert cases.solve(asked, "gradients")["gradient.x"] > 4e-18
