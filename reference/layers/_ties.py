"""Whose the gradient of the larger or the smaller of two is."""

from typing import Literal, TypeAlias

import numpy as np

from .. import Array

Ties: TypeAlias = Literal["even", "first", "second"]


def shared(dy: Array, first: Array, tied: Array, ties: Ties) -> tuple[Array, Array]:
    """dy to the first of the two, or else to the second; half to each where they are tied and ties are even."""
    dx = np.where(first, dy, 0)  # (...)
    dz = np.where(first, 0, dy)  # (...)
    if ties == "even":
        dx = np.where(tied, dy / 2, dx)  # (...)
        dz = np.where(tied, dy / 2, dz)  # (...)
    return dx, dz
