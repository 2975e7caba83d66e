"""Forward and backward of one operation of each family, at the size of a case and at a size that is trained.

The reference against the very lines of the adapters' tables: PyTorch eagerly, JAX under jit; float32, one thread. Each
gives the output and the gradient of everything that has one. `make bench` ends with the ratios.
"""

import time
from collections.abc import Callable
from typing import Any, NamedTuple

import jax
import numpy as np
import pytest
import torch
from pytest_benchmark.fixture import BenchmarkFixture

from backproof.adapters import jax as jax_adapter
from backproof.adapters import jax_operations, pytorch_operations
from backproof.reference import Array, operations


class Integers(NamedTuple):
    """Indices or labels of this shape, below some number."""

    shape: tuple[int, ...]
    below: int


class Work(NamedTuple):
    """An operation at some size: shapes of what it takes, and its options."""

    op: str
    inputs: tuple[tuple[int, ...] | Integers, ...]
    parameters: dict[str, tuple[int, ...]]
    options: dict[str, Any]
    size: str

    def __str__(self) -> str:
        shapes = [x.shape if isinstance(x, Integers) else x for x in self.inputs[:1]]
        return f"{self.op} {'×'.join(map(str, shapes[0]))}, {self.size} size"


def both(op: str, case: tuple[Any, ...], trained: tuple[Any, ...], **options: Any) -> list[Work]:
    """The same operation at case size and at training size, each (inputs, parameters)."""
    return [Work(op, *case, options, "case"), Work(op, *trained, options, "training")]


WORKS = [
    *both("linear", (((6, 4),), {"W": (4, 5), "b": (5,)}), (((256, 512),), {"W": (512, 512), "b": (512,)})),
    *both("matmul", (((3, 4, 5), (3, 5, 2)), {}), (((32, 128, 64), (32, 64, 128)), {})),
    *both("conv", (((3, 4, 7),), {"W": (5, 4, 3), "b": (5,)}),
          (((32, 32, 256),), {"W": (32, 32, 3), "b": (32,)}), padding=1),
    *both("conv", (((3, 2, 6, 5),), {"W": (4, 2, 3, 3), "b": (4,)}),
          (((32, 16, 28, 28),), {"W": (32, 16, 3, 3), "b": (32,)}), padding=1),
    *both("conv_transpose", (((3, 2, 4, 5),), {"W": (2, 4, 3, 3), "b": (4,)}),
          (((32, 32, 14, 14),), {"W": (32, 16, 2, 2), "b": (16,)}), stride=2),
    *both("max_pool", (((3, 2, 6, 5),), {}), (((32, 16, 28, 28),), {}), kernel_size=2),
    *both("avg_pool", (((3, 2, 6, 5),), {}), (((32, 16, 28, 28),), {}), kernel_size=2),
    *both("upsample_linear", (((3, 2, 4, 5),), {}), (((8, 16, 28, 28),), {}), size=(56, 56)),
    *both("layer_norm", (((6, 5),), {"weight": (5,), "bias": (5,)}),
          (((64, 128, 512),), {"weight": (512,), "bias": (512,)})),
    *both("group_norm", (((3, 6, 5),), {"weight": (6,), "bias": (6,)}),
          (((32, 32, 28, 28),), {"weight": (32,), "bias": (32,)}), num_groups=2),
    *both("embedding", ((Integers((6,), 7),), {"W": (7, 4)}), ((Integers((32, 128), 10_000),), {"W": (10_000, 256)})),
    *both("gather", (((6, 5), Integers((4, 5), 6)), {}), (((512, 512), Integers((512, 512), 512)), {}), axis=0),
    *both("relu", (((6, 5),), {}), (((256, 4096),), {})),
    *both("gelu", (((6, 5),), {}), (((256, 4096),), {}), approximate="tanh"),
    *both("silu", (((6, 5),), {}), (((256, 4096),), {})),
    *both("softmax", (((6, 5),), {}), (((256, 4096),), {}), axis=-1),
    *both("add", (((6, 5), (5,)), {}), (((256, 4096), (4096,)), {})),
    *both("multiply", (((6, 5), (5,)), {}), (((256, 4096), (4096,)), {})),
    *both("sum", (((6, 5),), {}), (((256, 4096),), {}), axis=0),
    *both("var", (((6, 5),), {}), (((256, 4096),), {}), axis=0),
    *both("logsumexp", (((6, 5),), {}), (((256, 4096),), {}), axis=-1),
    *both("cumsum", (((6, 5),), {}), (((256, 4096),), {}), axis=0),
    *both("mean_squared_error", (((6, 5), (6, 5)), {}), (((256, 4096), (256, 4096)), {})),
    *both("cross_entropy", (((6, 5), Integers((6,), 5)), {}), (((256, 4096), Integers((256,), 4096)), {})),
    *both("binary_cross_entropy_with_logits", (((6, 5), (6, 5)), {}), (((256, 4096), (256, 4096)), {})),
    *both("huber", (((6, 5), (6, 5)), {}), (((256, 4096), (256, 4096)), {})),
]  # fmt: skip
Step = Callable[[], Any]  # gives the output, and the gradients after it


def drawn(work: Work) -> tuple[list[Array], dict[str, Array]]:
    random = np.random.default_rng(0)
    inputs = [
        random.integers(x.below, size=x.shape) if isinstance(x, Integers) else _normal(random, x) for x in work.inputs
    ]
    return inputs, {name: _normal(random, shape) for name, shape in work.parameters.items()}


def _normal(random: np.random.Generator, shape: tuple[int, ...]) -> Array:
    return random.standard_normal(shape).astype(np.float32)


def asked(work: Work, fixed: dict[str, dict[str, Any]] | None = None) -> dict[str, Any]:
    """Every option by name, apart from what a framework has fixed: that another choice is timed does no harm."""
    declared = operations.options(operations.find(work.op, *operations.KINDS))
    given = {name: option.default for name, option in declared.items()} | work.options
    return {name: v for name, v in given.items() if name != "tails" and name not in (fixed or {}).get(work.op, {})}


def is_loss(work: Work) -> bool:
    return work.op in operations.names("losses")


def upstream(y: Any) -> Array:
    return _normal(np.random.default_rng(1), tuple(y.shape))


def reference(work: Work) -> Step:
    operation, options = operations.find(work.op, *operations.KINDS), asked(work)
    inputs, parameters = drawn(work)
    arguments = [operation.Params(**parameters), *inputs] if parameters else inputs
    dy = upstream(operation.forward(*arguments, **options)[0])

    def step() -> Any:
        y, saved = operation.forward(*arguments, **options)
        return y, *_flat(operation.backward(saved, dy))

    return step


def _flat(found: Any) -> list[Any]:
    """Gradients of the parameters, then of the inputs: those that there are."""
    found = found if isinstance(found, tuple) else (found,)
    nested = [x for f in sorted(found, key=lambda f: not isinstance(f, tuple)) for x in _members(f)]
    return [x for x in nested if x is not None]


def _members(found: Any) -> list[Any]:
    return list(found) if isinstance(found, tuple) else [found]


def pytorch(work: Work) -> Step:
    table = pytorch_operations.LOSSES if is_loss(work) else pytorch_operations.LAYERS
    operation, options = table[work.op], asked(work, pytorch_operations.CONVENTIONS)
    inputs, parameters = ([torch.tensor(x) for x in drawn(work)[0]], drawn(work)[1])
    named = {name: torch.tensor(x).requires_grad_() for name, x in parameters.items()}
    moving = [x.requires_grad_() for x in inputs[: 1 if is_loss(work) else None] if x.is_floating_point()]
    variables = [*named.values(), *moving]
    dy = torch.tensor(upstream(operation(*inputs, **named, **options)))

    def step() -> Any:
        y = operation(*inputs, **named, **options)
        return y.detach(), *torch.autograd.grad(y, variables, dy)

    return step


def jax_jit(work: Work) -> Step:
    inputs, parameters = drawn(work)
    moving = [k for k, x in enumerate(inputs[: 1 if is_loss(work) else None]) if x.dtype.kind == "f"]
    if is_loss(work):
        options = asked(work, jax_operations.CONVENTIONS)
        reduce = jax_operations.REDUCTIONS[options.pop("reduction")]
        terms = jax_operations.LOSSES[work.op]

        def operation(*x: Any, **rest: Any) -> Any:
            return reduce(terms(*x, **rest))
    else:
        operation, fixed = jax_adapter._operation(work.op)
        options = asked(work, fixed)

    def value(parameters: Any, moved: Any, inputs: Any) -> Any:
        inputs = list(inputs)
        for k, x in zip(moving, moved, strict=True):
            inputs[k] = x
        return operation(*inputs, **parameters, **options)

    @jax.jit
    def run(parameters: Any, inputs: Any, dy: Any) -> Any:
        y, pull = jax.vjp(lambda p, m: value(p, m, inputs), parameters, [inputs[k] for k in moving])
        return y, pull(dy)

    parameters, inputs = jax.tree.map(jax.numpy.asarray, (parameters, inputs))
    dy = jax.numpy.asarray(upstream(jax.eval_shape(lambda: value(parameters, [inputs[k] for k in moving], inputs))))

    def step() -> Any:
        y, (of_parameters, of_inputs) = jax.block_until_ready(run(parameters, inputs, dy))
        return y, *(of_parameters[name] for name in work.parameters), *of_inputs

    return step


CONTENDERS = {"reference": reference, "pytorch": pytorch, "jax": jax_jit}


@pytest.mark.parametrize("contender", CONTENDERS)
@pytest.mark.parametrize("work", WORKS, ids=str)
def test_operation(benchmark: BenchmarkFixture, work: Work, contender: str) -> None:
    benchmark.group = f"operation: {work}"
    benchmark.extra_info["contender"] = contender
    step = CONTENDERS[contender](work)
    # What is right the catalogue judges, of these very lines; here only that each works out the same tensors.
    assert [np.shape(mine) for mine in step()] == [np.shape(right) for right in reference(work)()]
    start = time.perf_counter()
    step()
    seconds = time.perf_counter() - start
    benchmark.pedantic(step, rounds=20, iterations=max(1, int(2e-3 / seconds)), warmup_rounds=2)
