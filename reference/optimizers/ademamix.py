"""AdEMAMix: Adam with a second momentum that remembers gradients of thousands of steps ago.

    mₜ = β₁ mₜ₋₁ + (1 − β₁) g        m̂ = mₜ / (1 − β₁ᵗ)             the fast one
    sₜ = β₃ sₜ₋₁ + (1 − β₃) g        as it is, so that it fills slowly
    vₜ = β₂ vₜ₋₁ + (1 − β₂) g²       v̂ = vₜ / (1 − β₂ᵗ)            m₀ = s₀ = v₀ = 0
    θ  = θ − lr ((m̂ + α s) / (√(v̂ + ε_root) + ε) + λ θ)            λ: weight_decay

While t is below their warm-up, α and β₃ are on their way, with μ = t / warm-up:

    α(t)  = μ α
    β₃(t) = exp(ln β₁ ln β₃ / ((1 − μ) ln β₃ + μ ln β₁))

which takes 1 / ln β, and so the steps after which half of a gradient is forgotten, ln ½ / ln β, along a straight line
from β₁'s to β₃'s.

Shapes      gradient, parameter, m, s and v (...) alike
Convention  A warm-up of 0 steps is none, which is also the default of the authors' program and of Optax. There both α
            and β₃ may be functions, which it calls with how many steps were taken before: 0 at the first, where the
            paper and the authors' program have t = 1. ε_root is Optax's, the paper has none. α is 5 in optax.ademamix
            unless told, 2 in the authors' program.
Source      Pagliardini, Ablin, Grangier (2024), The AdEMAMix optimizer: better, faster, older, algorithm 1; the
            authors' program, apple/ml-ademamix
Raises      ValueError if β₃ warms up from a β₁ of 0, which has no logarithm
"""

from typing import NamedTuple

import numpy as np

from .. import Array, constants
from ._moments import correction, moment


class State(NamedTuple):
    t: int
    m: Array
    s: Array
    v: Array


def init(param: Array) -> State:
    return State(0, np.zeros_like(param), np.zeros_like(param), np.zeros_like(param))


def update(
    gradient: Array,
    state: State,
    param: Array,
    *,
    lr: float | Array,
    betas: tuple[float, float, float] = (0.9, 0.999, 0.9999),
    alpha: float = 5.0,
    eps: float = 1e-8,
    eps_root: float = 0.0,
    weight_decay: float = 0.0,
    alpha_warmup: int = 0,
    beta3_warmup: int = 0,
) -> tuple[Array, State]:
    t = state.t + 1
    m, v = moment(state.m, gradient, betas[0]), moment(state.v, np.square(gradient), betas[1])
    slow = constants.decimal(betas[2], gradient)
    if t < beta3_warmup:
        slow = warmed(constants.decimal(betas[0], gradient), slow, t, beta3_warmup)
    s = slow * state.s + (1 - slow) * gradient
    share = alpha * constants.whole(t, gradient) / alpha_warmup if t < alpha_warmup else alpha
    of_m, of_v = (correction(b, t, gradient) for b in betas[:2])
    step = (m / of_m + share * s) / (np.sqrt(v / of_v + eps_root) + eps)
    return param - lr * (step + weight_decay * param), State(t, m, s, v)


def warmed(start: Array, end: Array, t: int, warmup: int) -> Array:
    """β₃ on its way from `start` to `end`."""
    if start == 0:
        raise ValueError("ademamix: beta3_warmup starts from the first beta, which must be above 0")
    done = constants.whole(t, start) / warmup
    first, last = np.log(start), np.log(end)
    result: Array = np.exp(first * last / ((1 - done) * last + done * first))
    return result
