"""The logistic function and its integral.

    σ(x) = 1 / (1 + e^−x)      σ(−x) = 1 − σ(x)      softplus(x) = ln(1 + e^x) = max(x, 0) + ln(1 + e^−|x|)

SciPy's `expit` and NumPy's `logaddexp` give the same, four and twenty times as slowly for float32.
"""

import numpy as np

from .. import Array


def sigmoid(x: Array) -> Array:
    """σ(x). Where e^−x overflows, σ(x) is too small for a normal number, and 0 in its place is right."""
    with np.errstate(over="ignore"):
        y: Array = 1 / (1 + np.exp(-x))
    return y


def sigmoids(x: Array) -> tuple[Array, Array]:
    """σ(x) and σ(−x), each to its last digit: 1 − σ(x) has none left where σ(x) is nearly 1."""
    with np.errstate(over="ignore", divide="ignore"):
        e = np.exp(-x)  # (...)
        return 1 / (1 + e), 1 / (1 + 1 / e)


def softplus(x: Array) -> Array:
    """ln(1 + e^x), in which no exponential overflows."""
    y: Array = np.maximum(x, 0) + np.log1p(np.exp(-np.abs(x)))
    return y
