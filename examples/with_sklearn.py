"""scikit-learn's MLPClassifier and MLPRegressor, judged: the loss, its gradients, and one step of each optimizer.

What it shows: a library that has no public door to its gradients. `_backprop` and the optimizer classes are private;
the public `partial_fit` only takes a whole step. It also shows how conventions are named: scikit-learn has half the
squared error (scale = "half"), an L2 penalty of alpha / 2 N (an `l2_penalty` of strength alpha / N), momentum with the
rate inside (`sgd_velocity`), and Adam as its paper ends (eps_at = "hat"). What is asked otherwise is refused.

    pip install 'scikit-learn>=1.7'
    cd examples
    backproof check --with with_sklearn.py:ScikitLearn
    backproof check --with with_sklearn.py:ScikitLearn --expect with_sklearn.expect.toml cases

What that finds: every tensor of the catalogue's cases agrees. The second command, whose cases are made for it, finds a
mistake: for several outputs the loss is the mean over them and the gradient that of the sum.
"""

import numpy as np
import sklearn
from sklearn.neural_network import MLPClassifier, MLPRegressor
from sklearn.neural_network._stochastic_optimizers import AdamOptimizer, SGDOptimizer

import backproof

ACTIVATIONS = {"identity": "identity", "sigmoid": "logistic", "tanh": "tanh", "relu": "relu"}
USUAL = [  # the options that are what scikit-learn does
    ("reduction", "mean"), ("scale", "half"), ("tails", "rounded"), ("at_zero", 0.0),
    ("weight_decay", 0.0), ("eps_at", "hat"), ("bias_correction", True), ("amsgrad", "off"),
]  # fmt: skip
OPTIMIZERS = {  # from the options, and the buffers that are compared
    "sgd_velocity": (
        lambda p, momentum=0.0, nesterov=False: SGDOptimizer(p, momentum=momentum, nesterov=nesterov),
        {"v": "velocities"},
    ),
    "adam": (
        lambda p, betas=(0.9, 0.999), eps=1e-8: AdamOptimizer(p, beta_1=betas[0], beta_2=betas[1], epsilon=eps),
        {"m": "ms", "v": "vs"},
    ),
}


class ScikitLearn(backproof.Adapter):
    """Sets a network's weights, and has it go forward and back once."""

    name = "scikit-learn"

    def describe(self):
        layers = ["linear", *ACTIVATIONS]
        operations = [*layers, "cross_entropy", "mean_squared_error", "l2_penalty", *OPTIMIZERS]
        tensors = ["loss", "gradient.*.*", "update.*", "state.*"]
        return backproof.Description(self.name, sklearn.__version__, tensors=tensors, operations=operations)

    def gradients(self, problem):
        linear, between = problem.network[::2], problem.network[1::2]
        kinds = {layer.op for layer in between} or {"identity"}
        refuse(len(problem.network) % 2 == 0 or any(layer.op != "linear" for layer in linear), "linear at both ends")
        refuse(len(kinds) > 1 or "linear" in kinds, "one kind of activation between the layers")
        refuse(any("b" not in layer.parameters for layer in linear), "a bias in every layer")
        refuse(problem.loss is None or problem.upstream is not None, "a loss, with nothing above it")
        for head in (problem.loss, *between):
            only_usual(head)
        names = [[layer.parameters[p] for layer in linear] for p in ("W", "b")]
        refuse(len(set(names[0])) < len(linear), "a weight of its own for each layer")

        x, y = problem.inputs[linear[0].inputs[0]], problem.inputs[problem.loss.targets["target"]]
        refuse(x.ndim != 2 or len(x) == 0 or set(problem.loss.targets) != {"target"}, "rows, and a target for each")
        model = network(problem, x, y, [problem.parameters[name] for name in names[1]], *kinds)
        model.coefs_ = [problem.parameters[name] for name in names[0]]
        model.intercepts_ = [problem.parameters[name] for name in names[1]]
        if isinstance(model, MLPClassifier):
            y = np.eye(model.n_outputs_, dtype=x.dtype)[y]
        count = len(linear)
        empty = [None] * count
        activations = [x, *empty]
        loss, dW, db = model._backprop(x, y, None, activations, list(empty), list(empty), list(empty))
        found = zip(names[0] + names[1], dW + db, strict=True)
        return {"loss": loss, **{f"gradient.{name}": g for name, g in found}}

    def updates(self, problem):
        head = problem.optimizer
        around = (head.groups, head.schedule, head.clip, head.average, head.accumulation, head.loss_scale)
        refuse(any(around) or head.maximize or head.defaults, "nothing around a step")
        refuse(any(set(step) != set(problem.parameters) for step in problem.gradients), "a gradient for each parameter")
        make, buffers = OPTIMIZERS[head.op]
        parameters = {name: p.copy() for name, p in problem.parameters.items()}
        optimizer = make(list(parameters.values()), **only_usual(head, "momentum", "nesterov", "betas", "eps"))
        trace = {}
        for k, (gradients, rate) in enumerate(zip(problem.gradients, head.rates, strict=True), 1):
            optimizer.learning_rate = optimizer.learning_rate_init = rate
            optimizer.update_params(list(parameters.values()), [gradients[name] for name in parameters])
            trace |= {f"update.{k}.{name}": p.copy() for name, p in parameters.items()}
            for buffer, attribute in buffers.items():
                now = zip(parameters, getattr(optimizer, attribute), strict=True)
                trace |= {f"state.{k}.{buffer}.{name}": s for name, s in now}
        return trace


def network(problem, x, y, biases, kind):
    """A classifier or a regressor that has been set up for data of this shape. Its weights are still its own."""
    sizes = [len(b) for b in biases]
    kind_of = MLPClassifier if problem.loss.op == "cross_entropy" else MLPRegressor
    settings = {"activation": ACTIVATIONS[kind], "alpha": alpha(problem, len(x)), "solver": "sgd"}
    model = kind_of(hidden_layer_sizes=sizes[:-1], **settings)
    if kind_of is MLPRegressor:
        return model.partial_fit(x, y.ravel() if y.shape[1] == 1 else y)
    refuse(y.ndim != 1 or sizes[-1] < 3, "labels of three classes or more")  # of two it makes one output
    return model.partial_fit(x, y, classes=range(sizes[-1]))


def alpha(problem, rows):
    """scikit-learn's alpha, which it divides by the number of rows, and which every weight has or none."""
    found = {penalty.parameter: penalty.options["strength"] for penalty in problem.penalties}
    weights = {layer.parameters["W"] for layer in problem.network if layer.op == "linear"}
    for penalty in problem.penalties:
        only_usual(penalty, "strength")
    refuse(found and (set(found) != weights or len(set(found.values())) > 1), "one l2_penalty for all the weights")
    return found.popitem()[1] * rows if found else 0.0


def only_usual(head, *free):
    """The options that may be chosen. Others must be what scikit-learn does anyway."""
    odd = {name: v for name, v in head.options.items() if name not in free and (name, v) not in USUAL}
    if odd:
        raise backproof.Unsupported(f"scikit-learn's {head.op} has no {odd}")
    refuse(head.op == "mean_squared_error" and head.options.get("scale") != "half", "half the squared error")
    refuse(head.op == "adam" and head.options.get("eps_at") != "hat", "an eps beside the uncorrected root")
    return {name: value for name, value in head.options.items() if name in free}


def refuse(otherwise, only):
    if otherwise:
        raise backproof.Unsupported(f"only {only}")
