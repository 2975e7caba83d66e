"""Logarithm of a mean of exponentials over axes  y = ln (Σ e^x / n) = ln Σ e^x − ln n, n the numbers that become one.

n is no x, and with ∂(ln Σ e^x)/∂x_i = e^{x_i} / Σ e^x the gradient is that of logsumexp:

    dx = dy e^(x − y) / n

Shapes      x (...) -> y (...) without the axes; with them, of length 1, where keepdims
Convention  Where all x are −∞, y is −∞, and the gradient NaN, as in JAX. PyTorch has logsumexp alone.
Source      jax.nn.logmeanexp
"""

import numpy as np

from .. import Array
from ..constants import whole
from . import logsumexp
from ._axes import Axis, count
from .logsumexp import Saved


def forward(x: Array, *, axis: Axis = None, keepdims: bool = False) -> tuple[Array, Saved]:
    of_sum, saved = logsumexp.forward(x, axis=axis, keepdims=keepdims)  # (...)
    return of_sum - np.log(whole(count(x.shape, axis), x)), saved


def backward(saved: Saved, dy: Array) -> Array:
    return logsumexp.backward(saved, dy)
