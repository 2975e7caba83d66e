"""What several losses refuse, each in one clear line that names the loss."""

import numpy as np

from .. import Array


def check_alike(loss: str, prediction: Array, target: Array) -> None:
    """Raises ValueError if the two shapes differ: broadcast, they would pair each with each."""
    if prediction.shape != target.shape:
        raise ValueError(f"{loss}: prediction {prediction.shape} and target {target.shape} differ")


def check_signs(loss: str, target: Array) -> None:
    """Raises ValueError if a label is neither −1 nor 1."""
    if (np.abs(target) != 1).any():
        raise ValueError(f"{loss}: target must hold the labels −1 and 1")


def check_at_margin(loss: str, at_margin: float) -> None:
    """Raises ValueError if it is no slope between those on the two sides of the margin."""
    if not 0 <= at_margin <= 1:
        raise ValueError(f"{loss}: option at_margin must be between 0 and 1, got {at_margin}")
