"""JAX: jax.numpy, jax.nn, autodiff under jit, and Optax. To be read beside pytorch.py, which keeps the same order."""

import importlib.util
import os
from collections.abc import Callable, Iterable
from functools import cache, partial
from importlib import metadata
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
import optax

from ..cases.folders import cache_folder
from ..cases.problem import Head, LossOf, OptimizerOf, Problem
from ..reference import Array, operations
from . import conventions
from .base import Adapter, Description, Trace, Unsupported
from .jax_operations import CONVENTIONS, LACKING, LAYERS, LOSSES, PENALTIES, REDUCING, REDUCTIONS
from .jax_optimizers import AVERAGES, BEGINNING, BUFFERS, CLIPPING, DEFAULTS, OPTIMIZERS, SCALING, SCHEDULES, WRAPPING
from .jax_optimizers import CONVENTIONS as OPTIMIZER_CONVENTIONS
from .jax_optimizers import LACKING as LACKING_OPTIMIZERS
from .jax_programs import QUICKLY, Program


class Jax(Adapter):
    """JAX on the processor, under jit."""

    name = "jax"

    def __init__(self) -> None:
        jax.config.update("jax_platforms", os.environ.get("JAX_PLATFORMS") or "cpu")
        jax.config.update("jax_enable_x64", True)  # before first use, or float64 silently becomes float32
        # of single operations; whole programs are kept by jax_programs
        jax.config.update("jax_compilation_cache_dir", str(cache_folder() / "jax" / "operations"))
        jax.config.update("jax_persistent_cache_min_compile_time_secs", 0)
        jax.config.update("jax_persistent_cache_min_entry_size_bytes", 0)

    def describe(self) -> Description:
        flags = {
            "optax": optax.__version__,
            "flax": metadata.version("flax") if importlib.util.find_spec("flax") else "not installed",
            "x64": str(jax.config.jax_enable_x64),
            "matmul_precision": str(jax.config.jax_default_matmul_precision or "default"),
            "device": jax.default_backend(),
            "compiled_with": ", ".join(f"{option}={choice}" for option, choice in QUICKLY.items()) or "XLA's defaults",
        }
        return Description(self.name, jax.__version__, ["float64", "float32", "bfloat16", "float16"], flags)

    def gradients(self, problem: Problem) -> Trace:
        used = {name for layer in problem.network for name in layer.inputs}
        moving = {n: x for n, x in problem.inputs.items() if n in used and x.dtype.kind not in "iub"}
        held = {name for layer in problem.network for name in layer.parameters.values()}
        parameters = {name: problem.parameters[name] for name in held}
        run = Program(lambda *arguments: _value_outputs_gradients(problem, *arguments), "gradients", *_network(problem))
        value, outputs, found = run(parameters, moving, problem.inputs, problem.upstream)
        answer = {} if problem.loss is None else {"loss": np.asarray(value)}
        answer |= {f"output.{name}": np.asarray(y) for name, y in outputs.items()}
        return answer | {f"gradient.{name}": np.asarray(g) for name, g in found.items()}

    def updates(self, problem: Problem) -> Trace:
        assert problem.optimizer is not None
        head = problem.optimizer
        counts = head.counts or [1] * len(problem.gradients)

        def step(parameters: Any, state: Any, gradients: Any, rates: Any, value: Any) -> Any:
            return _step(head, parameters, state, gradients, rates, value)

        run = Program(step, "updates", head)
        parameters: Any = jax.tree.map(jnp.asarray, problem.parameters)
        state = _optimizer(head, parameters, head.rates[:1] * (1 + len(head.groups))).init(parameters)
        average: Any = None
        answer: Trace = {}
        for k, (given, weight) in enumerate(zip(problem.gradients, _weights(head, counts), strict=True), 1):
            if set(given) < set(parameters) and head.absent != "zero":
                raise Unsupported("Optax wants a gradient for every parameter: absent = 'zero'")
            gradients = {n: given.get(n, np.zeros_like(p)) for n, p in parameters.items()}
            if weight != 1:
                gradients = {name: jnp.asarray(g) * weight for name, g in gradients.items()}
            rates = np.array([head.rates[k - 1], *(group.rates[k - 1] for group in head.groups)])
            value = head.values[k - 1] if head.values else None
            parameters, state = run(parameters, state, gradients, rates, value)
            answer |= {f"update.{k}.{name}": np.asarray(p) for name, p in parameters.items()}
            for buffer, key in BUFFERS[head.op].items():
                kept = _whole(head, _found(state, key), given)
                answer |= {f"state.{k}.{buffer}.{name}": np.asarray(s) for name, s in kept.items()}
            if head.clip:
                answer |= {f"clipped.{k}.{name}": np.asarray(g) for name, g in _found(state, "seen").items()}
            taken, waiting = divmod(k, head.accumulation.every if head.accumulation else 1)
            if head.schedule and not _scales(head) and not waiting:
                answer[f"rate.{k}"] = _rate(head, taken - 1).astype(next(iter(parameters.values())).dtype)
            if _calls_back(head):
                average = _found(state, "slow")
            elif head.average and not waiting:
                average = _call(AVERAGES, head.average)(average, parameters, taken - 1)
            if average is not None:
                answer |= {f"average.{k}.{name}": np.asarray(p) for name, p in average.items()}
        return answer

    def training(self, problem: Problem) -> Trace:
        assert problem.training is not None
        assert problem.optimizer is not None
        head = problem.optimizer

        def objective(parameters: Any, batch: Any) -> Any:
            assert problem.loss is not None
            outputs, _ = _forward(problem, parameters, batch)
            loss = _loss(problem.loss, outputs[problem.network[-1].name], batch | outputs)
            return loss + _penalties(problem, parameters)

        def step(parameters: Any, state: Any, batch: Any, rates: Any, weight: Any) -> Any:
            loss, gradients = jax.value_and_grad(objective)(parameters, batch)
            if head.accumulation:
                gradients = jax.tree.map(lambda g: g * weight.astype(g.dtype), gradients)
            return *_step(head, parameters, state, gradients, rates, loss, partial(objective, batch=batch)), loss

        run = Program(step, "training", head, *_network(problem))
        parameters: Any = jax.tree.map(jnp.asarray, problem.parameters)
        state = _optimizer(head, parameters, head.rates[:1] * (1 + len(head.groups))).init(parameters)
        weights = iter(_weights(head, [len(rows) for epoch in problem.training.batches for rows in epoch]))
        answer: Trace = {}
        plan = zip(problem.training.rates, problem.training.batches, strict=True)
        for epoch, (rate, batches) in enumerate(plan, 1):
            steps: dict[str, list[Array]] = {name: [] for name in ("loss", *parameters)}
            for rows in batches:
                batch = {name: x[rows] for name, x in problem.inputs.items()}
                rates = np.array([rate] * (1 + len(head.groups)))
                parameters, state, loss = run(parameters, state, batch, rates, np.asarray(next(weights)))
                for name, now in {"loss": loss, **parameters}.items():
                    steps[name].append(np.asarray(now))
            answer |= {f"trajectory.{epoch}.{name}": np.stack(now) for name, now in steps.items()}
        return answer

    def lacking(self, problem: Problem) -> list[str]:
        buffers = BUFFERS.get(problem.optimizer.op, {}) if problem.optimizer else {}
        scales = problem.optimizer is not None and _scales(problem.optimizer)
        hidden = ["scale.*", "rate.*"] if scales else ["scale.*"]
        return [*hidden, *(f"state.*.{buffer}.*" for buffer, key in buffers.items() if not key)]


def _network(problem: Problem) -> tuple[Any, ...]:
    """What of a problem a program holds, beside what it is given."""
    return problem.network, problem.loss, problem.penalties, problem.buffers


def _step(
    head: OptimizerOf, parameters: Any, state: Any, gradients: Any, rates: Any, value: Any, loss_at: Any = None
) -> Any:
    """Parameters and state after one step of Optax's."""
    rates = jnp.asarray(rates, next(iter(parameters.values())).dtype)  # else the step is taken in float64
    optimizer = optax.with_extra_args_support(_optimizer(head, parameters, rates))
    more = {} if value is None else {"value": value}
    if head.options.get("line_search", "off") != "off":
        more |= {"grad": gradients, "value_fn": loss_at}
    changes, state = optimizer.update(gradients, state, parameters, **more)
    return optax.apply_updates(parameters, changes), state


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
    slots = {slot: inputs[name] for slot, name in loss.targets.items()}
    if loss.op in REDUCING:
        return operation(prediction, **slots, **options)
    reduce = REDUCTIONS[options.pop("reduction")]
    return reduce(operation(prediction, **slots, **options))


def _penalties(problem: Problem, parameters: Any) -> Any:
    """What parameters add to the loss by themselves."""
    total = 0
    for penalty in problem.penalties:
        operation = conventions.lookup(PENALTIES, penalty.op, LACKING, "jax")
        options = conventions.options(penalty.op, penalty.options, CONVENTIONS, "jax")
        total = total + operation(parameters[penalty.parameter], **options)
    return total


def _call(table: dict[str, Any], head: Head) -> Any:
    """An operation that stands around the step, with its options."""
    operation = conventions.lookup(table, head.op, LACKING_OPTIMIZERS, "jax")
    return partial(operation, **conventions.options(head.op, head.options, OPTIMIZER_CONVENTIONS, "jax"))


def _optimizer(head: OptimizerOf, parameters: Any, rates: Any) -> Any:
    """The transformation. rates: of the parameters that are in no group, and of each group."""
    conventions.no_foreign_defaults(head, "jax")
    rule = conventions.lookup(OPTIMIZERS, head.op, LACKING_OPTIMIZERS, "jax")

    def of(rate: Any, options: dict[str, Any], first: float) -> Any:
        if head.schedule:
            rate = _scheduled(head, first)
        if head.defaults:
            return conventions.lookup(DEFAULTS, head.op, LACKING_OPTIMIZERS, "jax")(rate)
        given = conventions.options(head.op, options, OPTIMIZER_CONVENTIONS, "jax")
        return optax.chain(rule(first, **given), rate) if _scales(head) else rule(rate, **given)

    parts = [optax.scale(-1.0)] if head.maximize else []
    parts += [_call(CLIPPING, head.clip)(), _seen()] if head.clip else []
    groups = {
        str(i): of(rates[i], head.options | group.options, group.rates[0]) for i, group in enumerate(head.groups, 1)
    }
    labels = {name: str(i) for i, group in enumerate(head.groups, 1) for name in group.parameters}
    whole = of(rates[0], head.options, head.rates[0])
    if groups:
        whole = optax.partition({"0": whole, **groups}, {name: labels.get(name, "0") for name in parameters})
    whole = _calling_back(head, whole) if _calls_back(head) else whole
    optimizer = optax.chain(*parts, whole) if parts else whole
    if head.loss_scale:
        plan = head.loss_scale
        if (plan.growth, plan.backoff) != (1, 1):
            raise Unsupported("Optax has no loss scale that changes; apply_if_finite skips the step, and no more")
        optimizer = optax.chain(optax.scale(1 / plan.init), optimizer)
        optimizer = optax.apply_if_finite(optimizer, max_consecutive_errors=1000)
    if head.accumulation:
        dtype = next(iter(parameters.values())).dtype  # else it adds up in float32
        several = optax.MultiSteps(optimizer, head.accumulation.every, use_grad_mean=False, accumulator_dtype=dtype)
        optimizer = several.gradient_transformation()
    return optimizer


def _weights(head: OptimizerOf, counts: list[int]) -> list[float]:
    """What each micro-batch's gradient is multiplied by, before optax.MultiSteps adds them up."""
    return [1.0] * len(counts) if head.accumulation is None else conventions.shares(head.accumulation, counts)


def _scheduled(head: OptimizerOf, rate: float) -> Any:
    """The schedule, perhaps behind a warm-up, and perhaps a step ahead."""
    assert head.schedule is not None
    plan = head.schedule
    schedule = _call(SCHEDULES, plan)(rate)
    if _scales(head):
        if plan.warmup or plan.first:
            raise Unsupported(f"Optax's {plan.op} scales updates from the first step on, without a warm-up")
        return schedule
    if plan.warmup:
        warm_up = optax.linear_schedule(plan.warmup_from * rate, rate, plan.warmup)
        schedule = optax.join_schedules([warm_up, schedule], [plan.warmup])
    return (lambda count: schedule(count + plan.first)) if plan.first else schedule


def _scales(head: OptimizerOf) -> bool:
    """Whether Optax's schedule is a factor on what the rule makes at its first rate."""
    return head.schedule is not None and head.schedule.op in SCALING


def _rate(head: OptimizerOf, count: int) -> Array:
    return np.asarray(_scheduled(head, head.rates[0])(jnp.asarray(count, jnp.int32)))  # as Optax counts


def _calls_back(head: OptimizerOf) -> bool:
    """Whether Optax's average is one that stands around the rule, and changes what it makes."""
    return head.average is not None and head.average.op in WRAPPING


def _calling_back(head: OptimizerOf, fast: Any) -> Any:
    """optax.lookahead, which wants the slow parameters beside the fast ones: kept in the state."""
    assert head.average is not None
    if _scales(head) or getattr(operations.find(head.op, "optimizers"), "NEEDS_VALUE", False):
        raise Unsupported("optax.lookahead hands no loss on to the rule")
    if head.schedule and head.average.options.get("reset", False):
        raise Unsupported("a reset of optax.lookahead begins the schedule anew")
    if head.op in BEGINNING and head.average.options.get("reset", False):
        raise Unsupported("a reset of optax.lookahead has the rule begin before the last step of the round")
    rule = _call(AVERAGES, head.average)(fast)

    def update(updates: Any, state: Any, params: Any) -> Any:
        changes, inside = rule.update(updates, state.inside, optax.LookaheadParams(params, state.slow))
        # a reset makes numbers of bools
        inside = jax.tree.map(lambda new, old: new.astype(old.dtype), inside, state.inside)
        return changes.fast, Slow(optax.apply_updates(state.slow, changes.slow), inside)

    return optax.GradientTransformation(
        lambda params: Slow(params, rule.init(optax.LookaheadParams.init_synced(params))), update
    )


class Slow(NamedTuple):
    """The slow parameters of lookahead, and its state."""

    slow: Any
    inside: Any


def _seen() -> Any:
    """A transformation that changes nothing, and keeps what passes through it."""

    def update(updates: Any, state: Any, params: Any = None) -> Any:  # noqa: ARG001 - Optax's signature
        return updates, Seen(updates)

    return optax.GradientTransformation(lambda params: Seen(jax.tree.map(jnp.zeros_like, params)), update)


class Seen(NamedTuple):
    """The latest gradients that passed."""

    seen: Any


def _found(state: Any, key: str) -> dict[str, Any]:
    """What of a state bears this name, by parameter; with groups, each has a part of it. "all": of all together."""
    found: dict[str, Any] = {}
    for _, part in optax.tree_utils.tree_get_all_with_path(state, key) if key else ():
        if isinstance(part, jax.Array):
            found["all"] = part
        else:
            found |= {name: x for name, x in (part or {}).items() if not isinstance(x, optax.MaskedNode)}
    return found


def _whole(head: OptimizerOf, found: dict[str, Any], order: Iterable[str]) -> dict[str, Any]:
    """What a rule for all parameters as one vector remembers, as one vector too."""
    if not found or "all" in found or not getattr(operations.find(head.op, "optimizers"), "WHOLE", False):
        return found
    return {"all": np.concatenate([np.ravel(found[name]) for name in order])}
