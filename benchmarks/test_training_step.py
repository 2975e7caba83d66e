"""One training step, by hand and by the frameworks: forward, loss, the gradient of every parameter, SGD.

Each in its own idiom, in float32, on one thread, from the same parameters and the same batch. A step starts from what
the one before has left, as training does, and keeps what training keeps. Nobody works out the gradient of x.
"""

from collections.abc import Callable
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
import optax
import pytest
import torch
import torch.nn.functional as F  # noqa: N812 - its name in every PyTorch program
from pytest_benchmark.fixture import BenchmarkFixture

from backproof.reference import Array, network, operations, program

LR = 0.01


class Size(NamedTuple):
    """A multilayer perceptron with tanh, and the batch that it trains on."""

    widths: tuple[int, ...]
    batch: int
    loss: str
    iterations: int  # of a round; a round takes some milliseconds

    def __str__(self) -> str:
        return f"{'-'.join(map(str, self.widths))}, batch {self.batch}, {self.loss}"


SIZES = (
    Size((4, 8, 2), 4, "mean_squared_error", 200),
    Size((4, 8, 2), 4, "cross_entropy", 200),
    Size((64, 128, 128, 10), 32, "cross_entropy", 50),
    Size((784, 512, 512, 10), 256, "cross_entropy", 1),
)
Step = Callable[[], Any]  # gives the loss


def drawn(size: Size) -> tuple[dict[str, Array], Array, Array]:
    """Parameters by name, a batch, and its targets."""
    random = np.random.default_rng(0)
    parameters = {}
    for k, (d, width) in enumerate(zip(size.widths, size.widths[1:], strict=False)):
        parameters[f"{k}.W"] = (random.standard_normal((d, width)) / np.sqrt(d)).astype(np.float32)
        parameters[f"{k}.b"] = np.zeros(width, np.float32)
    x = random.standard_normal((size.batch, size.widths[0])).astype(np.float32)
    if size.loss == "cross_entropy":
        return parameters, x, random.integers(size.widths[-1], size=size.batch)
    return parameters, x, random.standard_normal((size.batch, size.widths[-1])).astype(np.float32)


def reference(size: Size) -> Step:
    parameters, x, target = drawn(size)
    linear, tanh = operations.find("linear", "layers"), operations.find("tanh", "activations")
    layers, source = [], "x"
    for k in range(len(size.widths) - 1):
        if k:
            layers.append(network.Layer(f"{k}.tanh", tanh, (source,), (), {}))
            source = f"{k}.tanh"
        layers.append(network.Layer(str(k), linear, (source,), (f"{k}.W", f"{k}.b"), {}))
        source = str(k)
    loss = program.Loss(operations.find(size.loss, "losses"), {"target": "target"}, {})
    sgd = operations.find("sgd", "optimizers")
    inputs, states = {"x": x, "target": target}, {name: sgd.init(p) for name, p in parameters.items()}
    value, grads = None, {}

    def step() -> Any:
        nonlocal value, grads
        value, grads = program.loss_and_gradients(layers, loss, parameters, inputs)
        for name, p in parameters.items():
            parameters[name], states[name] = sgd.update(grads[name], states[name], p, lr=LR)
        return value

    return step


def pytorch(size: Size) -> Step:
    start, *batch = drawn(size)
    x, target = map(torch.tensor, batch)
    # PyTorch stores W as (K, D)
    parameters = {name: torch.tensor(np.ascontiguousarray(p.T)).requires_grad_() for name, p in start.items()}
    optimizer = torch.optim.SGD(parameters.values(), lr=LR)
    objective = getattr(F, {"mean_squared_error": "mse_loss"}.get(size.loss, size.loss))

    def step() -> Any:
        optimizer.zero_grad()
        y = x
        for k in range(len(size.widths) - 1):
            y = F.linear(torch.tanh(y) if k else y, parameters[f"{k}.W"], parameters[f"{k}.b"])
        loss = objective(y, target)
        loss.backward()
        optimizer.step()
        return loss

    return step


def jax_jit(size: Size) -> Step:
    start, *batch = drawn(size)
    x, target = map(jnp.asarray, batch)
    optimizer = optax.sgd(LR)
    terms = {
        "mean_squared_error": optax.losses.squared_error,
        "cross_entropy": optax.losses.softmax_cross_entropy_with_integer_labels,
    }[size.loss]

    def objective(parameters: dict[str, jax.Array], x: jax.Array, target: jax.Array) -> jax.Array:
        y = x
        for k in range(len(size.widths) - 1):
            y = (jnp.tanh(y) if k else y) @ parameters[f"{k}.W"] + parameters[f"{k}.b"]
        return jnp.mean(terms(y, target))

    @jax.jit
    def trained(parameters, state, x, target):  # type: ignore[no-untyped-def]
        loss, grads = jax.value_and_grad(objective)(parameters, x, target)
        changes, state = optimizer.update(grads, state, parameters)
        return optax.apply_updates(parameters, changes), state, loss

    parameters = jax.tree.map(jnp.asarray, start)
    state = optimizer.init(parameters)

    def step() -> Any:
        nonlocal parameters, state
        parameters, state, loss = jax.block_until_ready(trained(parameters, state, x, target))
        return loss

    return step


CONTENDERS = {"reference": reference, "pytorch": pytorch, "jax": jax_jit}


@pytest.mark.parametrize("contender", CONTENDERS)
@pytest.mark.parametrize("size", SIZES, ids=str)
def test_training_step(benchmark: BenchmarkFixture, size: Size, contender: str) -> None:
    benchmark.group = f"training step: {size}"
    benchmark.extra_info["contender"] = contender
    step, judge = CONTENDERS[contender](size), reference(size)
    for _ in range(5):  # no verdict on anybody: only that the times are of the same thing
        assert np.isclose(step().item(), judge().item(), rtol=1e-4)
    benchmark.pedantic(step, rounds=60, iterations=size.iterations, warmup_rounds=5)
