"""Distances of all rows from each other  y_ij = ‖x_i − x_j‖_p for i < j, in the order (0, 1), (0, 2), …, (1, 2), …

With d = x_i − x_j and ∂‖d‖_p/∂d = sign(d) (|d| / ‖d‖_p)^(p − 1) = e_ij, which row i gets, and row j with a minus:

    dx_i = Σ_{j>i} dy_ij e_ij − Σ_{j<i} dy_ji e_ji        e is 0 where y is 0, one of the subgradients

Shapes      x (N, D) -> y (N (N − 1) / 2,)
Convention  Nothing comes back from a distance of 0, as in PyTorch; the formula as it stands has NaN there.
Source      torch.nn.functional.pdist
Raises      ValueError if x is not (N, D), or p is below 1
"""

from typing import NamedTuple

import numpy as np

from .. import Array
from . import pairwise_distance


class Saved(NamedTuple):
    x: tuple[int, ...]  # its shape
    first: Array  # (P,)  the rows of each pair
    second: Array  # (P,)
    distance: pairwise_distance.Saved


def forward(x: Array, *, p: float = 2.0) -> tuple[Array, Saved]:
    _check(x)
    first, second = np.triu_indices(len(x), 1)  # (P,)
    y, distance = pairwise_distance.forward(x[first], x[second], p=p, eps=0.0)  # (P,)
    return y, Saved(x.shape, first, second, distance)


def backward(saved: Saved, dy: Array) -> Array:
    x, first, second, distance = saved
    dfirst, dsecond = pairwise_distance.backward(distance, dy)  # (P, D)
    dx = np.zeros_like(dfirst, shape=x)
    np.add.at(dx, first, dfirst)
    np.add.at(dx, second, dsecond)
    return dx


def _check(x: Array) -> None:
    if x.ndim != 2:
        raise ValueError(f"pdist: x {x.shape} must be (N, D)")
