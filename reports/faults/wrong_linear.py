"""Mistakes in the affine map. Each names only the parts that it gets wrong; the others are right.

x and dy are matrices here, whatever the rank: (N, D) and (N, K); W is (D, K), b (K,).
"""

# ruff: noqa: ARG005 - each part takes what the right one takes, and leaves out what it gets wrong

from collections.abc import Callable
from typing import Any

import numpy as np

from ...reference.layers import linear
from ..record import CheckName
from .planting import Fault, Patches, coarse, single, ten_bits

Part = Callable[..., Any]
RIGHT: dict[str, Part] = {
    "y": lambda x, W, b: x @ W if b is None else x @ W + b,
    "dx": lambda x, W, dy: dy @ W.T,
    "dW": lambda x, dy: x.T @ dy,
    "db": lambda x, dy: dy.sum(axis=0),
}


def made(parts: dict[str, Part]) -> Patches:
    """The layer with some parts of its own."""
    p = RIGHT | parts

    def forward(params: linear.Params, x: Any) -> tuple[Any, linear.Saved]:
        y = p["y"](_rows(x), *params).reshape(*x.shape[:-1], params.W.shape[1])
        return y, linear.Saved(x, params.W, params.b is not None)

    def backward_parameters(saved: linear.Saved, dy: Any) -> linear.Params:
        x, dy = _rows(saved.x), _rows(dy)
        return linear.Params(p["dW"](x, dy), p["db"](x, dy) if saved.has_b else None)

    def backward(saved: linear.Saved, dy: Any) -> tuple[Any, linear.Params]:
        dx = p["dx"](_rows(saved.x), saved.W, _rows(dy)).reshape(saved.x.shape)
        return dx, backward_parameters(saved, dy)

    patches: Patches = {(linear, "backward"): backward}
    if "y" in parts:
        patches[linear, "forward"] = forward
    if hasattr(linear, "backward_parameters"):
        patches[linear, "backward_parameters"] = backward_parameters
    return patches


def _rows(x: Any) -> Any:
    return x if x.ndim == 2 else x.reshape(-1, x.shape[-1])


def wrong(id: str, says: str, column: CheckName = "gradient", **parts: Part) -> Fault:
    return Fault(id, "linear", says, column, lambda: made(parts))


def whole(id: str, says: str, column: CheckName = "gradient", float64_only: str = "", **functions: Part) -> Fault:
    """A fault of whole functions, for what does not fit into parts."""
    return Fault(id, "linear", says, column, lambda: {(linear, n): f for n, f in functions.items()}, float64_only)


def _first_axis_only(saved: linear.Saved, dy: Any) -> linear.Params:
    """Each matrix of the batch gets its own dW, where one sum over all is due."""
    dW = np.swapaxes(saved.x, -1, -2) @ dy
    return linear.Params(dW if dy.ndim == 2 else dW[0], dy.reshape(-1, dy.shape[-1]).sum(0) if saved.has_b else None)


def _unreduced(saved: linear.Saved, dy: Any) -> linear.Params:
    """db summed over the first axis alone."""
    dW = _rows(saved.x).T @ _rows(dy)
    return linear.Params(dW, dy.sum(axis=0) if saved.has_b else None)


def _backward(of_parameters: Part) -> dict[str, Part]:
    """Both doors to the gradients of the parameters."""
    functions = {"backward": lambda saved, dy: (dy @ saved.W.T, of_parameters(saved, dy))}
    return functions | ({"backward_parameters": of_parameters} if hasattr(linear, "backward_parameters") else {})


def _coarse(cut: Part) -> dict[str, Part]:
    names = ("forward", "backward", "backward_parameters")
    return {name: coarse(getattr(linear, name), cut) for name in names if hasattr(linear, name)}


def _squeezed(saved: linear.Saved, dy: Any) -> tuple[Any, linear.Params]:
    dy = np.atleast_2d(dy)
    dx = dy @ saved.W.T
    db = _rows(dy).sum(axis=0) if saved.has_b else None
    return dx[0] if len(dx) == 1 else dx, linear.Params(_rows(saved.x).T @ _rows(dy), db)


def _tiled(x: Any, W: Any, b: Any) -> Any:
    full = x.shape[1] // 16 * 16 or x.shape[1]
    return RIGHT["y"](x[:, :full], W[:full], b)


FAULTS = [
    wrong("E16-dx-without-transpose", "dx = dy Wᵀ; dy W wherever W is square",
          dx=lambda x, W, dy: dy @ (W if W.shape[0] == W.shape[1] else W.T)),
    wrong("E05-db-scalar", "db sums each column; the sum over everything, broadcast",
          db=lambda x, dy: np.full(dy.shape[1:], dy.sum(), dy.dtype)),
    wrong("E06-db-mean", "db is a sum; the mean, though the loss is a mean already",
          db=lambda x, dy: dy.sum(axis=0) / max(len(dy), 1)),
    wrong("E06-db-last-row", "db sums all rows; the last row", db=lambda x, dy: dy[-1] if len(dy) else dy.sum(0)),
    wrong("E08-db-of-x", "db has no x in it; column sums of xᵀ dy", db=lambda x, dy: (x.T @ dy).sum(axis=0)),
    wrong("E02-dW-divided-again", "1/N stands in the loss; once more in dW",
          dW=lambda x, dy: x.T @ dy / max(len(x), 1)),
    wrong("E02-dW-and-db-divided-again", "1/N stands in the loss; once more in dW and db",
          dW=lambda x, dy: x.T @ dy / max(len(x), 1), db=lambda x, dy: dy.sum(axis=0) / max(len(dy), 1)),
    wrong("C05-linear-dW", "dW = xᵀ dy; xᵀ 1, as if the gradient from above were one",
          dW=lambda x, dy: x.T @ np.ones_like(dy)),
    wrong("C05-linear-dx", "dx = dy Wᵀ; 1 Wᵀ", dx=lambda x, W, dy: np.ones_like(dy) @ W.T),
    whole("C07-first-matrix-only", "dW sums over all leading axes; the first matrix of a rank-3 batch",
          **_backward(_first_axis_only)),
    whole("C07-db-first-axis", "db sums over all leading axes; over the first", **_backward(_unreduced)),
    wrong("linear-dW-transposed", "dW (D, K); its transpose", dW=lambda x, dy: dy.T @ x),
    wrong("linear-dW-transposed-if-square", "dW (D, K); its transpose, where nobody sees it from the shape",
          dW=lambda x, dy: dy.T @ x if x.shape[1] == dy.shape[1] else x.T @ dy),
    wrong("linear-dW-sign", "dW = xᵀ dy; −xᵀ dy", dW=lambda x, dy: -(x.T @ dy)),
    wrong("linear-dx-sign", "dx = dy Wᵀ; −dy Wᵀ", dx=lambda x, W, dy: -dy @ W.T),
    wrong("linear-db-sign", "db = Σ dy; −Σ dy", db=lambda x, dy: -dy.sum(axis=0)),
    wrong("linear-dx-zero", "dx = dy Wᵀ; nothing goes further down", dx=lambda x, W, dy: np.zeros_like(x)),
    wrong("linear-dW-of-sums", "sum of the rows' products; product of the rows' sums",
          dW=lambda x, dy: np.outer(x.sum(axis=0), dy.sum(axis=0))),
    wrong("linear-last-row-dropped", "all rows count; the last is left out", dW=lambda x, dy: x[:-1].T @ dy[:-1]),
    wrong("linear-first-row-only", "all rows count; the first alone", dW=lambda x, dy: x[:1].T @ dy[:1]),
    wrong("linear-absolute-input", "dW = xᵀ dy; |x|ᵀ dy", dW=lambda x, dy: np.abs(x).T @ dy),
    wrong("linear-mean-times-rows", "Σ over no rows is 0; N times a mean over none is NaN",
          db=lambda x, dy: np.divide(dy.sum(axis=0), np.asarray(len(dy), dy.dtype)) * len(dy)),
    wrong("linear-gradient-clipped", "dW as it is; clipped at 1000 for safety",
          dW=lambda x, dy: np.clip(x.T @ dy, -1000, 1000)),
    wrong("linear-small-is-zero", "dW as it is; below 1e-9 it counts as zero",
          dW=lambda x, dy: np.where(np.abs(x.T @ dy) < 1e-9, 0, x.T @ dy)),
    wrong("linear-bias-forgotten", "y = x W + b; x W", "loss", y=lambda x, W, b: x @ W),
    wrong("linear-bias-twice", "y = x W + b; x W + 2 b", "loss", y=lambda x, W, b: x @ W + (0 if b is None else 2 * b)),
    wrong("linear-W-transposed-if-square", "y = x W; x Wᵀ wherever W is square", "loss",
          y=lambda x, W, b: RIGHT["y"](x, W.T if W.shape[0] == W.shape[1] else W, b)),
    whole("linear-one-row-squeezed", "dx of one row stays (1, D); becomes (D,)", backward=_squeezed),
    wrong("linear-tile-left-out", "all D columns count; the rest after the last full tile of 16 is left out", "loss",
          y=_tiled),
    whole("linear-float32-inside", "float64 arithmetic; float32, cast back", "loss",
          "float32 is what it computes in", **_coarse(single)),
    whole("linear-ten-bits", "the whole mantissa; ten bits of it", "loss", **_coarse(ten_bits)),
]  # fmt: skip
