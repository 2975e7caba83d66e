"""Running averages of gradients, and what their start at zero is corrected by.

mₜ = β mₜ₋₁ + (1 − β) x ,  m₀ = 0        ⇒        mₜ = Σₛ (1 − β) βᵗ⁻ˢ xₛ ,  whose weights sum to 1 − βᵗ
"""

from typing import Literal

import numpy as np

from .. import Array, constants


def moment(m: Array, x: Array, beta: float) -> Array:
    """The running average after one more x."""
    return beta * m + (1 - constants.decimal(beta, x)) * x


def correction(beta: float, t: int, like: Array) -> Array:
    """1 − βᵗ, of shape (): the sum of the weights after t steps."""
    result: Array = 1 - constants.decimal(beta, like) ** t
    return result


def look_ahead(m: Array, g: Array, beta: float, t: int) -> Array:
    """Nesterov's β mₜ / (1 − βᵗ⁺¹) + (1 − β) g / (1 − βᵗ): what m̂ comes to after another step along g."""
    of_g: Array = (1 - constants.decimal(beta, g)) / correction(beta, t, g)
    return beta * (m / correction(beta, t + 1, g)) + of_g * g


def divisor(second: Array, of_v: Array, eps: float, eps_at: Literal["root", "inside", "hat"]) -> Array:
    """What a step is divided by, from the corrected second moment, and what that had been corrected by.

    root    √v̂ + ε
    inside  √(v̂ + ε)
    hat     √v̂ + ε / √(1 − β₂ᵗ)        which is  (√v + ε) / √(1 − β₂ᵗ)
    """
    if eps_at == "inside":
        inside: Array = np.sqrt(second + eps)
        return inside
    beside: Array = np.sqrt(second) + (eps if eps_at == "root" else eps / np.sqrt(of_v))
    return beside
