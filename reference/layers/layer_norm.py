"""Layer normalisation  y = γ x̂ + β,  x̂ = (x − μ) / √(v + eps), μ and v of each row, over its last axis.

With μ = Σ x / D, v = Σ (x − μ)² / D and dx̂ = γ dy, both μ and v depend on every x of the row:

    dβ = Σ dy      dγ = Σ dy x̂            summed over the rows
    dx = (dx̂ − Σ dx̂ / D − x̂ Σ dx̂ x̂ / D) / √(v + eps)            summed over the row: products with γ

Shapes      x (..., D), weight γ (D,), bias β (D,) -> y (..., D)
Convention  v is the biased variance, with D and not D − 1, everywhere. eps is 1e-5 as in PyTorch, Equinox and MLX; Flax
            has 1e-6, Keras 1e-3.
Source      Ba, Kiros, Hinton (2016), Layer Normalization, equation 4
Raises      ValueError if weight or bias has not one number for each column of x
"""

from typing import NamedTuple

from .. import Array
from ._standard import standardised_rows


class Params(NamedTuple):
    weight: Array  # (D,)
    bias: Array  # (D,)


class Saved(NamedTuple):
    normal: Array  # (..., D)  x̂
    root: Array  # (..., 1)  √(v + eps)
    weight: Array  # (D,)


def forward(p: Params, x: Array, *, eps: float = 1e-5) -> tuple[Array, Saved]:
    _check(p, x)
    weight, bias = p
    normal, root = (found[..., 0, :] for found in standardised_rows(x[..., None, :], eps))  # (..., D), (..., 1)
    y = normal * weight  # (..., D)
    y += bias
    return y, Saved(normal, root, weight)


def backward(saved: Saved, dy: Array) -> tuple[Array, Params]:
    weight = saved.weight
    D = len(weight)
    rows, normal, root = dy.reshape(-1, D), saved.normal.reshape(-1, D), saved.root.reshape(-1, 1)  # (N, D), (N, 1)
    along = rows * normal  # (N, D)
    dbias, dweight = rows.sum(axis=0), along.sum(axis=0)  # (D,)
    column = weight[:, None] / D  # (D, 1)
    dx = rows * weight  # (N, D)  dx̂
    dx -= rows @ column
    dx -= normal * (along @ column)
    dx /= root
    return dx.reshape(dy.shape), Params(dweight, dbias)


def _check(p: Params, x: Array) -> None:
    if x.ndim < 1 or any(values.shape != x.shape[-1:] for values in p):
        raise ValueError(f"layer_norm: x {x.shape} needs weight and bias of shape {x.shape[-1:]}")
