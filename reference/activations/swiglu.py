"""Swish-gated linear unit  y = silu(a) b, a and b the halves of x along an axis, a the gate.

The product rule, with silu's own gradient:

    da = dy b silu'(a)      db = dy silu(a)

Shapes      x (..., 2 D, ...) -> y (..., D, ...)
Convention  gate = "first": a is the first half, as in Shazeer and vLLM's SiluAndMul; "second": the second half is the
            gate, as in the gated linear unit of PyTorch and JAX, and in diffusers' GEGLU.
Source      Shazeer (2020), GLU Variants Improve Transformer, section 2
Raises      ValueError if there are no halves
"""

from typing import Literal, NamedTuple

from .. import Array
from . import silu
from ._halves import join, split


class Saved(NamedTuple):
    opened: Array  # (..., D, ...)  silu(a)
    b: Array  # (..., D, ...)
    gate: silu.Saved
    axis: int
    gate_first: bool


def forward(x: Array, *, axis: int = -1, gate: Literal["first", "second"] = "first") -> tuple[Array, Saved]:
    first, second = split(x, axis)
    a, b = (first, second) if gate == "first" else (second, first)
    opened, saved = silu.forward(a)
    return opened * b, Saved(opened, b, saved, axis, gate == "first")


def backward(saved: Saved, dy: Array) -> Array:
    opened, b, gate, axis, gate_first = saved
    da = silu.backward(gate, dy * b)  # (..., D, ...)
    db = dy * opened  # (..., D, ...)
    return join(da, db, axis) if gate_first else join(db, da, axis)
