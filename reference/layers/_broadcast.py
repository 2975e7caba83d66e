"""Undo broadcasting: what was repeated on the way forward is summed on the way back."""

from .. import Array


def reduced(dy: Array, shape: tuple[int, ...]) -> Array:
    """The gradient of an array of this shape, from that of what it was broadcast to."""
    front = range(dy.ndim - len(shape))  # the axes that were put there
    single = (i for i, n in enumerate(shape, len(front)) if n == 1)
    repeated = (*front, *single)
    dx: Array = dy.sum(axis=repeated).reshape(shape) if repeated else dy
    return dx
