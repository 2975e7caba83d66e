"""Multi-head attention: queries, keys and values by a linear map each, attention in every head, and a map of all.

    y = [Y_1 … Y_H] W_o + b_o,  Y_h = attention(Q_h, K_h, V_h)
    [Q_1 … Q_H] = query W_q + b_q,  [K_1 … K_H] = key W_k + b_k,  [V_1 … V_H] = value W_v + b_v

Head h has columns h E up to (h + 1) E of what each map gives: splitting and joining heads moves numbers, and no more.
So backward is that of linear, of scaled_dot_product_attention, and of linear again. Where one array is query, key and
value, it gets three gradients, which add up. That of b_k is 0: it adds the same to all of a query's scores.

Shapes      query (N, L, D), key (N, S, C), value (N, S, B), mask of integers broadcasting to (N, H, L, S), or none,
            W_q (D, H E), W_k (C, H E), W_v (B, H E), W_o (H E, K), b_q, b_k, b_v (H E,), b_o (K,), or none
            -> y (N, L, K)
Convention  The batch stands first, as in Flax; torch.nn.functional has it second. A mask is 1 where a key takes part,
            as in Flax; in PyTorch's multi_head_attention_forward it is where one does not.
            What a query without any key has: masked = "zero": nothing but b_o, as in PyTorch without need_weights;
            "undefined": NaN, as in PyTorch with need_weights; "uniform": equal shares of all values, as in Flax.
Source      Vaswani et al. (2017), Attention Is All You Need, section 3.2.2
Raises      ValueError if the shapes do not fit, there is no key, the heads do not divide the width, or a mask is not of
            integers
"""

from typing import Literal, NamedTuple

from .. import Array
from . import linear, scaled_dot_product_attention


class Params(NamedTuple):
    W_q: Array  # (D, H·E)
    W_k: Array  # (C, H·E)
    W_v: Array  # (B, H·E)
    W_o: Array  # (H·E, K)
    b_q: Array | None = None  # (H·E,)
    b_k: Array | None = None  # (H·E,)
    b_v: Array | None = None  # (H·E,)
    b_o: Array | None = None  # (K,)


class Saved(NamedTuple):
    query: linear.Saved
    key: linear.Saved
    value: linear.Saved
    attended: scaled_dot_product_attention.Saved
    joined: linear.Saved


def forward(
    p: Params,
    query: Array,
    key: Array,
    value: Array,
    mask: Array | None = None,
    *,
    num_heads: int,
    masked: Literal["zero", "uniform", "undefined"] = "zero",
) -> tuple[Array, Saved]:
    _check(p, query, key, value, mask, num_heads)
    q, of_query = linear.forward(linear.Params(p.W_q, p.b_q), query)  # (N, L, H·E)
    k, of_key = linear.forward(linear.Params(p.W_k, p.b_k), key)  # (N, S, H·E)
    v, of_value = linear.forward(linear.Params(p.W_v, p.b_v), value)  # (N, S, H·E)
    q, k, v = (_split(x, num_heads) for x in (q, k, v))  # (N, H, L, E), (N, H, S, E), (N, H, S, E)
    taken, attended = scaled_dot_product_attention.forward(q, k, v, mask, masked=masked)  # (N, H, L, E)
    y, joined = linear.forward(linear.Params(p.W_o, p.b_o), _joined(taken))  # (N, L, K)
    return y, Saved(of_query, of_key, of_value, attended, joined)


def backward(saved: Saved, dy: Array) -> tuple[tuple[Array, Array, Array, None], Params]:
    dtaken, of_o = linear.backward(saved.joined, dy)  # (N, L, H·E)
    num_heads = saved.attended.query.shape[1]
    dq, dk, dv, _ = scaled_dot_product_attention.backward(saved.attended, _split(dtaken, num_heads))
    dvalue, of_v = linear.backward(saved.value, _joined(dv))  # (N, S, B)
    dkey, of_k = linear.backward(saved.key, _joined(dk))  # (N, S, C)
    dquery, of_q = linear.backward(saved.query, _joined(dq))  # (N, L, D)
    return (dquery, dkey, dvalue, None), Params(of_q.W, of_k.W, of_v.W, of_o.W, of_q.b, of_k.b, of_v.b, of_o.b)


def _split(x: Array, num_heads: int) -> Array:
    """(N, L, H·E) -> (N, H, L, E)."""
    return x.reshape(len(x), x.shape[1], num_heads, x.shape[2] // num_heads).swapaxes(1, 2)


def _joined(x: Array) -> Array:
    """(N, H, L, E) -> (N, L, H·E)."""
    return x.swapaxes(1, 2).reshape(len(x), x.shape[2], x.shape[1] * x.shape[3])


def _check(p: Params, query: Array, key: Array, value: Array, mask: Array | None, num_heads: int) -> None:
    given = {"W_q": query, "W_k": key, "W_v": value}
    shapes = f"query {query.shape}, key {key.shape} and value {value.shape}"
    if {x.ndim for x in given.values()} != {3} or key.shape[:2] != value.shape[:2] or len(query) != len(key):
        raise ValueError(f"multi_head_attention: {shapes} must be (N, places, width), with a value for each key")
    if not key.shape[1]:
        raise ValueError(f"multi_head_attention: there is no key, {shapes}")
    width, out = p.W_o.shape
    for name, x in given.items():
        W: Array = getattr(p, name)
        if W.shape != (x.shape[2], width):
            raise ValueError(f"multi_head_attention: {name} {W.shape} must be {(x.shape[2], width)}, from what it maps "
                             f"to the rows of W_o")  # fmt: skip
    for name, b, length in (("b_q", p.b_q, width), ("b_k", p.b_k, width), ("b_v", p.b_v, width), ("b_o", p.b_o, out)):
        if b is not None and b.shape != (length,):
            raise ValueError(f"multi_head_attention: {name} {b.shape} must be {(length,)}")
    if num_heads < 1 or width % num_heads:
        raise ValueError(f"multi_head_attention: num_heads must divide the width {width} of all heads; got {num_heads}")
    if mask is not None and mask.dtype.kind not in "iub":
        raise ValueError("multi_head_attention: a mask must hold integers, 1 where a key takes part and 0 where not")
