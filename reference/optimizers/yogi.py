"""Yogi: Adam whose second moment goes towards g² by a part of g², however far away that is.

    mₜ = β₁ mₜ₋₁ + (1 − β₁) g                         vₜ = vₜ₋₁ − (1 − β₂) sign(vₜ₋₁ − g²) g²
    θ  = θ − lr m̂ / (√v̂ + ε),   m̂ = mₜ / (1 − β₁ᵗ),   v̂ = vₜ / (1 − β₂ᵗ)

Shapes      gradient, parameter, m and v (...) alike
Convention  initial: v₀, which is 10⁻⁶ in optax.yogi, and an option in scale_by_yogi. first_moment = "initial": m₀ is
            the same, as in Optax; "zero": m₀ = 0, as in Adam. bias_correction = false is the paper's; Optax divides by
            1 − β₁ᵗ and 1 − β₂ᵗ, as if both moments began at zero. ε is 10⁻³ unless told, not Adam's 10⁻⁸.
Source      Zaheer, Reddi, Sachan, Kale, Kumar (2018), Adaptive methods for nonconvex optimization, algorithm 2
"""

from typing import Literal, NamedTuple

import numpy as np

from .. import Array, constants
from ._moments import correction, moment


class State(NamedTuple):
    t: int
    m: Array | None  # from the first step on, since an option says where they begin
    v: Array | None


def init(param: Array) -> State:  # noqa: ARG001 - the first step makes it
    return State(0, None, None)


def update(
    gradient: Array,
    state: State,
    param: Array,
    *,
    lr: float | Array,
    betas: tuple[float, float] = (0.9, 0.999),
    eps: float = 1e-3,
    initial: float = 1e-6,
    first_moment: Literal["initial", "zero"] = "initial",
    bias_correction: bool = True,
) -> tuple[Array, State]:
    t = state.t + 1
    start = constants.decimal(initial, gradient)
    first = start if first_moment == "initial" else constants.whole(0, gradient)
    m = moment(first if state.m is None else state.m, gradient, betas[0])
    square = np.square(gradient)
    v = start if state.v is None else state.v
    v = v - (1 - constants.decimal(betas[1], gradient)) * np.sign(v - square) * square
    step, second = m, v
    if bias_correction:
        step, second = m / correction(betas[0], t, gradient), v / correction(betas[1], t, gradient)
    return param - lr * step / (np.sqrt(second) + eps), State(t, m, v)
