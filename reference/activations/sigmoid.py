"""Logistic sigmoid  y = σ(x) = 1 / (1 + e^-x).

With σ'(x) = e^-x / (1 + e^-x)² = σ(x) (1 − σ(x)) and 1 − σ(x) = σ(−x):

    dx = dy σ(x) σ(−x)

Shapes      x (...) -> y (...)
Convention  tails = "rounded": 1 − σ(x) is taken from the rounded output, as PyTorch and JAX do; no digit of it
            is left once σ(x) rounds to 1 (x > 37 in float64, x > 17 in float32).
            tails = "exact": σ(−x), right to the last digit for every x.
Source      Goodfellow, Bengio, Courville (2016), Deep Learning, eq. 3.30, 3.34 and 3.35
"""

from typing import Literal, NamedTuple

from scipy.special import expit

from .. import Array


class Saved(NamedTuple):
    y: Array  # (...)
    complement: Array  # (...)  1 − y


def forward(x: Array, *, tails: Literal["rounded", "exact"] = "rounded") -> tuple[Array, Saved]:
    y = expit(x)  # (...)
    complement = expit(-x) if tails == "exact" else 1 - y  # (...)
    return y, Saved(y, complement)


def backward(saved: Saved, dy: Array) -> Array:
    slope: Array = saved.y * saved.complement  # (...)
    return dy * slope
