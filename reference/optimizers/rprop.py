"""Rprop: a step of its own for each number, longer while the gradient's sign stays, shorter once it has changed.

    same sign     g gₜ₋₁ > 0:   Δₜ = min(η⁺ Δₜ₋₁, Δmax)
    other sign    g gₜ₋₁ < 0:   Δₜ = max(η⁻ Δₜ₋₁, Δmin) ,   g = 0
    else                        Δₜ = Δₜ₋₁                                               Δ₀ = lr ,   g₀ = 0
    θ  = θ − Δₜ sign g

Shapes      gradient, parameter, Δ and the gradient before (...) alike
Convention  After a change of sign the number rests for a step, as in PyTorch and Optax (iRprop⁻). Only the first rate
            counts. bounds = "always": the first Δ is held within Δmin and Δmax as well, as in PyTorch; "changed": only
            one that changes, as in Optax.
Source      Riedmiller, Braun (1993), A direct adaptive method for faster backpropagation learning: the RPROP algorithm;
            Igel, Hüsken (2003), Empirical evaluation of the improved Rprop learning algorithms, for iRprop⁻
"""

from typing import Literal, NamedTuple

import numpy as np

from .. import Array, constants


class State(NamedTuple):
    size: Array | None  # Δ, from the first step on
    before: Array  # the gradient of the step before, or 0 where its sign had changed


def init(param: Array) -> State:
    return State(None, np.zeros_like(param))


def update(
    gradient: Array,
    state: State,
    param: Array,
    *,
    lr: float | Array,
    etas: tuple[float, float] = (0.5, 1.2),
    step_sizes: tuple[float, float] = (1e-6, 50.0),
    bounds: Literal["always", "changed"] = "always",
) -> tuple[Array, State]:
    size = constants.whole(0, gradient) + lr if state.size is None else state.size
    turn = np.sign(gradient) * np.sign(state.before)  # of the signs, since a product of gradients may vanish
    low, high = (constants.decimal(bound, gradient) for bound in step_sizes)
    scaled = np.where(turn > 0, etas[1] * size, np.where(turn < 0, etas[0] * size, size))
    held = np.minimum(np.maximum(scaled, low), high)
    size = held if bounds == "always" else np.where(turn == 0, size, held)
    kept = np.where(turn < 0, 0, gradient)
    return param - np.sign(kept) * size, State(size, kept)
