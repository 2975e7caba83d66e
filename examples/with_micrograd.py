"""micrograd, judged: https://github.com/karpathy/micrograd, an autograd engine of scalars in a hundred lines.

What it shows: an implementation whose numbers are objects of its own. NumPy arrays of `Value`s do the book-keeping;
every sum, product, power and relu among them, and their gradients, are micrograd's.

    pip install micrograd
    backproof check --with examples/with_micrograd.py:Micrograd

What that finds: every tensor agrees. There is no tanh and no exp in the released engine, so there are no cases of them.
"""

import sys
from importlib.metadata import version

import numpy as np
from micrograd.engine import Value

import backproof

LAYERS = {
    "linear": lambda x, W, b=0: x @ W + b,
    "identity": lambda x: x + 0,
    "relu": lambda x: each(Value.relu, x),
    "square": lambda x: x**2,
    "reciprocal": lambda x: x**-1,
    "add": lambda x, z: x + z,
    "subtract": lambda x, z: x - z,
    "multiply": lambda x, z: x * z,
    "divide": lambda x, z: x / z,
    "matmul": lambda x, z: x @ z,
}
LOSSES = {  # each term of the loss
    "mean_squared_error": lambda p, t: (p - t) ** 2,
    "hinge": lambda p, t: each(Value.relu, 1 - t * p),
    "squared_hinge": lambda p, t: each(Value.relu, 1 - t * p) ** 2,
}
FIXED = {"at_zero": 0.0, "at_margin": 0.0, "margin": 1.0, "scale": "whole"}  # what relu's slope at zero comes to


def each(function, x):
    return np.asarray(np.frompyfunc(function, 1, 1)(x), dtype=object)


class Micrograd(backproof.Adapter):
    """Builds the graph of a problem from Values, and calls backward() on what stands last."""

    name = "micrograd"

    def __init__(self):
        sys.setrecursionlimit(100_000)  # backward() goes through the graph by recursion, and a sum is a long chain

    def describe(self):
        return backproof.Description(
            self.name, version("micrograd"), precisions=["float64"], operations=[*LAYERS, *LOSSES]
        )

    def gradients(self, problem):
        if problem.penalties:
            raise backproof.Unsupported("there are no penalties")
        parameters = {name: values(p) for name, p in problem.parameters.items()}
        known = {name: values(x) for name, x in problem.inputs.items()}
        for layer in problem.network:
            check(layer)
            own = {name: parameters[full] for name, full in layer.parameters.items()}
            known[layer.name] = np.asarray(LAYERS[layer.op](*(known[name] for name in layer.inputs), **own))
        head, trace = known[problem.network[-1].name], {}
        if problem.loss is not None:
            check(problem.loss)
            head = LOSSES[problem.loss.op](head, known[problem.loss.targets["target"]])
            reduction = problem.loss.options.get("reduction", "mean")
            if reduction != "none":
                total = np.sum(head, initial=Value(0.0))
                head = np.asarray(total / np.float64(head.size) if reduction == "mean" else total)
            trace["loss"] = numbers(head, "data")
        above = 1.0 if problem.upstream is None else problem.upstream
        np.sum(head * above, initial=Value(0.0)).backward()  # the gradient of what stands above, times each element
        taken = {name for layer in problem.network for name in layer.inputs}
        outputs = {layer.name for layer in problem.network}
        trace |= {f"output.{name}": numbers(known[name], "data") for name in outputs}
        trace |= {f"gradient.{name}": numbers(known[name], "grad") for name in taken | outputs}
        return trace | {f"gradient.{name}": numbers(p, "grad") for name, p in parameters.items()}


def check(head):
    for name, value in head.options.items():
        if name != "reduction" and value != FIXED.get(name):
            raise backproof.Unsupported(f"micrograd's {head.op} has no {name} = {value!r}")


def values(array):
    return each(lambda number: Value(np.float64(number)), array)  # NumPy's numbers: 1 / 0 is infinite, and no error


def numbers(array, of):
    """The data, or the gradients, of an array of Values."""
    return np.array([getattr(value, of) for value in array.ravel()], dtype=np.float64).reshape(array.shape)
