"""JAX: jax.numpy, jax.nn, autodiff under jit, and Optax. To be read beside pytorch.py, which keeps the same order."""

import importlib.util
import os
from collections.abc import Callable
from functools import cache
from importlib import metadata
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import optax

from ..cases.folders import cache_folder
from ..cases.problem import LossOf, Problem
from ..reference import Array
from . import conventions
from .base import Adapter, Description, Trace, Unsupported
from .jax_operations import BUFFERS, CONVENTIONS, LACKING, LAYERS, LOSSES, OPTIMIZERS, PENALTIES, REDUCTIONS


class Jax(Adapter):
    """JAX on the processor, under jit."""

    name = "jax"

    def __init__(self) -> None:
        jax.config.update("jax_platforms", os.environ.get("JAX_PLATFORMS") or "cpu")
        jax.config.update("jax_enable_x64", True)  # before first use, or float64 silently becomes float32
        jax.config.update("jax_compilation_cache_dir", str(cache_folder() / "jax"))
        jax.config.update("jax_persistent_cache_min_compile_time_secs", 0)
        jax.config.update("jax_persistent_cache_min_entry_size_bytes", 0)

    def describe(self) -> Description:
        flags = {
            "optax": optax.__version__,
            "flax": metadata.version("flax") if importlib.util.find_spec("flax") else "not installed",
            "x64": str(jax.config.jax_enable_x64),
            "matmul_precision": str(jax.config.jax_default_matmul_precision or "default"),
            "device": jax.default_backend(),
        }
        return Description(self.name, jax.__version__, ["float64", "float32", "bfloat16", "float16"], flags)

    def gradients(self, problem: Problem) -> Trace:
        used = {name for layer in problem.network for name in layer.inputs}
        moving = {n: x for n, x in problem.inputs.items() if n in used and x.dtype.kind not in "iub"}
        held = {name for layer in problem.network for name in layer.parameters.values()}
        parameters = {name: problem.parameters[name] for name in held}
        run = jax.jit(lambda *arguments: _value_outputs_gradients(problem, *arguments))
        value, outputs, found = run(parameters, moving, problem.inputs, problem.upstream)
        answer = {} if problem.loss is None else {"loss": np.asarray(value)}
        answer |= {f"output.{name}": np.asarray(y) for name, y in outputs.items()}
        return answer | {f"gradient.{name}": np.asarray(g) for name, g in found.items()}

    def updates(self, problem: Problem) -> Trace:
        assert problem.optimizer is not None
        buffers = BUFFERS[problem.optimizer.op]

        def steps(parameters: Any, rates: Any, gradients: Any) -> Any:
            optimizer = _optimizer(problem, rates)
            state = optimizer.init(parameters)
            for grads in gradients:
                changes, state = optimizer.update(grads, state, parameters)
                parameters = optax.apply_updates(parameters, changes)
                yield parameters, {buffer: optax.tree_utils.tree_get(state, key) for buffer, key in buffers.items()}

        run = jax.jit(lambda *arguments: list(steps(*arguments)))
        answer: Trace = {}
        done = run(problem.parameters, np.array(problem.optimizer.rates), problem.gradients)
        for k, (parameters, states) in enumerate(done, 1):
            answer |= {f"update.{k}.{name}": np.asarray(p) for name, p in parameters.items()}
            for buffer, values in states.items():
                answer |= {f"state.{k}.{buffer}.{name}": np.asarray(s) for name, s in (values or {}).items()}
        return answer

    def training(self, problem: Problem) -> Trace:
        assert problem.training is not None
        plan = list(zip(problem.training.rates, problem.training.batches, strict=True))
        rates = np.array([rate for rate, batches in plan for _ in batches])

        def objective(parameters: Any, batch: Any) -> Any:
            assert problem.loss is not None
            outputs, _ = _forward(problem, parameters, batch)
            loss = _loss(problem.loss, outputs[problem.network[-1].name], batch | outputs)
            return loss + _penalties(problem, parameters)

        def step(parameters: Any, state: Any, batch: Any, rates: Any) -> Any:
            loss, gradients = jax.value_and_grad(objective)(parameters, batch)
            changes, state = _optimizer(problem, rates).update(gradients, state, parameters)
            return optax.apply_updates(parameters, changes), state, loss

        run = jax.jit(step)
        parameters: Any = problem.parameters
        state = jax.jit(lambda p: _optimizer(problem, rates).init(p))(parameters)
        answer: Trace = {}
        for epoch, (_, batches) in enumerate(plan, 1):
            steps: dict[str, list[Array]] = {name: [] for name in ("loss", *parameters)}
            for rows in batches:
                batch = {name: x[rows] for name, x in problem.inputs.items()}
                parameters, state, loss = run(parameters, state, batch, rates)
                for name, now in {"loss": loss, **parameters}.items():
                    steps[name].append(np.asarray(now))
            answer |= {f"trajectory.{epoch}.{name}": np.stack(now) for name, now in steps.items()}
        return answer


def _value_outputs_gradients(problem: Problem, parameters: Any, moving: Any, inputs: Any, upstream: Any) -> Any:
    """moving: the inputs to differentiate for; a target of the same name stays where it is."""
    shapes, _ = jax.eval_shape(lambda p, x: _forward(problem, p, x), parameters, inputs)
    probes = {name: jnp.zeros(y.shape, y.dtype) for name, y in shapes.items()}

    def head(variables: Any) -> Any:
        parameters, moving, probes = variables
        outputs, kept = _forward(problem, parameters, inputs | moving, probes)
        prediction = outputs[problem.network[-1].name]
        value = prediction if problem.loss is None else _loss(problem.loss, prediction, inputs | outputs)
        value = value + _penalties(problem, parameters)
        return value, outputs | kept

    variables = (parameters, moving, probes)
    if upstream is None:
        (value, outputs), found = jax.value_and_grad(head, has_aux=True)(variables)
    else:
        value, pull, outputs = jax.vjp(head, variables, has_aux=True)
        (found,) = pull(upstream)
    return value, outputs, found[0] | found[1] | found[2]


def _forward(
    problem: Problem, parameters: Any, inputs: Any, probes: Any = None
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Every layer's output, and every buffer after the step, which a layer's operation gives beside the output.

    probes are zeros, one added to each output: their gradient is the output's.
    """
    values, outputs = dict(inputs), {}
    kept = {name: jnp.asarray(x) for name, x in problem.buffers.items()}
    for layer in problem.network:
        operation, fixed = _operation(layer.op)
        options = conventions.options(layer.op, layer.options, fixed, "jax")
        arguments = [values[name] for name in layer.inputs]
        buffers = {b: kept[name] for b, name in layer.buffers.items()}
        named = {p: parameters[name] for p, name in layer.parameters.items()}
        y = operation(*arguments, **named, **buffers, **options)
        if buffers:
            y, after = y
            kept |= {layer.buffers[b]: buffer for b, buffer in after.items()}
        values[layer.name] = outputs[layer.name] = y if probes is None else y + probes[layer.name]
    return outputs, kept


def _operation(op: str) -> tuple[Callable[..., Any], dict[str, dict[str, Any]]]:
    """JAX's own operation, or Flax's where JAX has none, with what is fixed in it."""
    if op in LAYERS:
        return LAYERS[op], CONVENTIONS
    flax = _flax()
    if flax is None:
        reason = LACKING.get(op, f"JAX itself has no {op}")
        raise Unsupported(f"{reason}. Flax, which may have it, is not installed: pip install 'backproof[flax]'")
    return conventions.lookup(flax.LAYERS, op, LACKING, "jax"), flax.CONVENTIONS


@cache
def _flax() -> Any:
    """flax_operations.py, imported when first needed; None where Flax is not installed."""
    return importlib.import_module(".flax_operations", __package__) if importlib.util.find_spec("flax") else None


def _loss(loss: LossOf, prediction: Any, inputs: Any) -> Any:
    operation = conventions.lookup(LOSSES, loss.op, LACKING, "jax")
    options = conventions.options(loss.op, loss.options, CONVENTIONS, "jax")
    reduce = REDUCTIONS[options.pop("reduction")]
    return reduce(operation(prediction, **{slot: inputs[name] for slot, name in loss.targets.items()}, **options))


def _penalties(problem: Problem, parameters: Any) -> Any:
    """What parameters add to the loss by themselves."""
    total = 0
    for penalty in problem.penalties:
        operation = conventions.lookup(PENALTIES, penalty.op, LACKING, "jax")
        options = conventions.options(penalty.op, penalty.options, CONVENTIONS, "jax")
        total = total + operation(parameters[penalty.parameter], **options)
    return total


def _optimizer(problem: Problem, rates: Any) -> Any:
    assert problem.optimizer is not None
    rule = conventions.lookup(OPTIMIZERS, problem.optimizer.op, LACKING, "jax")
    options = conventions.options(problem.optimizer.op, problem.optimizer.options, CONVENTIONS, "jax")
    return rule(lambda count: jnp.asarray(rates)[count], **options)
