"""Contrastive loss of embeddings (NT-Xent)  term_ij = ln(e^{s_ij} + Σ_k e^{s_ik}) − s_ij,  s_ij = cos(x_i, x_j) / τ.

There is a term for each ordered pair i ≠ j of one label; k goes over all embeddings of other labels. With
r_i = ln Σ_k e^{s_ik} the term is softplus(r_i − s_ij), and with g_ij = σ(r_i − s_ij), 0 for what is no pair:

    ∂L/∂s_ij = −g_ij  for a pair      ∂L/∂s_ik = e^{s_ik − r_i} Σ_j g_ij  for another label

With the directions a = x / ‖x‖, s = a aᵀ / τ, and what is along a has no effect:

    da = (ds + dsᵀ) a / τ      dx = (da − (da · a) a) / ‖x‖

Shapes      prediction (N, D) (the embeddings x), target (N,) integers, alike for what belongs together -> loss ()
Convention  The mean is over all pairs, as in Optax, NaN where there is none, with a gradient of 0. Where each embedding
            has one partner this is SimCLR's loss; in supervised contrastive learning the other partners of an embedding
            stand in the denominator too. A vector of length 0 has no direction, and gives NaN; Optax bounds
            squared norms by the precision's epsilon.
Source      Chen et al. (2020), A Simple Framework for Contrastive Learning of Visual Representations, eq. 1;
            optax.losses.ntxent
Raises      ValueError if the shapes do not fit, or temperature is not above 0
"""

from typing import Literal, NamedTuple

import numpy as np
from scipy.special import expit

from .. import Array
from ._classes import divided


class Saved(NamedTuple):
    a: Array  # (N, D)
    norm: Array  # (N, 1)
    pulled: Array  # (N, N)  g
    pushed: Array  # (N, N)  e^{s_ik − r_i}
    temperature: float
    by: int  # what the gradient is divided by


def forward(
    prediction: Array, target: Array, *, reduction: Literal["mean", "sum"] = "mean", temperature: float = 0.07
) -> tuple[Array, Saved]:
    x = prediction
    _check(x, target, temperature)
    norm = np.sqrt(np.square(x).sum(axis=1, keepdims=True))  # (N, 1)
    a = x / norm  # (N, D)
    s = a @ a.T / temperature  # (N, N)
    alike = target[:, None] == target  # (N, N)
    pair = alike & ~np.eye(len(x), dtype=bool)  # (N, N)
    r = np.logaddexp.reduce(np.where(alike, -np.inf, s), axis=1)[:, None]  # (N, 1)  −∞ where there is no other label
    odds = np.where(pair, r - s, -np.inf)  # (N, N)
    pushed = np.exp(np.where(alike, -np.inf, s - r))  # (N, N)
    total = np.logaddexp(0, odds).sum()
    if reduction == "sum":
        return total, Saved(a, norm, expit(odds), pushed, temperature, 1)
    count = int(pair.sum())
    return divided(total, count), Saved(a, norm, expit(odds), pushed, temperature, count or 1)


def backward(saved: Saved, dloss: Array | None = None) -> Array:
    a, norm, pulled, pushed, temperature, by = saved
    ds = pushed * pulled.sum(axis=1, keepdims=True) - pulled  # (N, N)
    da = (ds + ds.T) @ a / temperature / by  # (N, D)
    dx = (da - (da * a).sum(axis=1, keepdims=True) * a) / norm  # (N, D)
    return dx if dloss is None else dx * dloss


def _check(x: Array, target: Array, temperature: float) -> None:
    if x.ndim != 2 or target.shape != x.shape[:1] or target.dtype.kind not in "iu":
        raise ValueError(f"ntxent: prediction {x.shape} must be (N, D), and target {target.shape} (N,) integers")
    if not temperature > 0:
        raise ValueError(f"ntxent: option temperature must be above 0, got {temperature}")
