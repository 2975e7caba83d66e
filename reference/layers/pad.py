"""A border around an array  y = x, with more numbers before and after along its last axes.

Along one axis, with the places j of y counted from that of x_0, a number beyond the last one, x_m, or before x_0 is

    constant    the value
    replicate   x_m, or x_0
    reflect     x_(2m−j), or x_(−j)
    circular    x_(j−m−1), or x_(j+m+1)

The value has no gradient. A copy adds its own to that of what it copied, one axis after the other:

    dx_i = dy_i + Σ dy_j over all copies j of x_i

Shapes      x (..., n, ...), widths ((a, b), ...) for the last axes, in their order -> y (..., a + n + b, ...)
Convention  The modes have PyTorch's names; NumPy and JAX call replicate edge, and circular wrap. reflect leaves out the
            edge itself; NumPy's symmetric does not. torch.nn.functional.pad lists the widths from the last axis on.
Source      torch.nn.functional.pad; numpy.pad
Raises      ValueError if a width is below 0, there are more of them than axes, or there is too little to copy: reflect
            needs an x longer than each width, circular one as long
"""

from typing import Literal, NamedTuple

from .. import Array
from ._padding import _check, padded, unpadded


class Saved(NamedTuple):
    widths: tuple[tuple[int, int], ...]
    mode: str


def forward(
    x: Array,
    *,
    widths: tuple[tuple[int, int], ...] = (),
    mode: Literal["constant", "reflect", "replicate", "circular"] = "constant",
    value: float = 0.0,
) -> tuple[Array, Saved]:
    _check("pad", x.shape, widths, mode)
    return padded(x, widths, mode, value), Saved(widths, mode)


def backward(saved: Saved, dy: Array) -> Array:
    return unpadded(dy, *saved)
