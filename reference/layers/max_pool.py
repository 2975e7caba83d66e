"""Max pooling  y_o = max x_i over the places i of window o.

The windows are k places long and d apart, and slide by s along each spatial axis. y_o is one x, and so goes its
gradient; an x that is the largest of several windows has the sum:

    dx_i = Σ dy_o over all windows o whose largest is x_i

Shapes      x (N, C, S, ...) with one, two or three spatial axes -> y (N, C, O, ...),
            O = ⌊(S + 2 p − d (k − 1) − 1) / s⌋ + 1, with ⌈⌉ in ceil_mode
Convention  A size is one number for all spatial axes, or one for each. stride is kernel_size unless given. Padding is
            never the largest. In ceil_mode a last window may reach beyond what pads the end, but not begin there.
            ties = "first": the first of equals has all of dy, as in PyTorch, JAX and TensorFlow; "even": they share it,
            as in MLX and tinygrad. NaN is the largest of its window.
Source      Goodfellow, Bengio, Courville (2016), Deep Learning, section 9.3; torch.nn.MaxPool2d for the options
Raises      ValueError if x has no spatial axis, sizes do not fit it, or padding is more than half a window
"""

from .. import Array
from ._pooling import Largest, Sizes, Ties, _check, largest, sliding, spread

Saved = Largest


def forward(
    x: Array,
    *,
    kernel_size: Sizes = 2,
    stride: Sizes | None = None,
    padding: Sizes = 0,
    dilation: Sizes = 1,
    ceil_mode: bool = False,
    ties: Ties = "first",
) -> tuple[Array, Saved]:
    _check("max_pool", x.shape, kernel_size, stride, padding, dilation)
    places = sliding(x.shape[2:], kernel_size, stride, padding, dilation, ceil_mode=ceil_mode)  # (k, O) each
    return largest(x, places, ties)


def backward(saved: Saved, dy: Array) -> Array:
    return spread(saved, dy)
