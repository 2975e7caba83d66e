"""PyTorch: torch.nn.functional, autograd and torch.optim. To be read beside jax.py, which keeps the same order."""

from typing import Any

import ml_dtypes
import numpy as np
import torch

from ..cases.problem import LossOf, Problem
from ..reference import Array
from . import conventions
from .base import Adapter, Description, Trace
from .pytorch_operations import BUFFERS, CONVENTIONS, LACKING, LAYERS, LOSSES, OPTIMIZERS, PENALTIES


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
        optimizer = _optimizer(problem, parameters)
        answer: Trace = {}
        for k, (rate, gradients) in enumerate(zip(problem.optimizer.rates, problem.gradients, strict=True), 1):
            optimizer.param_groups[0]["lr"] = rate
            for name, p in parameters.items():
                p.grad = _tensor(gradients[name])
            optimizer.step()
            answer |= {f"update.{k}.{name}": _array(p) for name, p in parameters.items()}
            for buffer, key in BUFFERS[problem.optimizer.op].items():
                states = {name: optimizer.state[p].get(key) for name, p in parameters.items()}
                answer |= {f"state.{k}.{buffer}.{n}": _array(s) for n, s in states.items() if s is not None}
        return answer

    def training(self, problem: Problem) -> Trace:
        assert problem.training is not None
        assert problem.loss is not None
        parameters = {name: _tensor(x).requires_grad_() for name, x in problem.parameters.items()}
        inputs = {name: _tensor(x) for name, x in problem.inputs.items()}
        optimizer = _optimizer(problem, parameters)
        answer: Trace = {}
        plan = zip(problem.training.rates, problem.training.batches, strict=True)
        for epoch, (rate, batches) in enumerate(plan, 1):
            optimizer.param_groups[0]["lr"] = rate
            steps: dict[str, list[Array]] = {name: [] for name in ("loss", *parameters)}
            for rows in batches:
                batch = {name: x[torch.tensor(rows)] for name, x in inputs.items()}
                outputs, _ = _forward(problem, parameters, batch)
                loss = _loss(problem.loss, outputs[problem.network[-1].name], batch | outputs)
                loss = loss + _penalties(problem, parameters)
                optimizer.zero_grad()
                loss.backward()
                optimizer.step()
                for name, now in {"loss": loss, **parameters}.items():
                    steps[name].append(_array(now))
            answer |= {f"trajectory.{epoch}.{name}": np.stack(now) for name, now in steps.items()}
        return answer


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


def _optimizer(problem: Problem, parameters: dict[str, Any]) -> Any:
    assert problem.optimizer is not None
    rule = conventions.lookup(OPTIMIZERS, problem.optimizer.op, LACKING, "pytorch")
    options = conventions.options(problem.optimizer.op, problem.optimizer.options, CONVENTIONS, "pytorch")
    return rule(list(parameters.values()), lr=0.0, **options)  # the rate is set before each step


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
