"""Adam for gradients most rows of which are absent: a row without a gradient keeps its moments and stays where it is.

    of each row that is present, with t the steps taken, not how often the row was there:
    mₜ = β₁ mₜ₋₁ + (1 − β₁) g                         vₜ = β₂ vₜ₋₁ + (1 − β₂) g²                 m₀ = v₀ = 0
    θ  = θ − lr √(1 − β₂ᵗ) / (1 − β₁ᵗ) · mₜ / (√vₜ + ε)

Shapes      gradient, parameter, m and v (...) alike; a row is what the first axis counts, a single number is one row
Convention  A row is absent where all of its gradient is exactly zero. In PyTorch a sparse gradient says which rows it
            has, and one that it has may be of zeros; a case cannot say so. t counts every step of the parameter,
            also one in which no row is present. ε is added to the root of the uncorrected moment, unlike in
            torch.optim.Adam.
Source      torch.optim.SparseAdam; Kingma, Ba (2015), Adam: a method for stochastic optimization, end of section 2
"""

from typing import NamedTuple

import numpy as np

from .. import Array
from ._moments import correction, moment


class State(NamedTuple):
    t: int
    m: Array
    v: Array


def init(param: Array) -> State:
    return State(0, np.zeros_like(param), np.zeros_like(param))


def update(
    gradient: Array,
    state: State,
    param: Array,
    *,
    lr: float | Array,
    betas: tuple[float, float] = (0.9, 0.999),
    eps: float = 1e-8,
) -> tuple[Array, State]:
    t = state.t + 1
    axes = tuple(range(1, gradient.ndim))
    present = np.any(gradient != 0, axis=axes, keepdims=True)
    m = np.where(present, moment(state.m, gradient, betas[0]), state.m)
    v = np.where(present, moment(state.v, np.square(gradient), betas[1]), state.v)
    share = np.sqrt(correction(betas[1], t, gradient)) / correction(betas[0], t, gradient)
    return np.where(present, param - lr * (share * m / (np.sqrt(v) + eps)), param), State(t, m, v)
