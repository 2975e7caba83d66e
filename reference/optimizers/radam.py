"""RAdam: Adam whose steps are rectified, and not divided at all while nothing can be said of the gradient's variance.

    g  = gradient + λ θ                               λ: weight_decay; decoupled, θ = θ − lr λ θ before the step instead
    mₜ = β₁ mₜ₋₁ + (1 − β₁) g                         vₜ = β₂ vₜ₋₁ + (1 − β₂) g²                 m₀ = v₀ = 0
    m̂  = mₜ / (1 − β₁ᵗ)                               v̂  = vₜ / (1 − β₂ᵗ)
    ρ∞ = 2 / (1 − β₂) − 1                             ρₜ = ρ∞ − 2 t β₂ᵗ / (1 − β₂ᵗ)
    rₜ = √( (ρₜ − 4) (ρₜ − 2) ρ∞ / ((ρ∞ − 4) (ρ∞ − 2) ρₜ) )
    θ  = θ − lr rₜ m̂ / (√v̂ + ε)  where ρₜ > threshold,   θ − lr m̂  elsewhere

Shapes      gradient, parameter, m and v (...) alike
Convention  threshold = 5, as in the authors' program, PyTorch and Optax; the paper's is 4. at_threshold = "plain": a ρₜ
            of just the threshold is not rectified, as in the paper and PyTorch; "rectified": it is, as in Optax; no β₂
            of a few digits comes to just 5. eps_at = "hat": lr rₜ m̂ √(1 − β₂ᵗ) / (√v + ε), as in PyTorch; "root":
            √v̂ + ε, as in Optax; "inside": √(v̂ + ε), Optax's eps_root. nesterov: m̂ looks ahead, as in Optax, by
            β₁ m / (1 − β₁ᵗ⁺¹) + (1 − β₁) g / (1 − β₁ᵗ).
Source      Liu, Jiang, He, Chen, Liu, Gao, Han (2020), On the variance of the adaptive learning rate and beyond,
            algorithm 2
"""

from typing import Literal, NamedTuple

import numpy as np

from .. import Array, constants
from ._decay import decayed
from ._moments import correction, divisor, look_ahead, moment


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
    eps_at: Literal["root", "inside", "hat"] = "hat",
    weight_decay: float = 0.0,
    decoupled_weight_decay: bool = False,
    nesterov: bool = False,
    threshold: float = 5.0,
    at_threshold: Literal["plain", "rectified"] = "plain",
) -> tuple[Array, State]:
    g, theta = decayed(gradient, param, lr, weight_decay, decoupled=decoupled_weight_decay)
    t = state.t + 1
    m, v = moment(state.m, g, betas[0]), moment(state.v, np.square(g), betas[1])
    step = look_ahead(m, g, betas[0], t) if nesterov else m / correction(betas[0], t, g)
    beta = constants.decimal(betas[1], g)
    power = beta**t
    of_v = 1 - power
    longest = 2 / (1 - beta) - 1
    length = longest - 2 * t * power / of_v
    if length > threshold or (at_threshold == "rectified" and length == threshold):
        spread = (length - 4) * (length - 2) * longest / ((longest - 4) * (longest - 2) * length)
        step = np.sqrt(spread) * step / divisor(v / of_v, of_v, eps, eps_at)
    return theta - lr * step, State(t, m, v)
