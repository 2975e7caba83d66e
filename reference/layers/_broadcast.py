"""Undo broadcasting: what was repeated on the way forward is summed on the way back."""

from .. import Array


def reduced(dy: Array, shape: tuple[int, ...]) -> Array:
    """The gradient of an array of this shape, from that of what it was broadcast to."""
    dx: Array = dy.sum(axis=tuple(range(dy.ndim - len(shape))))  # the axes that were put in front
    longer = tuple(i for i, n in enumerate(shape) if n == 1 != dx.shape[i])
    summed: Array = dx.sum(axis=longer, keepdims=True) if longer else dx
    return summed
