"""One step of each optimizer, for 10, 1,000 and 1,000,000 parameters in two arrays.

The reference against torch.optim, as it comes and with foreach off, and against Optax under jit; float32, one thread,
with the options that the reference has by default, but for the conventions that each has fixed.
"""

import inspect
from collections.abc import Callable
from typing import Any

import jax
import numpy as np
import optax
import pytest
import torch
from pytest_benchmark.fixture import BenchmarkFixture

from backproof.adapters import conventions, jax_optimizers, pytorch_optimizers
from backproof.adapters.base import Unsupported
from backproof.reference import Array, operations
from backproof.reference.optimizers import _step

SIZES = {10: 100, 1_000: 100, 1_000_000: 1}  # parameters -> iterations of a round
OPTIMIZERS = operations.names("optimizers")
LR = 0.01
Step = Callable[[], Any]


def drawn(count: int) -> tuple[dict[str, Array], dict[str, Array]]:
    """Parameters and their gradients: a matrix, and a fifth as many numbers beside it."""
    random = np.random.default_rng(0)
    shapes = {"W": (2, 2 * count // 5), "b": (count // 5,)}
    parameters, gradients = ({name: random.standard_normal(s).astype(np.float32) for name, s in shapes.items()}
                             for _ in range(2))  # fmt: skip
    return parameters, gradients


def asked(op: str, fixed: dict[str, dict[str, Any]], framework: str) -> dict[str, Any]:
    """The options to call a framework's rule with: that another convention is timed does no harm."""
    return conventions.options(op, fixed.get(op, {}), fixed, framework)


def reference(op: str, count: int) -> Step:
    parameters, gradients = drawn(count)
    rule = operations.find(op, "optimizers")
    stepper = _step.Stepper(_step.Optimizer(rule, (LR,), {}), parameters)
    rates = dict.fromkeys(parameters, LR)
    value = np.float32(1.0) if getattr(rule, "NEEDS_VALUE", False) else None

    def step() -> Any:
        moved, states = _step.move(stepper.optimizer, rates, gradients, stepper.states, stepper.parameters, value)
        stepper.parameters, stepper.states = moved, states
        return moved

    return step


def pytorch(op: str, count: int, **more: Any) -> Step:
    rule = conventions.lookup(pytorch_optimizers.RULES, op, pytorch_optimizers.LACKING, "pytorch")
    if more and "foreach" not in inspect.signature(rule.kind).parameters:
        raise Unsupported(f"{op} has no foreach")
    start, gradients = drawn(count)
    parameters = {name: torch.tensor(p).requires_grad_() for name, p in start.items()}
    options = rule.words(**asked(op, pytorch_optimizers.CONVENTIONS, "pytorch"))
    optimizer = rule.kind(list(parameters.values()), lr=LR, **options, **more)
    for name, p in parameters.items():
        p.grad = torch.tensor(gradients[name])

    def step() -> Any:
        optimizer.step()
        return parameters

    return step


def without_foreach(op: str, count: int) -> Step:
    return pytorch(op, count, foreach=False)


def jax_jit(op: str, count: int) -> Step:
    rule = conventions.lookup(jax_optimizers.OPTIMIZERS, op, jax_optimizers.LACKING, "jax")
    start, given = drawn(count)
    optimizer = optax.with_extra_args_support(rule(LR, **asked(op, jax_optimizers.CONVENTIONS, "jax")))
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


@pytest.mark.parametrize("contender", CONTENDERS)
@pytest.mark.parametrize("count", SIZES)
@pytest.mark.parametrize("op", OPTIMIZERS)
def test_optimizer(benchmark: BenchmarkFixture, op: str, count: int, contender: str) -> None:
    try:
        step = CONTENDERS[contender](op, count)
        for _ in range(3):
            step()  # buffers are born, and programs compiled
    except (Unsupported, ValueError) as reason:  # ValueError: a rule for matrices alone
        pytest.skip(str(reason))
    benchmark.group = f"optimizer: {op}, {count:,} parameters"
    benchmark.extra_info["contender"] = contender
    benchmark.pedantic(step, rounds=20, iterations=SIZES[count], warmup_rounds=2)
