"""Attention: each query takes of the values of all keys, by how well each key fits it.

    y = A V,  A = softmax(Z) over the keys,  Z = scale Q Kᵀ

in every head. With dy = ∂L/∂y, and the rules of the matrix product and of the softmax:

    dV = Aᵀ dy        dA = dy Vᵀ        dZ = A (dA − Σ A dA), the sum over the keys
    dQ = scale dZ K   dK = scale dZᵀ Q

A mask of integers leaves a key out where it is 0: there Z = −∞, so that A = 0 and dZ = 0. One of floats is added to Z,
and its gradient is dZ, summed over what it was repeated for.

Shapes      query (N, H, L, E), key (N, H', S, E), value (N, H', S, D), H' = H, or less with enable_gqa; mask
            broadcasting to (N, H, L, S), or none -> y (N, H, L, D)
Convention  Heads stand before places, as in PyTorch; jax.nn.dot_product_attention and Flax have them behind.
            scale is 1 / √E where it is not given. is_causal leaves query l the keys up to l, also where L is not S, as
            in PyTorch and JAX; FlashAttention, since 2.1, lets the last query meet the last key.
            enable_gqa: each head of key and value serves H / H' heads of query, which follow one another.
            What a query without any key has: masked = "zero": nothing, y = 0, as in PyTorch. "uniform": equal shares of
            all values, causal or not, as where a large negative number stands for −∞: JAX, Flax and MLX, for masks of
            integers. "undefined": NaN, the softmax of nothing: JAX, for masks of floats, and a formula as it stands.
Source      Vaswani et al. (2017), Attention Is All You Need, eq. 1; Ainslie et al. (2023), GQA, for groups of heads;
            torch.nn.functional.scaled_dot_product_attention for the options
Raises      ValueError if query, key, value and mask do not fit, or there is no key
"""

from typing import Literal, NamedTuple

import numpy as np

from .. import Array
from ..constants import decimal, root, whole
from ._broadcast import reduced


class Saved(NamedTuple):
    query: Array  # (N, H, L, E)
    key: Array  # (N, H', S, E)
    value: Array  # (N, H', S, D)
    shares: Array  # (N, H, L, S)  A
    equal: Array  # (N, H, L, 1)  whether a query has equal shares, whatever the scores
    scale: Array  # ()
    bias: tuple[int, ...] | None  # the shape of a mask of floats


def forward(
    query: Array,
    key: Array,
    value: Array,
    mask: Array | None = None,
    *,
    is_causal: bool = False,
    scale: float | None = None,
    enable_gqa: bool = False,
    masked: Literal["zero", "uniform", "undefined"] = "zero",
) -> tuple[Array, Saved]:
    _check(query, key, value, mask, enable_gqa)
    factor = 1 / root(query.shape[3], query) if scale is None else decimal(scale, query)  # ()
    heads = key.shape[1]
    products = _grouped(query, heads) @ key.mT  # (N, H', L·H/H', S)
    scores = products.reshape(*query.shape[:3], key.shape[2]) * factor  # (N, H, L, S)
    bias = None if mask is None or mask.dtype.kind in "iub" else mask
    if bias is not None:
        scores = scores + bias
    elif mask is not None:
        scores = np.where(mask.astype(bool), scores, -np.inf)
    if is_causal:
        scores = np.where(np.tri(*scores.shape[2:]) == 1, scores, -np.inf)
    largest = scores.max(axis=3, keepdims=True)  # (N, H, L, 1)
    none = largest == -np.inf  # (N, H, L, 1)
    with np.errstate(invalid="ignore"):  # −∞ less −∞
        shares = np.exp(scores - largest)  # (N, H, L, S)
    shares = shares / shares.sum(axis=3, keepdims=True)
    if masked != "undefined":
        shares = np.where(none, 1 / whole(key.shape[2], shares) if masked == "uniform" else 0, shares)
    y = _grouped(shares, heads) @ value  # (N, H', L·H/H', D)
    shape = None if bias is None else bias.shape
    saved = Saved(query, key, value, shares, none & (masked == "uniform"), factor, shape)
    return y.reshape(*query.shape[:3], value.shape[3]), saved


def backward(saved: Saved, dy: Array) -> tuple[Array, Array, Array, Array | None]:
    query, key, value, shares, equal, scale, bias = saved
    heads = key.shape[1]
    dy = _grouped(dy, heads)  # (N, H', L·H/H', D)
    dvalue = _grouped(shares, heads).mT @ dy  # (N, H', S, D)
    dshares = (dy @ value.mT).reshape(shares.shape)  # (N, H, L, S)
    dscores = shares * (dshares - (shares * dshares).sum(axis=3, keepdims=True))  # (N, H, L, S)
    dscores = np.where(equal, 0, dscores)
    dbias = None if bias is None else reduced(dscores, bias)  # as the mask
    dproducts = _grouped(dscores * scale, heads)  # (N, H', L·H/H', S)
    dkey = dproducts.mT @ _grouped(query, heads)  # (N, H', S, E)
    dquery = (dproducts @ key).reshape(query.shape)  # (N, H, L, E)
    return dquery, dkey, dvalue, dbias


def _grouped(x: Array, heads: int) -> Array:
    """What shares a head of the keys, one below the other: (N, H, L, ...) -> (N, H', L·H/H', ...)."""
    return x.reshape(len(x), heads, x.shape[1] // heads * x.shape[2], x.shape[3])


def _check(query: Array, key: Array, value: Array, mask: Array | None, enable_gqa: bool) -> None:
    shapes = f"query {query.shape}, key {key.shape} and value {value.shape}"
    if query.ndim != 4 or key.ndim != 4 or value.ndim != 4:
        raise ValueError(f"scaled_dot_product_attention: {shapes} must be (N, H, places, width)")
    if key.shape[:3] != value.shape[:3] or len(query) != len(key) or query.shape[3] != key.shape[3]:
        raise ValueError(f"scaled_dot_product_attention: {shapes} do not fit: a value for each key, as wide as a query")
    if not key.shape[2]:
        raise ValueError(f"scaled_dot_product_attention: there is no key, {shapes}")
    heads, fewer = query.shape[1], key.shape[1]
    if heads != fewer and not (enable_gqa and fewer and not heads % fewer):
        raise ValueError(f"scaled_dot_product_attention: {heads} heads of query, {fewer} of key: with enable_gqa, a "
                         "multiple, else as many")  # fmt: skip
    scores = (*query.shape[:3], key.shape[2])
    lengths = () if mask is None else mask.shape
    if len(lengths) > 4 or any(n not in (1, m) for n, m in zip(reversed(lengths), reversed(scores), strict=False)):
        raise ValueError(f"scaled_dot_product_attention: mask {lengths} does not broadcast to {scores}")
