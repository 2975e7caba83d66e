"""Largest number so far along an axis  y_k = max(x_1, …, x_k).

y_k is x_k where that is larger than y_{k−1}, and y_{k−1} elsewhere. With s_k what comes to y_k from above and from
y_{k+1}, a_k = 1 where x_k > y_{k−1} (and at k = 1), else 0, and the part t of a tie:

    dx_k = a_k s_k      s_{k−1} = dy_{k−1} + (1 − a_k) s_k        a_k = t where x_k = y_{k−1}

Shapes      x (...) -> y (...)
Convention  ties = "last": t is 1, as in PyTorch; "first": 0; "even": ½, as in JAX, which compares pairs, and pairs
            of pairs: three and more that are alike share otherwise there than one after the other.
Source      torch.cummax, jax.lax.cummax
"""

from .. import Array
from ._running import Larger, Ties, largest, spread

Saved = Larger


def forward(x: Array, *, axis: int = -1, ties: Ties = "last") -> tuple[Array, Saved]:
    return largest(x, axis, ties)


def backward(saved: Saved, dy: Array) -> Array:
    return spread(saved, dy)
