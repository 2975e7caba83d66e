"""The graph: what is used twice gets the sum of its gradients, wherever it is used."""

from types import ModuleType
from typing import Any

import numpy as np
import pytest

from backproof.reference import network, operations
from backproof.reference.network import Layer

# Whole numbers: every product and sum is exact, and so is the comparison.
X = np.array([[4.0, -3.0, 2.0], [1.0, 5.0, -6.0]])
W = np.array([[7.0, -2.0], [3.0, 5.0], [-1.0, 6.0]])
UPSTREAM = np.array([[3.0, -2.0], [-7.0, 5.0]])


class Product(ModuleType):
    """y = a b: an operation of two inputs."""

    @staticmethod
    def forward(a: Any, b: Any) -> Any:
        return a * b, (a, b)

    @staticmethod
    def backward(saved: Any, dy: Any) -> Any:
        a, b = saved
        return dy * b, dy * a


def layer(name: str, op: str, source: str, *parameters: str | None) -> Layer:
    return Layer(name, operations.find(op, *operations.NETWORK), (source,), parameters, {})


def gradients(layers: list[Layer]) -> dict[str, Any]:
    _, saved = network.forward(layers, {"W": W}, {"x": X})
    return network.backward(layers, saved, {layers[-1].name: UPSTREAM})


def test_an_output_used_twice_accumulates() -> None:
    """y = relu(h) · h: the gradient of h has a part from each."""
    layers = [
        layer("h", "linear", "x", "W", None),
        layer("r", "relu", "h"),
        layer("i", "identity", "h"),
        Layer("y", Product("product"), ("r", "i"), (), {}),
    ]
    found = gradients(layers)
    h = X @ W
    assert (h > 0).any()
    assert (h < 0).any()
    expected = UPSTREAM * (h * (h > 0) + np.maximum(h, 0))
    assert np.array_equal(found["h"], expected)
    assert np.array_equal(found["W"], X.T @ expected)


def test_one_value_in_both_places_of_an_operation() -> None:
    layers = [layer("h", "linear", "x", "W", None), Layer("y", Product("product"), ("h", "h"), (), {})]
    assert np.array_equal(gradients(layers)["h"], 2 * UPSTREAM * (X @ W))


def test_nothing_that_was_given_is_changed() -> None:
    upstream, x, w = UPSTREAM.copy(), X.copy(), W.copy()
    gradients([layer("h", "linear", "x", "W", None), layer("i", "identity", "h"), layer("r", "relu", "i")])
    for now, before in ((UPSTREAM, upstream), (X, x), (W, w)):
        assert np.array_equal(now, before)


ERRORS = (  # losses of a prediction and a target alike
    "mean_squared_error", "l1", "smooth_l1", "huber", "log_cosh", "binary_cross_entropy", "poisson_nll",
    "binary_cross_entropy_with_logits", "cross_entropy", "sigmoid_focal", "multilabel_soft_margin",
)  # fmt: skip


@pytest.mark.parametrize("dtype", [np.float32, np.float64])  # SciPy has these; the shorter ones are simulated
def test_every_operation_keeps_the_precision_it_is_given(dtype: type) -> None:
    x = np.abs(np.tanh(np.tile(X, 2))).astype(dtype) + dtype(0.125)  # an even number of columns, in every domain
    for op in operations.names("activations"):
        operation = operations.find(op, "activations")
        y, saved = operation.forward(x)
        assert y.dtype == dtype, op
        dx = operation.backward(saved, y)  # a tuple where further inputs may be given
        assert {gradient.dtype for gradient in (dx if isinstance(dx, tuple) else (dx,))} == {np.dtype(dtype)}, op
    p = np.abs(np.tanh(X)).astype(dtype)
    for op in ERRORS:
        operation = operations.find(op, "losses")
        for reduction in ("mean", "sum"):
            loss, saved = operation.forward(p, p[::-1], reduction=reduction)
            assert loss.dtype == dtype, op
            assert operation.backward(saved).dtype == dtype, op


def test_shapes_that_do_not_fit_name_the_layer() -> None:
    with pytest.raises(ValueError, match=r"layer 'h': linear: x \(2, 2\) and W \(3, 2\)"):
        network.forward([layer("h", "linear", "x", "W", None)], {"W": W}, {"x": X[:, :2]})
