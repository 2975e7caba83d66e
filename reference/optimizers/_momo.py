"""What a model of the loss, a line that is cut off at a lower bound, makes of a step: how far down it goes.

model(θ) = max(f̄ + d · θ − γ̄ , f⁎)          f̄, d and γ̄ averages of the loss, the gradient g and g · θ
τ        = how long a step along d is, to where the line meets f⁎, with the weight decay in the way
"""

import numpy as np

from .. import Array, constants


def lowered(lower: Array, least: float, height: Array, grown: Array) -> Array:
    """A bound that the line is below already cannot be one: half the line's height is, or the least there may be."""
    return np.maximum(height / (2 * grown), least) if height < grown * lower else lower


def stretch(height: Array, lower: Array, grown: Array, square: Array, most: Array, negligible: float) -> Array:
    """τ, from none at all to the most there may be: none where the gradient has vanished."""
    gap = np.maximum(height - grown * lower, 0)
    return np.minimum(gap / square, most) if square > negligible else constants.whole(0, square)
