"""Local response normalisation  y_c = x_c / s_c^β,  s_c = k + a Σ x_j², j over `size` channels round c.

The window of c runs from c − ⌊size / 2⌋ to c + ⌊(size − 1) / 2⌋; what it has beyond the channels is zero. Each x_j
stands in its own y, and in the s of each channel whose window it is in:

    dx_j = dy_j / s_j^β − 2 a β x_j Σ dy_c y_c / s_c            c over the channels whose window has j

Shapes      x (N, C, ...) -> y (N, C, ...)
Convention  alpha_of = "mean": a = α / size, α times the mean square of the window, as PyTorch has it; "sum": a = α, as
            the paper and TensorFlow have it, whose size is 2 depth_radius + 1. PyTorch's k is 1, the paper's 2.
Source      Krizhevsky, Sutskever, Hinton (2012), ImageNet Classification with Deep Convolutional Neural Networks,
            section 3.3
Raises      ValueError if x has no channels, or size is less than 1
"""

from typing import Literal, NamedTuple

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from .. import Array
from ..constants import whole


class Saved(NamedTuple):
    x: Array  # (N, C, ...)
    y: Array  # (N, C, ...)
    s: Array  # (N, C, ...)
    power: Array  # (N, C, ...)  s^β
    a: Array  # ()
    beta: float
    size: int


def forward(
    x: Array,
    *,
    size: int,
    alpha: float = 1e-4,
    beta: float = 0.75,
    k: float = 1.0,
    alpha_of: Literal["mean", "sum"] = "mean",
) -> tuple[Array, Saved]:
    if x.ndim < 2 or size < 1:
        raise ValueError(f"local_response_norm: x {x.shape} needs channels, and option size to be above 0; got {size}")
    a = whole(1, x) * alpha / (size if alpha_of == "mean" else 1)  # ()
    s = k + a * _windows(np.square(x), int(size / 2), size)  # (N, C, ...)
    power = np.power(s, beta)  # (N, C, ...)
    y = x / power  # (N, C, ...)
    return y, Saved(x, y, s, power, a, beta, size)


def backward(saved: Saved, dy: Array) -> Array:
    x, y, s, power, a, beta, size = saved
    along = _windows(dy * y / s, int((size - 1) / 2), size)  # (N, C, ...)  the windows that a channel is in
    return dy / power - 2 * a * beta * x * along


def _windows(terms: Array, before: int, size: int) -> Array:
    """The sum of `size` channels, from as many before each channel."""
    N, C, *positions = terms.shape
    padded = np.zeros_like(terms, shape=(N, C + size - 1, *positions))
    padded[:, before : before + C] = terms
    summed: Array = sliding_window_view(padded, size, axis=1).sum(axis=-1)
    return summed
