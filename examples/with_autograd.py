"""HIPS autograd, judged: https://github.com/HIPS/autograd, gradients of NumPy code.

What it shows: many operations at once, one line each in a table, all of them autograd's own named functions and never a
formula of ours. One call of its vector-Jacobian product gives every gradient of a problem: zeros are added to each
layer's output, and their gradient is the output's.

    pip install autograd
    backproof check --with examples/with_autograd.py:Autograd --expect examples/with_autograd.expect.toml

What that finds is in the second file, with the reasons.
"""

from importlib.metadata import version

import autograd.numpy as np
from autograd import make_vjp
from autograd.scipy import special

import backproof

LAYERS = {
    "linear": lambda x, W, b=0.0: np.dot(x, W) + b,
    "identity": lambda x: x,
    "relu": lambda x: np.maximum(x, 0.0),
    "tanh": np.tanh,
    "sigmoid": special.expit,
    "abs": np.abs,
    "atan": np.arctan,
    "cos": np.cos,
    "cosh": np.cosh,
    "erf": special.erf,
    "exp": np.exp,
    "expm1": np.expm1,
    "log": np.log,
    "log1p": np.log1p,
    "reciprocal": np.reciprocal,
    "sin": np.sin,
    "sinh": np.sinh,
    "sqrt": np.sqrt,
    "square": np.square,
    "softplus": lambda x: np.logaddexp(x, 0.0),
    "add": np.add,
    "subtract": np.subtract,
    "multiply": np.multiply,
    "divide": np.divide,
    "maximum": np.maximum,
    "minimum": np.minimum,
    "logaddexp": np.logaddexp,
    "hypot": np.hypot,
    "power": np.power,
    "atan2": np.arctan2,
    "matmul": np.matmul,
    "where": np.where,
    "sum": np.sum,
    "mean": np.mean,
    "prod": np.prod,
    "max": np.max,
    "min": np.min,
    "var": lambda x, correction=1, **how: np.var(x, ddof=correction, **how),
    "std": lambda x, correction=1, **how: np.std(x, ddof=correction, **how),
    "logsumexp": special.logsumexp,
    "cumsum": np.cumsum,
    "sort": np.sort,
    "concatenate": lambda *x, axis=-1: np.concatenate(x, axis),
    "stack": lambda *x, axis=0: np.stack(x, axis),
    "reshape": lambda x, shape=(-1,): np.reshape(x, shape),
    "transpose": np.transpose,
    "expand_dims": lambda x, axis=-1: np.expand_dims(x, axis),
    "squeeze": np.squeeze,
    "repeat": lambda x, repeats=2, axis=-1: np.repeat(x, repeats, axis),
    "tile": lambda x, reps=(2,): np.tile(x, reps),
    "roll": lambda x, shift=1, axis=-1: np.roll(x, shift, axis),
    "tril": lambda x, diagonal=0: np.tril(x, diagonal),
    "triu": lambda x, diagonal=0: np.triu(x, diagonal),
}
LOSSES = {  # each term of the loss, as one writes it with autograd
    "mean_squared_error": lambda p, t: np.square(p - t),
    "l1": lambda p, t: np.abs(p - t),
    "cross_entropy": lambda p, t: special.logsumexp(p, axis=1) - p[np.arange(len(t)), t],
    "hinge": lambda p, t: np.maximum(1.0 - t * p, 0.0),
    "binary_cross_entropy_with_logits": lambda p, t: np.logaddexp(0.0, p) - t * p,
}
# The choices that these functions make and that others make otherwise. An option that is none of theirs is refused.
CHOICES = {
    "relu": {"at_zero": 0.5},  # a tie between x and 0 is shared
    "abs": {"at_zero": 0.0},
    "tanh": {"tails": "rounded"},
    "sigmoid": {"tails": "rounded"},
    "softplus": {"above": "smooth", "beta": 1.0},
    "logsumexp": {"tails": "rounded"},
    "maximum": {"ties": "even"},
    "minimum": {"ties": "even"},
    "max": {"ties": "even"},
    "min": {"ties": "even"},
    "hypot": {"at_zero": "undefined"},
    "sort": {"descending": False, "ties": "first"},
    "mean_squared_error": {"scale": "whole"},
    "l1": {"at_zero": 0.0},
    "cross_entropy": {"tails": "rounded", "label_smoothing": 0.0},
    "hinge": {"margin": 1.0, "at_margin": 0.5},
    "binary_cross_entropy_with_logits": {"tails": "rounded"},
}
FREE = {"axis", "axes", "keepdims", "correction", "shape", "repeats", "reps", "shift", "diagonal", "reduction"}


class Autograd(backproof.Adapter):
    """Runs a problem's layers on autograd.numpy, and asks it for all gradients at once."""

    name = "autograd"

    def describe(self):
        return backproof.Description(self.name, version("autograd"), ["float64"], operations=[*LAYERS, *LOSSES])

    def gradients(self, problem):
        if problem.penalties:
            raise backproof.Unsupported("there are no penalties")
        taken = {name for layer in problem.network for name in layer.inputs}
        moving = {name: x for name, x in problem.inputs.items() if name in taken and x.dtype.kind == "f"}
        outputs, _ = run(problem, problem.parameters, problem.inputs, {})
        probes = {name: np.zeros_like(y) for name, y in outputs.items()}

        def head(parameters, moving, probes):
            return run(problem, parameters, {**problem.inputs, **moving}, probes)[1]

        variables = (problem.parameters, moving, probes)
        try:
            pull, value = make_vjp(lambda of: head(*of))(variables)
            found = pull(np.ones_like(value) if problem.upstream is None else problem.upstream)
        except NotImplementedError as error:  # as autograd itself says of sort
            raise backproof.Unsupported(str(error)) from error
        trace = {} if problem.loss is None else {"loss": value}
        trace |= {f"output.{name}": y for name, y in outputs.items()}
        return trace | {f"gradient.{name}": g for group in found for name, g in group.items()}


def run(problem, parameters, inputs, probes):
    """Every layer's output, and what stands last: the loss, or the last output."""
    values, outputs = dict(inputs), {}
    for layer in problem.network:
        own = {name: parameters[full] for name, full in layer.parameters.items()}
        arguments = [values[name] for name in layer.inputs]
        refuse_what_raises(layer, arguments[0])
        y = LAYERS[layer.op](*arguments, **own, **options(layer))
        values[layer.name] = outputs[layer.name] = y + probes.get(layer.name, 0.0)
    prediction = values[problem.network[-1].name]
    return outputs, prediction if problem.loss is None else loss(problem.loss, prediction, values)


def refuse_what_raises(layer, x):
    """Three gradients that are written for usual arguments only, and raise for others: they would end in an error."""
    axes = layer.options.get("axes") or ()
    if layer.op == "repeat" and layer.options.get("axis", -1) < 0 and x.ndim > 2:
        raise backproof.Unsupported("autograd's gradient of repeat has no negative axis")
    if layer.op == "transpose" and any(axis < 0 for axis in axes):
        raise backproof.Unsupported("autograd's gradient of transpose has no negative axes")
    if layer.op == "tile" and len(layer.options.get("reps", (2,))) < x.ndim:
        raise backproof.Unsupported("autograd's gradient of tile wants a number for every axis")


def loss(head, prediction, values):
    if set(head.targets) != {"target"}:
        raise backproof.Unsupported("there are no weights")
    target = values[head.targets["target"]]
    if head.op == "cross_entropy" and (prediction.ndim != 2 or target.dtype.kind != "i"):
        raise backproof.Unsupported("cross_entropy is written for rows of logits and a label for each")
    reduction = options(head).get("reduction", "mean")
    terms = LOSSES[head.op](prediction, target)
    return terms if reduction == "none" else np.sum(terms) if reduction == "sum" else np.mean(terms)


def options(head):
    """The options that an operation takes. A choice that is not its own is refused, never ignored."""
    fixed = CHOICES.get(head.op, {})
    for name, value in head.options.items():
        if name not in FREE and fixed.get(name) != value:
            raise backproof.Unsupported(f"autograd has no {head.op} with {name} = {value!r}")
    return {name: value for name, value in head.options.items() if name in FREE}
