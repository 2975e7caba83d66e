"""SM3: Adagrad that remembers, of all sums of squares, one number for each row, each column and so on.

    sₜ(i) = min over axes a of cₐ(i) + g(i)²                c₀ = 0 ,  cₐ(i) that of the slice across axis a that i is in
    cₐ    = max of sₜ over the slice
    mₜ = momentum mₜ₋₁ + (1 − momentum) g / √(s + ε) ,      0 / 0 = 0 ,   m₀ = 0
    θ  = θ − lr m

Shapes      gradient, parameter, s and m (...) alike; cₐ as long as axis a. Of a vector it is Adagrad.
Convention  ε stands inside the root. It is 1e-8 in Optax, and the paper has none, which is eps = 0.
Source      Anil, Gupta, Koren, Singer (2019), Memory-efficient adaptive optimization, algorithm SM3-II
"""

from functools import reduce
from typing import NamedTuple

import numpy as np

from .. import Array, constants
from ._moments import moment


class State(NamedTuple):
    covers: tuple[Array, ...]  # c of each axis; none before the first step
    m: Array


def init(param: Array) -> State:
    return State((), np.zeros_like(param))


def update(
    gradient: Array, state: State, param: Array, *, lr: float | Array, momentum: float = 0.9, eps: float = 1e-8
) -> tuple[Array, State]:
    least = reduce(np.minimum, state.covers) if state.covers else constants.whole(0, gradient)
    total = least + np.square(gradient)
    m = moment(state.m, gradient / np.where(total > 0, np.sqrt(total + eps), 1), momentum)
    axes = range(gradient.ndim)
    covers = tuple(total.max(axis=tuple(a for a in axes if a != own), keepdims=True) for own in axes)
    return param - lr * m, State(covers or (total,), m)
