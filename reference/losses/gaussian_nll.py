"""Negative log-likelihood of t under a normal distribution of mean p and variance v, without ½ ln 2π unless full.

    term = ½ (ln v + (p − t)² / v)

    ∂term/∂p = (p − t) / v         ∂term/∂v = ½ (1 − (p − t)² / v) / v

A variance below eps is taken for eps. One variance for several elements gets the sum of their gradients.

Shapes      prediction (...), target (...), var (...), alike or broadcasting -> loss () for mean and sum, (...) for none
Convention  below_eps = "passes": where v ≤ eps, the gradient reaches v as if it were eps, as PyTorch has it;
            "stops": none does, as max(v, eps) has it in MLX.
Source      Nix, Weigend (1994), Estimating the Mean and Variance of the Target Probability Distribution;
            torch.nn.GaussianNLLLoss for eps
Raises      ValueError if prediction and target differ in shape, var does not broadcast to it, or is negative somewhere
"""

from typing import Literal, NamedTuple

import numpy as np

from .. import Array
from ..constants import pi
from ..layers._broadcast import reduced
from ._reduction import Reduction, reduce, spread


class Saved(NamedTuple):
    error: Array  # (...)
    var: Array  # (...)  as given
    clamped: Array  # (...)  at least eps
    eps: float
    below_eps: Literal["passes", "stops"]
    reduction: Reduction


def forward(
    prediction: Array,
    target: Array,
    var: Array,
    *,
    reduction: Reduction = "mean",
    full: bool = False,
    eps: float = 1e-6,
    below_eps: Literal["passes", "stops"] = "passes",
) -> tuple[Array, Saved]:
    _check(prediction, target, var)
    error = prediction - target  # (...)
    clamped = np.maximum(var, eps)  # (...)
    terms = (np.log(clamped) + np.square(error) / clamped) / 2  # (...)
    if full:
        terms = terms + np.log(2 * pi(error)) / 2  # (...)
    return reduce(terms, reduction), Saved(error, var, clamped, eps, below_eps, reduction)


def backward(saved: Saved, dloss: Array | None = None) -> tuple[Array, None, Array]:
    error, var, clamped, eps, below_eps, reduction = saved
    slope = error / clamped  # (...)
    dvar = spread((1 - error * slope) / clamped / 2, dloss, error.size, reduction)  # (...)
    if below_eps == "stops":
        dvar = np.where(var > eps, dvar, 0)  # (...)
    return spread(slope, dloss, error.size, reduction), None, reduced(dvar, var.shape)


def _check(prediction: Array, target: Array, var: Array) -> None:
    shape = prediction.shape
    if target.shape != shape or var.ndim != len(shape) or np.broadcast_shapes(var.shape, shape) != shape:
        raise ValueError(
            f"gaussian_nll: prediction {shape}, target {target.shape} and var {var.shape} do not fit: the first two "
            "must be alike, and var may have axes of length 1"
        )
    if (var < 0).any():
        raise ValueError("gaussian_nll: var must not be negative")
