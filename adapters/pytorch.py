"""PyTorch: torch.nn.functional, autograd and torch.optim. To be read beside jax.py, which keeps the same order."""

import warnings
from collections.abc import Callable
from functools import partial
from typing import Any

import ml_dtypes
import numpy as np
import torch
from torch.optim import lr_scheduler

from ..cases.problem import Head, LossOf, OptimizerOf, Problem
from ..reference import Array
from . import conventions
from .base import Adapter, Description, Trace, Unsupported
from .pytorch_operations import CONVENTIONS, LACKING, LAYERS, LOSSES, PENALTIES
from .pytorch_optimizers import AVERAGES, BUFFERS, CLIPPING, RULES, SCHEDULES
from .pytorch_optimizers import CONVENTIONS as OPTIMIZER_CONVENTIONS
from .pytorch_optimizers import LACKING as LACKING_OPTIMIZERS


class PyTorch(Adapter):
    """PyTorch on the processor, eagerly."""

    name = "pytorch"

    def __init__(self, threads: int = 1) -> None:
        torch.set_num_threads(threads)

    def describe(self) -> Description:
        flags = {
            "threads": str(torch.get_num_threads()),
            "matmul_precision": torch.get_float32_matmul_precision(),
            "device": "cpu",
        }
        return Description(self.name, str(torch.__version__), ["float64", "float32", "bfloat16", "float16"], flags)

    def gradients(self, problem: Problem) -> Trace:
        parameters = {name: _tensor(x).requires_grad_() for name, x in problem.parameters.items()}
        targets = {name: _tensor(x) for name, x in problem.inputs.items()}
        inputs = {name: _leaf(x) for name, x in targets.items()}
        outputs, kept = _forward(problem, parameters, inputs)
        head = prediction = outputs[problem.network[-1].name]
        answer: Trace = {}
        if problem.loss is not None:
            head = _loss(problem.loss, prediction, targets | outputs) + _penalties(problem, parameters)
            answer["loss"] = _array(head)
        wanted = {name: inputs[name] for layer in problem.network for name in layer.inputs if name in inputs}
        wanted = {name: x for name, x in wanted.items() if x.requires_grad} | outputs
        wanted |= {name: parameters[name] for layer in problem.network for name in layer.parameters.values()}
        upstream = None if problem.upstream is None else _tensor(problem.upstream)
        found = torch.autograd.grad(head, list(wanted.values()), grad_outputs=upstream, materialize_grads=True)
        answer |= {f"output.{name}": _array(y) for name, y in (outputs | kept).items()}
        return answer | {f"gradient.{name}": _array(g) for name, g in zip(wanted, found, strict=True)}

    def updates(self, problem: Problem) -> Trace:
        assert problem.optimizer is not None
        parameters = {name: _tensor(x).requires_grad_() for name, x in problem.parameters.items()}
        stepper = _Stepper(problem, parameters)
        counts = problem.optimizer.counts or [1] * len(problem.gradients)
        weights = stepper.weights(counts)
        answer: Trace = {}
        for k, (gradients, weight) in enumerate(zip(problem.gradients, weights, strict=True), 1):
            for name, p in parameters.items():
                if name in gradients:
                    g = _tensor(gradients[name]) * weight if weight != 1 else _tensor(gradients[name])
                    p.grad = g if p.grad is None else p.grad + g  # as backward does
                elif problem.optimizer.absent == "zero":
                    p.grad = torch.zeros_like(p)
            rates = [problem.optimizer.rates[k - 1], *(group.rates[k - 1] for group in problem.optimizer.groups)]
            made = stepper.step(rates, problem.optimizer.values[k - 1] if problem.optimizer.values else None)
            made |= {f"update.{name}": p for name, p in parameters.items()}
            for what, x in made.items():
                kind, dot, rest = what.partition(".")
                answer[f"{kind}.{k}{dot}{rest}"] = _array(x)
        return answer

    def training(self, problem: Problem) -> Trace:
        assert problem.training is not None
        assert problem.loss is not None
        parameters = {name: _tensor(x).requires_grad_() for name, x in problem.parameters.items()}
        inputs = {name: _tensor(x) for name, x in problem.inputs.items()}
        stepper = _Stepper(problem, parameters)
        weights = iter(stepper.weights([len(rows) for epoch in problem.training.batches for rows in epoch]))
        answer: Trace = {}
        plan = zip(problem.training.rates, problem.training.batches, strict=True)
        for epoch, (rate, batches) in enumerate(plan, 1):
            steps: dict[str, list[Array]] = {name: [] for name in ("loss", *parameters)}
            for rows in batches:
                batch = {name: x[torch.tensor(rows)] for name, x in inputs.items()}
                closure = partial(_backward, problem, parameters, batch, next(weights))
                loss = closure()
                stepper.step([rate] * (1 + len(stepper.optimizer.param_groups)), loss.item(), closure)
                for name, now in {"loss": loss, **parameters}.items():
                    steps[name].append(_array(now))
            answer |= {f"trajectory.{epoch}.{name}": np.stack(now) for name, now in steps.items()}
        return answer

    def lacking(self, problem: Problem) -> list[str]:
        buffers = BUFFERS.get(problem.optimizer.op, {}) if problem.optimizer else {}
        return [f"state.*.{buffer}.*" for buffer, key in buffers.items() if not key]


class _Stepper:
    """torch.optim's optimizer, with what torch has to stand around it. Gradients are zeroed after each step."""

    def __init__(self, problem: Problem, parameters: dict[str, Any]) -> None:
        assert problem.optimizer is not None
        self.head = head = problem.optimizer
        self.parameters = parameters
        self.dtype = next(iter(parameters.values())).dtype
        conventions.no_foreign_defaults(head, "pytorch")
        self.optimizer = _optimizer(head, parameters)
        self.seen = 0
        self.clip = head.clip and _call(CLIPPING, head.clip)
        self.scheduler: Any = _schedule(head, self.optimizer) if head.schedule else None
        self.scaler: Any = None
        if head.loss_scale:
            plan = head.loss_scale
            if plan.growth <= 1 or plan.backoff >= 1:
                raise Unsupported("PyTorch's GradScaler wants a growth above 1 and a backoff below 1")
            self.scaler = torch.amp.GradScaler("cpu", plan.init, plan.growth, plan.backoff, plan.interval)
            self.scaler.scale(torch.zeros(()))  # it begins with the first loss that it sees
        self.module = torch.nn.ParameterList(parameters.values())
        self.average = head.average and _call(AVERAGES, head.average)(self.module)

    def weights(self, counts: list[int]) -> list[float]:
        """What each micro-batch's loss is multiplied by."""
        return (
            [1.0] * len(counts)
            if self.head.accumulation is None
            else conventions.shares(self.head.accumulation, counts)
        )

    def step(self, rates: list[float], value: float | None, closure: Callable[[], Any] | None = None) -> dict[str, Any]:
        """Take the step that the parameters' gradients ask for, at these rates of the groups, and zero them.

        closure: gives the loss at the parameters as they then are, and puts its gradients into them.
        """
        made: dict[str, Any] = {}
        self.seen += 1
        if self.head.accumulation is None or self.seen % self.head.accumulation.every == 0:
            made = self._take(rates, value, closure)
            self.optimizer.zero_grad()
        for buffer, key in BUFFERS[self.head.op].items():
            states = {name: self.optimizer.state[p].get(key) for name, p in self.parameters.items() if key}
            made |= {f"state.{buffer}.{n}": s for n, s in states.items() if s is not None}
        if self.average:
            averaged = dict(zip(self.parameters, self.average.module, strict=True)) if self.average.n_averaged else {}
            made |= {f"average.{name}": p for name, p in averaged.items()}
        return made

    def _asked(self, value: float | None, closure: Callable[[], Any] | None) -> Any:
        """L-BFGS insists on asking for the loss, if only for a line search at points of its own choice."""
        if closure is None or self.head.options.get("line_search", "off") == "off":
            return value or 0.0
        self.optimizer.zero_grad()
        return closure()

    def _take(self, rates: list[float], value: float | None, closure: Callable[[], Any] | None) -> dict[str, Any]:
        made: dict[str, Any] = {}
        if self.scheduler is None:
            for group, rate in zip(self.optimizer.param_groups, rates, strict=False):
                group["lr"] = rate
        else:
            made["rate"] = torch.tensor(self.optimizer.param_groups[0]["lr"], dtype=self.dtype)
        if self.scaler:
            self.scaler.unscale_(self.optimizer)
        if self.clip:
            self.clip(list(self.parameters.values()))
            grads = {name: p.grad for name, p in self.parameters.items() if p.grad is not None}
            made |= {f"clipped.{name}": -g if self.head.maximize else g for name, g in grads.items()}
        if self.scaler:
            self.scaler.step(self.optimizer)
            self.scaler.update()
            made["scale"] = torch.tensor(self.scaler.get_scale(), dtype=self.dtype)
        else:
            self.optimizer.step(partial(self._asked, value, closure))
        if self.scheduler is not None:
            self.scheduler.step(*([value] if self.head.values else []))
        if self.average:
            self.average.update_parameters(self.module)
        return made


def _backward(problem: Problem, parameters: dict[str, Any], batch: dict[str, Any], weight: float) -> Any:
    """The loss of a batch; its gradients, added to those that the parameters hold, with this weight."""
    assert problem.loss is not None
    outputs, _ = _forward(problem, parameters, batch)
    loss = _loss(problem.loss, outputs[problem.network[-1].name], batch | outputs) + _penalties(problem, parameters)
    (loss * weight if weight != 1 else loss).backward()
    return loss


def _forward(
    problem: Problem, parameters: dict[str, Any], inputs: dict[str, Any]
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Every layer's output, and every buffer after the step: PyTorch changes them in place."""
    values, outputs = dict(inputs), {}
    kept = {name: _tensor(x) for name, x in problem.buffers.items()}
    for layer in problem.network:
        operation = conventions.lookup(LAYERS, layer.op, LACKING, "pytorch")
        options = conventions.options(layer.op, layer.options, CONVENTIONS, "pytorch")
        arguments = [values[name] for name in layer.inputs]
        buffers = {b: kept[name] for b, name in layer.buffers.items()}
        named = {p: parameters[name] for p, name in layer.parameters.items()}
        y = operation(*arguments, **named, **buffers, **options)
        if any(y is x for x in arguments):
            y = y.view_as(y)  # the identity gives back its input: the output needs a gradient of its own
        values[layer.name] = outputs[layer.name] = y
    return outputs, kept


def _loss(loss: LossOf, prediction: Any, inputs: dict[str, Any]) -> Any:
    operation = conventions.lookup(LOSSES, loss.op, LACKING, "pytorch")
    options = conventions.options(loss.op, loss.options, CONVENTIONS, "pytorch")
    return operation(prediction, **{slot: inputs[name] for slot, name in loss.targets.items()}, **options)


def _penalties(problem: Problem, parameters: dict[str, Any]) -> Any:
    """What parameters add to the loss by themselves."""
    total = 0
    for penalty in problem.penalties:
        operation = conventions.lookup(PENALTIES, penalty.op, LACKING, "pytorch")
        options = conventions.options(penalty.op, penalty.options, CONVENTIONS, "pytorch")
        total = total + operation(parameters[penalty.parameter], **options)
    return total


def _call(table: dict[str, Any], head: Head) -> Any:
    """An operation that stands around the step, with its options: to be called with what it works on."""
    operation = conventions.lookup(table, head.op, LACKING_OPTIMIZERS, "pytorch")
    return partial(operation, **conventions.options(head.op, head.options, OPTIMIZER_CONVENTIONS, "pytorch"))


def _optimizer(head: OptimizerOf, parameters: dict[str, Any]) -> Any:
    """The first group is of the parameters that have none of their own. Rates are set before each step."""
    rule = conventions.lookup(RULES, head.op, LACKING_OPTIMIZERS, "pytorch")
    rate = head.rates[0]
    if head.defaults:
        return rule.kind(list(parameters.values()), lr=rate)
    more = {"maximize": True} if head.maximize else {}

    def words(options: dict[str, Any]) -> dict[str, Any]:
        found: dict[str, Any] = rule.words(**conventions.options(head.op, options, OPTIMIZER_CONVENTIONS, "pytorch"))
        return found

    grouped = {name for group in head.groups for name in group.parameters}
    groups: list[Any] = [{"params": [p for name, p in parameters.items() if name not in grouped]}]
    for group in head.groups:
        own = {"params": [parameters[name] for name in group.parameters], "lr": group.rates[0]}
        groups.append(own | words(head.options | group.options))
    try:
        return rule.kind(groups, lr=rate, **words(head.options), **more)
    except ValueError as error:  # such as a beta of 1, which the mathematics allow
        raise Unsupported(f"torch.optim.{rule.kind.__name__} takes no such option: {error}") from error


def _schedule(head: OptimizerOf, optimizer: Any) -> Any:
    """The scheduler, perhaps behind a warm-up, and perhaps a step ahead."""
    assert head.schedule is not None
    plan = head.schedule
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # that it steps before the optimizer, which is what first = 1 asks for
        scheduler = _call(SCHEDULES, plan)(optimizer)
        if plan.warmup:
            if plan.warmup_from <= 0:
                raise Unsupported("PyTorch's LinearLR wants to start above 0")
            warm_up = lr_scheduler.LinearLR(optimizer, plan.warmup_from, 1.0, plan.warmup)
            scheduler = lr_scheduler.SequentialLR(optimizer, [warm_up, scheduler], [plan.warmup])
        for _ in range(plan.first):
            scheduler.step()
    return scheduler


def _tensor(x: Array) -> Any:
    """PyTorch reads no bfloat16 from NumPy; every bfloat16 is a float32."""
    if x.dtype == ml_dtypes.bfloat16:
        return torch.tensor(x.astype(np.float32)).to(torch.bfloat16)
    return torch.tensor(x)


def _leaf(x: Any) -> Any:
    return x.clone().requires_grad_() if x.is_floating_point() else x


def _array(x: Any) -> Array:
    x = x.detach().clone()  # steps change parameters in place
    y: Array = x.float().numpy().astype(ml_dtypes.bfloat16) if x.dtype == torch.bfloat16 else x.numpy()
    return y
