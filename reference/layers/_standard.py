"""Numbers brought to mean 0 and variance 1 along axes, and the way back: both moments depend on every number."""

import math

import numpy as np

from .. import Array


def standardised(x: Array, axes: tuple[int, ...], eps: float) -> tuple[Array, Array]:
    """x̂ = (x − μ) / √(v + eps), and √(v + eps), whose axes have length 1."""
    n = math.prod(x.shape[axis] for axis in axes)
    normal = x - x.sum(axis=axes, keepdims=True) / n
    root = np.sqrt(np.square(normal).sum(axis=axes, keepdims=True) / n + eps)
    normal /= root
    return normal, root


def standardised_rows(x: Array, eps: float) -> tuple[Array, Array]:
    """The same along the last axis of x (..., 1, n): a row's product with itself is the sum of its squares."""
    n = x.shape[-1]
    normal = x - x.sum(axis=-1, keepdims=True) / n  # (..., 1, n)
    root = np.sqrt(normal @ normal.mT / n + eps)  # (..., 1, 1)
    normal /= root
    return normal, root


def gradient(dnormal: Array, normal: Array, root: Array, axes: tuple[int, ...]) -> Array:
    """dx = (dx̂ − Σ dx̂ / n − x̂ Σ dx̂ x̂ / n) / √(v + eps), the sums along the axes."""
    n = math.prod(dnormal.shape[axis] for axis in axes)
    along = (dnormal * normal).sum(axis=axes, keepdims=True) / n
    dx: Array = dnormal - dnormal.sum(axis=axes, keepdims=True) / n
    dx -= normal * along
    dx /= root
    return dx
