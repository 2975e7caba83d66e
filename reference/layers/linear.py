"""Affine map  y = x W + b.

With dy = ∂L/∂y, y_nk = Σ_d x_nd W_dk + b_k gives

    ∂L/∂x_nd = Σ_k dy_nk W_dk      dx = dy Wᵀ
    ∂L/∂W_dk = Σ_n x_nd dy_nk      dW = xᵀ dy
    ∂L/∂b_k  = Σ_n dy_nk           db = Σ_n dy_n

Leading axes of x beyond one are a batch like any other: sums over n run over all of them.

Shapes      x (..., D), W (D, K), b (K,) or none -> y (..., K)
Convention  W is (D, K). torch.nn.Linear and Equinox store its transpose.
Source      Goodfellow, Bengio, Courville (2016), Deep Learning, section 6.5.6 (the rule of the matrix product)
Raises      ValueError if x has another number of columns than W has rows, or b another length than W columns
"""

from typing import NamedTuple

from .. import Array


class Params(NamedTuple):
    W: Array  # (D, K)
    b: Array | None = None  # (K,)


class Saved(NamedTuple):
    x: Array  # (..., D)
    W: Array  # (D, K)
    has_b: bool


def forward(p: Params, x: Array) -> tuple[Array, Saved]:
    W, b = p
    if x.shape[-1:] != W.shape[:1]:
        raise ValueError(f"linear: x {x.shape} and W {W.shape} do not fit: x needs {W.shape[0]} columns")
    y = x @ W  # (..., K)
    if b is not None:
        if b.shape != W.shape[1:]:
            raise ValueError(f"linear: b {b.shape} does not fit W {W.shape}: b needs shape {W.shape[1:]}")
        y += b
    return y, Saved(x, W, b is not None)


def backward(saved: Saved, dy: Array) -> tuple[Array, Params]:
    dp = backward_parameters(saved, dy)
    dx = dy @ saved.W.T  # (..., D)
    return dx, dp


def backward_parameters(saved: Saved, dy: Array) -> Params:
    """All but dx: what training needs of a network's first layer."""
    x, _, has_b = saved
    if dy.ndim != 2:
        x, dy = x.reshape(-1, x.shape[-1]), dy.reshape(-1, dy.shape[-1])  # (N, D), (N, K)
    db = dy.sum(axis=0) if has_b else None  # (K,)
    dW = x.T @ dy  # (D, K)
    return Params(dW, db)
