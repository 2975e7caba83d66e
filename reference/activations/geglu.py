"""GELU-gated linear unit  y = gelu(a) b, a and b the halves of x along an axis, a the gate.

The product rule, with gelu's own gradient:

    da = dy b gelu'(a)      db = dy gelu(a)

Shapes      x (..., 2 D, ...) -> y (..., D, ...)
Convention  gate = "first": a is the first half, as in Shazeer and vLLM's GeluAndMul; "second": the second half is the
            gate, as in the gated linear unit of PyTorch and JAX, and in diffusers' GEGLU.
            approximate is gelu's own option.
Source      Shazeer (2020), GLU Variants Improve Transformer, section 2
Raises      ValueError if there are no halves
"""

from typing import Literal, NamedTuple

from .. import Array
from . import gelu
from ._halves import join, split


class Saved(NamedTuple):
    opened: Array  # (..., D, ...)  gelu(a)
    b: Array  # (..., D, ...)
    gate: gelu.Saved
    axis: int
    gate_first: bool


def forward(
    x: Array,
    *,
    axis: int = -1,
    gate: Literal["first", "second"] = "first",
    approximate: Literal["none", "tanh"] = "none",
) -> tuple[Array, Saved]:
    first, second = split(x, axis)
    a, b = (first, second) if gate == "first" else (second, first)
    opened, saved = gelu.forward(a, approximate=approximate)
    return opened * b, Saved(opened, b, saved, axis, gate == "first")


def backward(saved: Saved, dy: Array) -> Array:
    opened, b, gate, axis, gate_first = saved
    da = gelu.backward(gate, dy * b)  # (..., D, ...)
    db = dy * opened  # (..., D, ...)
    return join(da, db, axis) if gate_first else join(db, da, axis)
