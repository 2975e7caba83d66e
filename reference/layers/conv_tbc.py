"""Convolution over time: that of one axis, with time first, then the batch, then the channels.

With x̂ for x and pad zeros before and behind, number i of the kernel meets x̂ at l + i:

    y_lno = Σ_ic x̂_(l+i)nc W_ico + b_o

a product of rows, which hold the K numbers of x̂ side by side, with W. With dy = ∂L/∂y:

    drows = dy Wᵀ, of which x̂_j gets what each row with l + i = j has for it      dW = rowsᵀ dy      db_o = Σ_ln dy_lno

Shapes      x (T, N, C), W (K, C, O), b (O,) -> y (L, N, O), L = T + 2 pad − K + 1
Convention  The kernel is not flipped, and a bias there must be, as in PyTorch. There is no stride and no dilation.
Source      torch.nn.functional.conv_tbc; conv for the layout of images
Raises      ValueError if x, W and b do not fit, pad is negative, or x with its border is shorter than the kernel
"""

from typing import NamedTuple

import numpy as np

from .. import Array


class Params(NamedTuple):
    W: Array  # (K, C, O)
    b: Array  # (O,)


class Saved(NamedTuple):
    rows: Array  # (L, N, K·C)
    W: Array  # (K, C, O)
    pad: int


def forward(p: Params, x: Array, *, pad: int = 0) -> tuple[Array, Saved]:
    W, b = p
    _check(p, x, pad)
    border = np.zeros_like(x, shape=(pad, *x.shape[1:]))  # (pad, N, C)
    wide = np.concatenate([border, x, border])  # (T + 2 pad, N, C)  x̂
    L = len(wide) - len(W) + 1
    rows = np.concatenate([wide[i : i + L] for i in range(len(W))], axis=2)  # (L, N, K·C)
    y = rows @ _matrix(W)  # (L, N, O)
    y += b
    return y, Saved(rows, W, pad)


def backward(saved: Saved, dy: Array) -> tuple[Array, Params]:
    rows, W, pad = saved
    L, N, O = dy.shape  # noqa: E741 - the letters of the shapes
    K, C, _ = W.shape
    db = dy.sum(axis=(0, 1))  # (O,)
    dW = rows.reshape(L * N, K * C).T @ dy.reshape(L * N, O)  # (K·C, O)
    drows = dy @ _matrix(W).T  # (L, N, K·C)
    dwide = np.zeros_like(dy, shape=(L + K - 1, N, C))  # (T + 2 pad, N, C)
    for i in range(K):
        met = dwide[i : i + L]  # (L, N, C)
        met += drows[:, :, i * C : (i + 1) * C]
    return dwide[pad : len(dwide) - pad], Params(dW.reshape(W.shape), db)


def _matrix(W: Array) -> Array:
    """(K, C, O) -> (K·C, O)."""
    return W.reshape(len(W) * W.shape[1], W.shape[2])


def _check(p: Params, x: Array, pad: int) -> None:
    if x.ndim != 3 or p.W.ndim != 3 or x.shape[2] != p.W.shape[1] or p.b.shape != p.W.shape[2:]:
        raise ValueError(f"conv_tbc: x {x.shape}, W {p.W.shape} and b {p.b.shape} do not fit: x (T, N, C) needs W "
                         "(K, C, O) and b (O,)")  # fmt: skip
    if pad < 0 or len(x) + 2 * pad < len(p.W):
        raise ValueError(f"conv_tbc: pad must be at least 0, and x {x.shape} with it no shorter than W {p.W.shape}; "
                         f"got {pad}")  # fmt: skip
