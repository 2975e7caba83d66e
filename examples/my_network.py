"""A user's own network in NumPy, and the adapter that has it judged."""

import numpy as np

import backproof


def train_me(x, y, W1, b1, W2, b2):
    """One hidden tanh layer, mean squared error: the loss and its gradients, written by hand."""
    h = np.tanh(x @ W1 + b1)
    p = h @ W2 + b2
    loss = np.mean((p - y) ** 2)
    dp = 2 * (p - y) / p.size
    dh = dp @ W2.T
    dz = dh * (1 - h * h)
    return loss, {"W1": x.T @ dz, "b1": dz.sum(0), "W2": h.T @ dp, "b2": dp.sum(0)}


class MyNetwork(backproof.Adapter):
    """Says which tensors of the case are which arrays of ours."""

    name = "my network"

    def describe(self):
        return backproof.Description(self.name, "1.0", tensors=["loss", "gradient.*.*"])

    def gradients(self, problem):
        if [layer.op for layer in problem.network] != ["linear", "tanh", "linear"]:
            raise backproof.Unsupported("only linear, tanh, linear")
        if problem.loss is None or problem.loss.op != "mean_squared_error":
            raise backproof.Unsupported("only mean squared error")
        if problem.loss.options.get("reduction", "mean") != "mean" or problem.upstream is not None:
            raise backproof.Unsupported("only the mean, with nothing above it")
        first, _, last = problem.network
        names = {"W1": first.parameters["W"], "b1": first.parameters["b"],
                 "W2": last.parameters["W"], "b2": last.parameters["b"]}  # fmt: skip
        ours = {mine: problem.parameters[theirs] for mine, theirs in names.items()}
        loss, grads = train_me(problem.inputs["x"], problem.inputs["target"], **ours)
        return {"loss": np.asarray(loss), **{f"gradient.{names[mine]}": g for mine, g in grads.items()}}
