"""Triplet loss: an anchor is to be nearer to the positive than to the negative, by a margin.

    term = max(s, 0),  s = d(a, p) − d(a, n) + margin,  d(u, v) = ‖u − v + eps‖ = (Σ |u − v + eps|^p)^(1/p)

With e = u − v + eps and r = ‖e‖, the gradient of a distance is

    ∂d/∂u = −∂d/∂v = sign(e) (|e| / r)^(p − 1)      (e / r for p = 2, sign(e) for p = 1)

With swap, the smaller of d(a, n) and d(p, n) stands for the negative, as if positive and anchor had changed places.

Shapes      prediction (..., D) (the anchor), positive (..., D), negative (..., D) -> loss () for mean and sum,
            (...) for none
Convention  eps_added = "difference": as in PyTorch, eps is added to each difference before the norm, so that no
            distance is symmetric. "sum": as in Optax and MLX, to the sum of the powers before the root. at_margin is
            the slope where s is exactly 0: 1 in PyTorch, whose clamp passes it, ½ in JAX. A tie of the two distances
            is shared in halves by swap. A distance of exactly zero has a gradient of zero, as in PyTorch; JAX has NaN.
Source      Balntas et al. (2016), Learning Shallow Convolutional Feature Descriptors with Triplet Losses, eq. 1 to 3
Raises      ValueError if the shapes differ, p is below 1, or at_margin is not between 0 and 1
"""

from typing import Literal, NamedTuple

import numpy as np

from .. import Array
from ..constants import whole
from ._checks import check_at_margin
from ._margin import passed
from ._reduction import Reduction, reduce, spread


class Distance(NamedTuple):
    e: Array  # (..., D)  the difference
    r: Array  # (..., 1)  its norm


class Saved(NamedTuple):
    positive: Distance  # of anchor and positive
    negative: Distance  # of anchor and negative
    swapped: Distance | None  # of positive and negative
    slack: Array  # (...)
    p: int
    at_margin: float
    reduction: Reduction


def forward(
    prediction: Array,
    positive: Array,
    negative: Array,
    *,
    reduction: Reduction = "mean",
    margin: float = 1.0,
    p: int = 2,
    eps: float = 1e-6,
    swap: bool = False,
    eps_added: Literal["difference", "sum"] = "difference",
    at_margin: float = 1.0,
) -> tuple[Array, Saved]:
    _check(prediction, positive, negative, p, at_margin)
    how = (p, eps, eps_added)
    near = _distance(prediction - positive, *how)
    far = _distance(prediction - negative, *how)
    swapped = _distance(positive - negative, *how) if swap else None
    least = far.r if swapped is None else np.minimum(far.r, swapped.r)  # (..., 1)
    slack = (near.r - least + margin)[..., 0]  # (...)
    return reduce(np.maximum(slack, 0), reduction), Saved(near, far, swapped, slack, p, at_margin, reduction)


def backward(saved: Saved, dloss: Array | None = None) -> tuple[Array, Array, Array]:
    near, far, swapped, slack, p, at_margin, reduction = saved
    ds = spread(passed(whole(1, slack), slack, at_margin), dloss, slack.size, reduction)[..., None]  # (..., 1)
    to_positive = ds * _slope(near, p)  # (..., D)
    to_negative = ds * _slope(far, p)  # (..., D)
    if swapped is None:
        return to_positive - to_negative, -to_positive, to_negative
    share = passed(whole(1, slack), swapped.r - far.r, 0.5)  # (..., 1)
    to_negative = share * to_negative
    across = (1 - share) * (ds * _slope(swapped, p))  # (..., D)
    return to_positive - to_negative, -to_positive - across, to_negative + across


def _distance(e: Array, p: int, eps: float, eps_added: str) -> Distance:
    if eps_added == "difference":
        e = e + eps
    powers = np.square(e) if p == 2 else np.abs(e) if p == 1 else np.power(np.abs(e), p)
    r = powers.sum(axis=-1, keepdims=True)  # (..., 1)
    if eps_added == "sum":
        r = r + eps
    if p == 2:
        r = np.sqrt(r)
    elif p > 2:
        r = np.power(r, 1 / whole(p, r))
    return Distance(e, r)


def _slope(of: Distance, p: int) -> Array:
    """∂d/∂u  (..., D)."""
    e, r = of
    if p == 1:
        return np.asanyarray(np.sign(e))
    with np.errstate(invalid="ignore"):
        ratio = np.where(r == 0, 0, e / r)  # (..., D)
    return ratio if p == 2 else np.sign(ratio) * np.power(np.abs(ratio), p - 1)


def _check(anchor: Array, positive: Array, negative: Array, p: int, at_margin: float) -> None:
    if not anchor.ndim or not anchor.shape == positive.shape == negative.shape:
        raise ValueError(
            f"triplet_margin: prediction {anchor.shape}, positive {positive.shape} and negative {negative.shape} differ"
        )
    if p < 1:
        raise ValueError(f"triplet_margin: option p must be at least 1, got {p}")
    check_at_margin("triplet_margin", at_margin)
