"""One step of each optimizer, for 10, 1,000 and 1,000,000 parameters in two arrays.

The reference against torch.optim, as it comes and with foreach off, and against Optax under jit; float32, one thread,
with the options that the reference has by default, but for the conventions that each has fixed.
"""

import inspect
from collections.abc import Callable, Iterator
from typing import Any

import jax
import numpy as np
import optax
import pytest
import torch
from pytest_benchmark.fixture import BenchmarkFixture

from backproof.adapters import conventions, jax_optimizers, pytorch_optimizers
from backproof.reference import Array, operations
from backproof.reference.optimizers import _step

SIZES = {10: 100, 1_000: 100, 1_000_000: 1}  # parameters -> iterations of a round
OPTIMIZERS = operations.names("optimizers")
LR = 0.01
Step = Callable[[], Any]


CHOSEN = {"radam": {"eps_at": "root"}, "muon": {"scale": "columns"}}  # for Optax, which has no other
MATRICES = ("muon",)  # rules for nothing else


def drawn(op: str, count: int) -> tuple[dict[str, Array], dict[str, Array]]:
    """Parameters and their gradients: a matrix, and a fifth as many numbers beside it."""
    random = np.random.default_rng(0)
    shapes: dict[str, tuple[int, ...]] = {"W": (2, 2 * count // 5), "b": (count // 5,)}
    if op in MATRICES:
        shapes = {"W": (2, count // 2)}
    parameters, gradients = ({name: random.standard_normal(s).astype(np.float32) for name, s in shapes.items()}
                             for _ in range(2))  # fmt: skip
    return parameters, gradients


def asked(op: str, fixed: dict[str, dict[str, Any]], framework: str) -> dict[str, Any]:
    """The options to call a framework's rule with: that another convention is timed does no harm."""
    return conventions.options(op, fixed.get(op, {}), fixed, framework)


def reference(op: str, count: int) -> Step:
    parameters, gradients = drawn(op, count)
    rule = operations.find(op, "optimizers")
    stepper = _step.Stepper(_step.Optimizer(rule, (LR,), {}), parameters)
    rates = dict.fromkeys(parameters, LR)
    value = np.float32(1.0) if getattr(rule, "NEEDS_VALUE", False) else None
    moved, states = _step.move(stepper.optimizer, rates, gradients, {}, parameters, value)

    def step() -> Any:
        """From where the first step ended, again and again: rules without a rate run away along one gradient."""
        return _step.move(stepper.optimizer, rates, gradients, states, moved, value)

    return step


def pytorch(op: str, count: int, **more: Any) -> Step:
    rule = pytorch_optimizers.RULES[op]
    start, gradients = drawn(op, count)
    parameters = {name: torch.tensor(p).requires_grad_() for name, p in start.items()}
    options = rule.words(**asked(op, pytorch_optimizers.CONVENTIONS, "pytorch"))
    optimizer = rule.kind(list(parameters.values()), lr=LR, **options, **more)
    for name, p in parameters.items():
        p.grad = torch.tensor(gradients[name])

    closure = [lambda: 0.0] if op == "lbfgs" else []  # it insists on asking for the loss

    def step() -> Any:
        optimizer.step(*closure)
        return parameters

    return step


def without_foreach(op: str, count: int) -> Step:
    return pytorch(op, count, foreach=False)


def jax_jit(op: str, count: int) -> Step:
    rule = jax_optimizers.OPTIMIZERS[op]
    start, given = drawn(op, count)
    options = asked(op, jax_optimizers.CONVENTIONS, "jax") | CHOSEN.get(op, {})
    optimizer = optax.with_extra_args_support(rule(LR, **options))
    parameters, gradients = jax.tree.map(jax.numpy.asarray, (start, given))
    state = optimizer.init(parameters)

    @jax.jit
    def run(parameters: Any, state: Any, gradients: Any) -> Any:
        changes, state = optimizer.update(gradients, state, parameters, value=1.0)
        return optax.apply_updates(parameters, changes), state

    def step() -> Any:
        nonlocal parameters, state
        parameters, state = jax.block_until_ready(run(parameters, state, gradients))
        return parameters

    return step


CONTENDERS = {"reference": reference, "pytorch": pytorch, "pytorch, foreach off": without_foreach, "jax": jax_jit}


def contests() -> Iterator[tuple[str, str]]:
    """Each optimizer with each contender that has it."""
    for op in OPTIMIZERS:
        yield op, "reference"
        if op in pytorch_optimizers.RULES:
            yield op, "pytorch"
            if "foreach" in inspect.signature(pytorch_optimizers.RULES[op].kind).parameters:
                yield op, "pytorch, foreach off"
        if op in jax_optimizers.OPTIMIZERS:
            yield op, "jax"


@pytest.mark.parametrize("count", SIZES)
@pytest.mark.parametrize(("op", "contender"), list(contests()))
def test_optimizer(benchmark: BenchmarkFixture, op: str, count: int, contender: str) -> None:
    step = CONTENDERS[contender](op, count)
    for _ in range(3):
        step()  # buffers are born, and programs compiled
    benchmark.group = f"optimizer: {op}, {count:,} parameters"
    benchmark.extra_info["contender"] = contender
    benchmark.pedantic(step, rounds=20, iterations=SIZES[count], warmup_rounds=2)
