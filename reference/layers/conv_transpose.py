"""Transposed convolution over one, two or three axes: each x puts its multiple of a kernel into y, where they add up.

Place l of x and number i of the kernel meet in ŷ at s l + d i, s the stride, d the dilation, on every axis; padding is
what ŷ loses on either side to become y:

    ŷ_noj = Σ_cil x_ncl W_coi over all s l + d i = j, c of o's group        y_no = ŷ_no without its border + b_o

It is what `conv` does to its gradient. So its own gradient is a convolution, of dŷ: dy with a border of zeros.

    dx_ncl = Σ_oi W_coi dŷ_no(sl+di)      dW_coi = Σ_nl x_ncl dŷ_no(sl+di)      db_o = Σ_nj dy_noj

Shapes      x (N, C, *S), W (C, O/groups, *K), b (O,) or none -> y (N, O, *T),
            T = (S − 1) s − 2 padding + d (K − 1) + output_padding + 1
Convention  kernel = "flipped" is the transpose of `conv`, as above and in PyTorch, TensorFlow and Keras: each number of
            y meets the kernel in reverse. "plain" is what jax.lax.conv_transpose and Flax do unless told otherwise
            (transpose_kernel = False): the same with each kernel of W turned round. output_padding makes y longer at
            its far end, to choose among the sizes from which a stride leads to S. Channels of x stand first in W, as in
            PyTorch.
Source      Dumoulin, Visin (2016), A guide to convolution arithmetic for deep learning, section 4;
            torch.nn.ConvTranspose2d for the options
Raises      ValueError if x, W, b, groups and the options do not fit, or nothing is left of y
"""

from typing import Literal, NamedTuple

import numpy as np

from .. import Array
from ._convolution import Tap, by_group, correlate, each, kernel_gradient, spans, spread, taps
from ._padding import Widths, padded, unpadded


class Params(NamedTuple):
    W: Array  # (C, O/G, *K)
    b: Array | None = None  # (O,)


class Saved(NamedTuple):
    x: Array  # (N, C, *S)
    W: Array  # (C, O/G, *K)  turned round where it is plain
    has_b: bool
    at: list[Tap]
    widths: Widths
    groups: int
    kernel: str


def forward(
    p: Params,
    x: Array,
    *,
    stride: int | tuple[int, ...] = 1,
    padding: int | tuple[int, ...] = 0,
    output_padding: int | tuple[int, ...] = 0,
    dilation: int | tuple[int, ...] = 1,
    groups: int = 1,
    kernel: Literal["flipped", "plain"] = "flipped",
) -> tuple[Array, Saved]:
    W, b = p
    _check(p, x, groups)
    if kernel == "plain":
        W = _turned(W)
    axes = x.ndim - 2
    s, d = each(stride, axes, "conv_transpose: stride"), each(dilation, axes, "conv_transpose: dilation")
    extra = each(output_padding, axes, "conv_transpose: output_padding", least=0)
    if any(more >= max(both) for more, *both in zip(extra, s, d, strict=True)):
        raise ValueError(f"conv_transpose: output_padding must be below stride or dilation; got {output_padding}")
    widths = tuple((width, width) for width in each(padding, axes, "conv_transpose: padding", least=0))
    sizes = zip(spans(W.shape[2:], d), extra, x.shape[2:], s, strict=True)
    T = tuple((n - 1) * s + span + more for span, more, n, s in sizes)
    if min(n - sum(both) for n, both in zip(T, widths, strict=True)) < 1:
        raise ValueError(f"conv_transpose: padding = {padding} leaves nothing of the {T} that x {x.shape} makes")
    at = taps(x.shape[2:], W.shape[2:], s, d)
    wide = spread(by_group(x, groups), W, at, (len(x), W.shape[1] * groups, *T))  # (N, O, *T)  ŷ
    y = unpadded(wide, widths, "zeros")  # (N, O, *T)
    if b is not None:
        y += b.reshape(len(b), *(1,) * axes)
    return y, Saved(x, W, b is not None, at, widths, groups, kernel)


def backward(saved: Saved, dy: Array) -> tuple[Array, Params]:
    x, W, has_b, at, widths, groups, kernel = saved
    db = dy.sum(axis=(0, *range(2, dy.ndim))) if has_b else None  # (O,)
    dx, rows = correlate(padded(dy, widths, "zeros"), W, at, groups)  # (N, G, C/G, S), (N, G, O/G·k, S)
    dW = kernel_gradient(by_group(x, groups), rows, W.shape)  # (C, O/G, *K)
    return dx.reshape(x.shape), Params(_turned(dW) if kernel == "plain" else dW, db)


def _turned(W: Array) -> Array:
    """Each kernel, read from the other end of each of its axes."""
    return np.flip(W, tuple(range(2, W.ndim)))


def _check(p: Params, x: Array, groups: int) -> None:
    W, b = p
    if not 3 <= x.ndim <= 5 or W.ndim != x.ndim or min(*W.shape, *x.shape[2:]) < 1:
        raise ValueError(f"conv_transpose: x {x.shape} needs one to three axes after its channels, and W {W.shape} too")
    if groups < 1 or len(W) % groups or x.shape[1] != len(W):
        raise ValueError(f"conv_transpose: x {x.shape} and W {W.shape} do not fit in groups = {groups}")
    if b is not None and b.shape != (W.shape[1] * groups,):
        raise ValueError(f"conv_transpose: b {b.shape} needs {W.shape[1] * groups} numbers, with W {W.shape}")
