"""Minimum over axes  y = min x = −max(−x).

Of the two minus signs, one is for the way forward and one for the way back: the gradient is the maximum's.

Shapes      x (...) -> y (...) without the axes; with them, of length 1, where keepdims
Convention  As max: ties = "even" in JAX, and in PyTorch's amin and its min over all; "first" in PyTorch's min over one
            axis.
Source      torch.amin, torch.min, jax.numpy.min
Raises      ValueError if ties is "first" and axis not a single one
"""

from .. import Array
from . import max as maximum
from ._axes import Axis
from .max import Saved, Ties


def forward(x: Array, *, axis: Axis = None, keepdims: bool = False, ties: Ties = "even") -> tuple[Array, Saved]:
    y, saved = maximum.forward(-x, axis=axis, keepdims=keepdims, ties=ties)
    return -y, saved


def backward(saved: Saved, dy: Array) -> Array:
    return maximum.backward(saved, dy)
