"""Muon: momentum whose matrix is turned into one with all singular values near 1, by Newton–Schulz iterations.

    mₜ = momentum mₜ₋₁ + (1 − momentum) g                                   m₀ = 0
    u  = mₜ ,   with Nesterov   u = momentum mₜ + (1 − momentum) g
    X  = u / ‖u‖                                                            over all elements: Frobenius
    X  = a X + (b A + c A²) X ,   A = X Xᵀ                                  ns_steps times; a, b, c: ns_coefficients
    θ  = θ − lr (s X + weight_decay θ)

Shapes      gradient, parameter and m (n, k) alike
Convention  eps_at = "floor": u / max(‖u‖, ε), as in PyTorch; "added": u / (‖u‖ + ε), as in Optax.
            scale = "rows": s = √max(1, n/k), PyTorch's for a weight that multiplies from the left; "columns":
            √max(1, k/n), Optax's for one that multiplies from the right; "rms": 0.2 √max(n, k), so that a step has the
            RMS that Adam's have: PyTorch's match_rms_adamw, Optax's consistent_rms = 0.2.
            bias_correction: m / (1 − momentumᵗ⁺¹) and g / (1 − momentumᵗ) in Nesterov's u, m / (1 − momentumᵗ) else, as
            in Optax; PyTorch has none. What has not two axes PyTorch refuses, and Optax gives to Adam.
Source      Jordan et al. (2024), Muon: an optimizer for hidden layers in neural networks,
            https://kellerjordan.github.io/posts/muon; Liu et al. (2025), Muon is scalable for LLM training, for "rms"
Raises      ValueError if the parameter has not two axes
"""

from typing import Literal, NamedTuple

import numpy as np

from .. import Array, constants
from ._lengths import length
from ._moments import correction, moment


class State(NamedTuple):
    t: int
    m: Array


def init(param: Array) -> State:
    return State(0, np.zeros_like(param))


def update(
    gradient: Array,
    state: State,
    param: Array,
    *,
    lr: float | Array,
    momentum: float = 0.95,
    nesterov: bool = True,
    bias_correction: bool = False,
    ns_coefficients: tuple[float, float, float] = (3.4445, -4.7750, 2.0315),
    ns_steps: int = 5,
    eps: float = 1e-7,
    eps_at: Literal["floor", "added"] = "floor",
    scale: Literal["rows", "columns", "rms"] = "rows",
    weight_decay: float = 0.1,
) -> tuple[Array, State]:
    if param.ndim != 2:
        raise ValueError(f"muon: a parameter must be a matrix, got shape {param.shape}")
    t = state.t + 1
    m, g = moment(state.m, gradient, momentum), gradient
    u = m
    if bias_correction:
        u = m / correction(momentum, t + 1 if nesterov else t, param)
        g = gradient / correction(momentum, t, param)
    if nesterov:
        u = moment(u, g, momentum)
    norm = length(u)
    x = u / (np.maximum(norm, eps) if eps_at == "floor" else norm + eps)
    rows, columns = param.shape
    step = _scaled(scale, rows, columns, param) * orthogonal(x, ns_coefficients, ns_steps)
    if weight_decay:
        step = step + weight_decay * param
    return param - lr * step, State(t, m)


def orthogonal(x: Array, coefficients: tuple[float, float, float], steps: int) -> Array:
    """The iterations, along the shorter side."""
    a, b, c = coefficients
    wide = x.shape[0] <= x.shape[1]
    x = x if wide else x.T
    for _ in range(steps):
        square = x @ x.T
        x = a * x + (b * square + c * (square @ square)) @ x
    return x if wide else x.T


def _scaled(scale: str, rows: int, columns: int, like: Array) -> Array:
    """s of a matrix of this shape."""
    longer = constants.whole(max(rows, columns), like)
    squared = longer if scale == "rms" else longer / (columns if scale == "rows" else rows)
    result: Array = np.sqrt(squared)
    return 0.2 * result if scale == "rms" else result
