"""The slope of max(slack, 0), with a kink where the slack is used up."""

import numpy as np

from .. import Array


def passed(slope: Array, slack: Array, at_margin: float) -> Array:
    """The slope of slack where that is above zero, at_margin times it at zero, and none below."""
    on_margin = np.where(slack == 0, at_margin * slope, 0)  # (...)
    result: Array = np.where(slack > 0, slope, on_margin)  # (...)
    return result
