"""Convolution over one, two or three axes: a kernel slides over x with a border, x̂, and weighs what it meets.

Place l of the output and number i of the kernel meet x̂ at s l + d i, s the stride, d the dilation, on every axis:

    y_nol = Σ_ci W_oci x̂_nc(sl+di) + b_o        over the channels c of o's group

With dy = ∂L/∂y, each x̂ gets back from every place that met it, and those that none met get nothing:

    dx̂_ncj = Σ_oil W_oci dy_nol over all s l + d i = j      dx from dx̂: a border of copies adds to what it copied
    dW_oci = Σ_nl dy_nol x̂_nc(sl+di)                         db_o = Σ_nl dy_nol

Shapes      x (N, C, *S), W (O, C/groups, *K), b (O,) or none -> y (N, O, *L),
            L = ⌊(S + border − d (K − 1) − 1) / s⌋ + 1
Convention  The kernel is not flipped: a cross-correlation, as in every framework; textbooks flip it. Channels stand
            second, as in PyTorch; Flax, Keras and MLX have them last. padding is what stands on either side; "same"
            gives L = ⌈S / s⌉, with the last of an odd border behind, as JAX and TensorFlow have it. Half the kernel on
            either side is the same only where s is 1 and the kernel odd. PyTorch has "same" for s = 1 alone.
Source      Goodfellow, Bengio, Courville (2016), Deep Learning, section 9.5; Dumoulin, Visin (2016), A guide to
            convolution arithmetic for deep learning; torch.nn.Conv2d for the options
Raises      ValueError if x, W, b, groups and the options do not fit, or x with its border is smaller than the kernel
"""

from typing import Literal, NamedTuple

from .. import Array
from ._convolution import Numbers, Tap, by_group, correlate, each, kernel_gradient, places, spans, spread, taps
from ._padding import Widths, padded, unpadded
from ._padding import _check as _check_widths


class Params(NamedTuple):
    W: Array  # (O, C/G, *K)
    b: Array | None = None  # (O,)


class Saved(NamedTuple):
    rows: Array  # (N, G, C/G·k, L)  the taps
    W: Array  # (O, C/G, *K)
    has_b: bool
    at: list[Tap]
    shape: Numbers  # of x̂
    widths: Widths
    padding_mode: str


def forward(
    p: Params,
    x: Array,
    *,
    stride: int | tuple[int, ...] = 1,
    padding: int | tuple[int, ...] | Literal["same"] = 0,
    dilation: int | tuple[int, ...] = 1,
    groups: int = 1,
    padding_mode: Literal["zeros", "reflect", "replicate", "circular"] = "zeros",
) -> tuple[Array, Saved]:
    W, b = p
    _check(p, x, groups)
    K, axes = W.shape[2:], x.ndim - 2
    s, d = each(stride, axes, "conv: stride"), each(dilation, axes, "conv: dilation")
    widths = _widths(padding, x.shape[2:], spans(K, d), s)
    _check_widths("conv", x.shape, widths, padding_mode)
    wide = padded(x, widths, padding_mode)  # (N, C, *S)  x̂
    L = places(wide.shape[2:], K, s, d)
    if min(L) < 1:
        raise ValueError(f"conv: x {x.shape} with its border, {wide.shape}, is smaller than the kernel of W {W.shape}")
    at = taps(L, K, s, d)
    y, rows = correlate(wide, W, at, groups)  # (N, G, O/G, L)
    if b is not None:
        y += b.reshape(*y.shape[1:3], 1)
    saved = Saved(rows, W, b is not None, at, wide.shape, widths, padding_mode)
    return y.reshape(len(x), len(W), *L), saved  # (N, O, *L)


def backward(saved: Saved, dy: Array) -> tuple[Array, Params]:
    _, W, _, at, shape, widths, padding_mode = saved
    dp = backward_parameters(saved, dy)
    dwide = spread(by_group(dy, saved.rows.shape[1]), W, at, shape)  # (N, C, *S)  x̂
    return unpadded(dwide, widths, padding_mode), dp


def backward_parameters(saved: Saved, dy: Array) -> Params:
    """All but dx: what training needs of a network's first layer."""
    rows, W, has_b, *_ = saved
    db = dy.sum(axis=(0, *range(2, dy.ndim))) if has_b else None  # (O,)
    dW = kernel_gradient(by_group(dy, rows.shape[1]), rows, W.shape)  # (O, C/G, *K)
    return Params(dW, db)


def _widths(padding: int | Numbers | Literal["same"], sizes: Numbers, span: Numbers, stride: Numbers) -> Widths:
    """What stands before and after, on each axis."""
    if padding != "same":
        return tuple((width, width) for width in each(padding, len(sizes), "conv: padding", least=0))
    lacking = (max((-(-n // s) - 1) * s + k - n, 0) for n, k, s in zip(sizes, span, stride, strict=True))
    return tuple((lack // 2, lack - lack // 2) for lack in lacking)


def _check(p: Params, x: Array, groups: int) -> None:
    W, b = p
    if not 3 <= x.ndim <= 5 or W.ndim != x.ndim or min(W.shape) < 1:
        raise ValueError(f"conv: x {x.shape} needs one to three axes after its channels, and W {W.shape} as many")
    if groups < 1 or len(W) % groups or x.shape[1] != W.shape[1] * groups:
        raise ValueError(f"conv: x {x.shape} and W {W.shape} do not fit in groups = {groups}: their channels differ")
    if b is not None and b.shape != W.shape[:1]:
        raise ValueError(f"conv: b {b.shape} does not fit W {W.shape}: b needs shape {W.shape[:1]}")
