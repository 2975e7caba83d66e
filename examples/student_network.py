"""A student's classifier in NumPy, of the usual kind: a class with forward, backward and step, and a training loop.

What it shows: all three checks. Gradients and updates are each asked from given numbers, so that a mistake shows where
it is made; training runs both together, batch by batch.

    backproof check --with examples/student_network.py:Student

What that finds: every tensor agrees. Change `self.v[name] = momentum * self.v[name] + gradient` to
`momentum * self.v[name] + lr * gradient`, and the updates are outside while all the gradients stay right.
"""

import numpy as np

import backproof

# ---------------------------------------------------------------- the student's own code, which knows nothing of us
ACTIVATIONS = {  # the value from z, and the slope from the value
    "tanh": (np.tanh, lambda a: 1 - a * a),
    "sigmoid": (lambda z: 1 / (1 + np.exp(-z)), lambda a: a * (1 - a)),
    "relu": (lambda z: np.maximum(z, 0), lambda a: a > 0),
}


class Network:
    """Layers of weights with one activation between them, and softmax with cross-entropy at the end."""

    def __init__(self, weights, biases, activation):
        self.weights, self.biases = weights, biases
        self.activate, self.slope = ACTIVATIONS[activation]

    def forward(self, x):
        self.inputs = []  # of each layer: x, then the activations
        for W, b in zip(self.weights, self.biases, strict=True):
            self.inputs.append(x if not self.inputs else self.activate(x))
            x = self.inputs[-1] @ W + b
        self.exps = np.exp(x - x.max(axis=1, keepdims=True))
        self.probabilities = self.exps / self.exps.sum(axis=1, keepdims=True)
        return self.probabilities

    def loss(self, y):
        rows = np.arange(len(y))
        return np.mean(np.log(self.exps.sum(axis=1)) - np.log(self.exps[rows, y]))

    def backward(self, y):
        delta = self.probabilities.copy()
        delta[np.arange(len(y)), y] -= 1
        delta /= len(y)
        dW, db = [], []
        for i in reversed(range(len(self.weights))):
            dW.insert(0, self.inputs[i].T @ delta)
            db.insert(0, delta.sum(axis=0))
            if i:
                delta = (delta @ self.weights[i].T) * self.slope(self.inputs[i])
        return dW, db


class Momentum:
    """Gradient descent with momentum, in place."""

    def __init__(self, parameters, momentum):
        self.parameters, self.momentum = parameters, momentum
        self.v = {name: np.zeros_like(p) for name, p in parameters.items()}

    def step(self, gradients, lr):
        for name, gradient in gradients.items():
            self.v[name] = self.momentum * self.v[name] + gradient
            self.parameters[name] -= self.parameters[name].dtype.type(lr) * self.v[name]


# ---------------------------------------------------------------- the adapter: which of those arrays is which tensor
class Student(backproof.Adapter):
    """Says so, and refuses what the code above does not do."""

    name = "student"

    def describe(self):
        operations = ["linear", "tanh", "sigmoid", "relu", "cross_entropy", "sgd"]
        tensors = ["loss", "gradient.*.*", "update.*", "state.*", "trajectory.*"]
        return backproof.Description(self.name, "1.0", tensors=tensors, operations=operations)

    def gradients(self, problem):
        network, names = build(problem, problem.parameters)
        target = problem.inputs[problem.loss.targets["target"]]
        loss, gradients = loss_and_gradients(network, names, problem.inputs[problem.network[0].inputs[0]], target)
        return {"loss": loss, **{f"gradient.{name}": g for name, g in gradients.items()}}

    def updates(self, problem):
        parameters = {name: p.copy() for name, p in problem.parameters.items()}
        optimizer = Momentum(parameters, momentum_of(problem))
        trace = {}
        for k, (gradients, lr) in enumerate(zip(problem.gradients, problem.optimizer.rates, strict=True), 1):
            optimizer.step(gradients, lr)
            trace |= {f"update.{k}.{name}": p.copy() for name, p in parameters.items()}
            if optimizer.momentum:  # without it, there is nothing that anybody could call a buffer
                trace |= {f"state.{k}.momentum.{name}": v for name, v in optimizer.v.items()}
        return trace

    def training(self, problem):
        parameters = {name: p.copy() for name, p in problem.parameters.items()}
        optimizer = Momentum(parameters, momentum_of(problem))
        network, names = build(problem, parameters)  # it holds the very arrays that the optimizer changes
        x, y = problem.inputs[problem.network[0].inputs[0]], problem.inputs[problem.loss.targets["target"]]
        trace = {}
        for epoch, (batches, lr) in enumerate(zip(problem.training.batches, problem.training.rates, strict=True), 1):
            steps = []
            for rows in batches:
                loss, gradients = loss_and_gradients(network, names, x[rows], y[rows])
                optimizer.step(gradients, lr)
                steps.append({"loss": loss, **{name: p.copy() for name, p in parameters.items()}})
            trace |= {f"trajectory.{epoch}.{name}": np.stack([step[name] for step in steps]) for name in steps[0]}
        return trace


def build(problem, parameters):
    """The student's network for a problem, and the problem's names of its weights and biases."""
    linear, between = problem.network[::2], problem.network[1::2]
    kinds = {layer.op for layer in between}
    if any(layer.op != "linear" or "b" not in layer.parameters for layer in linear) or len(kinds) > 1:
        raise backproof.Unsupported("only linear layers with a bias, and one kind of activation between them")
    if kinds & {"linear"} or len(problem.network) % 2 == 0:
        raise backproof.Unsupported("an activation stands between every two layers, and none at the end")
    if problem.loss is None or problem.inputs[problem.network[0].inputs[0]].ndim != 2:
        raise backproof.Unsupported("only rows, and a loss")
    names = [[layer.parameters[p] for layer in linear] for p in ("W", "b")]
    if len(set(names[0])) < len(linear):
        raise backproof.Unsupported("no two layers share a weight")
    if problem.inputs[problem.loss.targets["target"]].dtype != np.int64:
        raise backproof.Unsupported("a target is a label")
    odd = {key: value for key, value in problem.loss.options.items() if (key, value) not in USUAL}
    odd |= {key: value for layer in between for key, value in layer.options.items() if (key, value) not in USUAL}
    if odd or "weight" in problem.loss.targets or problem.upstream is not None or problem.penalties:
        raise backproof.Unsupported(f"only the mean, with nothing above or beside it; no {odd or 'such thing'}")
    return Network(*([parameters[name] for name in group] for group in names), *(kinds or {"tanh"})), names


USUAL = {("reduction", "mean"), ("tails", "rounded"), ("at_zero", 0.0)}


def loss_and_gradients(network, names, x, y):
    network.forward(x)
    dW, db = network.backward(y)
    return network.loss(y), dict(zip(names[0] + names[1], dW + db, strict=True))


def momentum_of(problem):
    head = problem.optimizer
    around = head.groups or head.schedule or head.clip or head.average or head.accumulation or head.loss_scale
    others = {name: value for name, value in head.options.items() if name != "momentum" and value}
    if around or others or head.maximize or head.absent == "zero":
        raise backproof.Unsupported(f"only momentum, and nothing around it; no {others or 'such thing'}")
    return head.options.get("momentum", 0.0)
