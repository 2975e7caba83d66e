"""COCOB: each element bets on the sign of its gradient, as a gambler on a coin.

    c  = −lr (gradient + weight_decay θ)            the coin
    Lₜ = max(Lₜ₋₁ , |c|)                            the largest coin yet                        L₀ = ε
    Gₜ = Gₜ₋₁ + |c|                                                                             G₀ = 0
    Rₜ = max(Rₜ₋₁ + (θₜ − θ₁) c , 0)                what has been won                           R₀ = 0
    Cₜ = Cₜ₋₁ + c                                                                               C₀ = 0
    θ  = θ₁ + Cₜ / (Lₜ max(Gₜ + Lₜ , α Lₜ)) (Lₜ + Rₜ)

A share of the wealth L + R is bet on each coin; the place is the bet. No rate moves anything: lr multiplies the
gradient, to whose size the rule is nearly indifferent.

Shapes      gradient, parameter, start, largest, total, reward and coins (...) alike
Convention  lr = 1 is the paper's, which has neither rate nor decay; that they go into the coin is Optax's.
Source      Orabona, Tommasi (2017), Training deep networks without learning rates through coin betting, algorithm 2
"""

from typing import NamedTuple

import numpy as np

from .. import Array


class State(NamedTuple):
    start: Array
    largest: Array | None  # L
    total: Array  # G
    reward: Array  # R
    coins: Array  # C


def init(param: Array) -> State:
    zero = np.zeros_like(param)
    return State(param, None, zero, zero, zero)


def update(
    gradient: Array,
    state: State,
    param: Array,
    *,
    lr: float | Array,
    alpha: float = 100.0,
    eps: float = 1e-8,
    weight_decay: float = 0.0,
) -> tuple[Array, State]:
    start = state.start
    coin = -lr * (gradient + weight_decay * param if weight_decay else gradient)
    size = np.abs(coin)
    largest = np.maximum(size, eps if state.largest is None else state.largest)
    total = state.total + size
    reward = np.maximum(state.reward + (param - start) * coin, 0)
    coins = state.coins + coin
    share = coins / (largest * np.maximum(total + largest, alpha * largest))
    return start + share * (largest + reward), State(start, largest, total, reward, coins)
