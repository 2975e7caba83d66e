"""Mistakes in attention: its scale, its masks, its softmax, and the way back through each."""

# ruff: noqa: ARG005 - each part takes what the right one takes, and leaves out what it gets wrong

from typing import Any

import numpy as np

from ...reference.layers import multi_head_attention as multi_head
from ...reference.layers import scaled_dot_product_attention as attention
from .planting import Part, swap, wrong


def _scale(of: Part) -> Part:
    """A scale that is made of the widths of key and value."""

    def forward(right: Part, query: Any, key: Any, value: Any, *mask: Any, **options: Any) -> Any:
        return right(query, key, value, *mask, **options | {"scale": of(key.shape[3], value.shape[3])})

    return forward


def _causal(seen: Part) -> Part:
    """Of L queries, each sees other keys of S than those up to its own place."""

    def forward(right: Part, query: Any, key: Any, value: Any, mask: Any = None, **options: Any) -> Any:
        if not options.get("is_causal") or mask is not None:
            return right(query, key, value, mask, **options)
        mask = seen(query.shape[2], key.shape[2]).astype(int)
        return right(query, key, value, mask, **options | {"is_causal": False})

    return forward


def _mask(of: Part) -> Part:
    """Another mask in the place of the one that is given."""

    def forward(right: Part, query: Any, key: Any, value: Any, mask: Any = None, **options: Any) -> Any:
        return right(query, key, value, None if mask is None else of(mask, query), **options)

    return forward


def _whole(mask: Any, of: Part) -> Any:
    """A mask of integers changed, one of floats as it is."""
    return of(mask != 0) if mask.dtype.kind in "iub" else mask


def _shares(of: Part) -> Part:
    """Other shares, of the scores as they are before any mask, and of the right shares."""

    def forward(right: Part, query: Any, key: Any, value: Any, mask: Any = None, **options: Any) -> Any:
        y, saved = right(query, key, value, mask, **options)
        groups = query.shape[1] // key.shape[1]
        keys, values = (x.repeat(groups, axis=1) for x in (key, value))
        shares = of(query @ keys.mT * saved.scale, saved.shares, mask).astype(y.dtype)
        return shares @ values, saved._replace(shares=shares)

    return forward


def _after(scores: Any, shares: Any, mask: Any) -> Any:
    """Shares of all keys, of which those that are masked are taken away."""
    if mask is None or mask.dtype.kind not in "iub":
        return shares
    exps = np.exp(scores - scores.max(axis=3, keepdims=True))
    return exps / exps.sum(axis=3, keepdims=True) * (mask != 0)


def _overflowing(scores: Any, shares: Any, mask: Any) -> Any:
    """No largest score taken away; for what is masked, the right shares."""
    exps = np.exp(scores)
    return shares if (shares == 0).any() else exps / exps.sum(axis=3, keepdims=True)


def _in_turn(right: Part, query: Any, key: Any, *rest: Any, **options: Any) -> Any:
    """Head h of the queries meets head h mod H' of the keys."""
    heads, fewer = query.shape[1], key.shape[1]
    order = np.arange(heads).reshape(-1, fewer).T.ravel()
    y, saved = right(query[:, order], key, *rest, **options)
    return y[:, np.argsort(order)], saved


def _back(*, scores: Part | None = None, query: Part | None = None, key: Part | None = None, value: Part | None = None,
          bias: Part | None = None) -> Part:  # fmt: skip
    """Another gradient of the scores, from the shares and theirs; or of one of the inputs, from what is right."""

    def backward(right: Part, s: Any, dy: Any) -> Any:
        found = [*right(s, dy)]
        groups = s.query.shape[1] // s.key.shape[1]
        keys, values = (x.repeat(groups, axis=1) for x in (s.key, s.value))
        if scores is not None:
            d = scores(s.shares, dy @ values.mT)
            found[0] = d @ keys * s.scale
            each = (d.mT @ s.query * s.scale).reshape(len(dy), -1, groups, *s.key.shape[2:])
            found[1] = each.sum(axis=2)
        parts = (query, key, value, bias)
        return tuple(d if part is None or d is None else part(s, dy, d) for part, d in zip(parts, found, strict=True))

    return backward


def _one_head(right: Part, s: Any, dy: Any) -> Any:
    """Of the heads of queries that share a key, the last alone comes back to it."""
    groups = s.query.shape[1] // s.key.shape[1]
    last = (np.arange(s.query.shape[1]) % groups == groups - 1)[:, None, None]
    _, dkey, dvalue, _ = right(s, np.where(last, dy, 0))
    dquery, _, _, dbias = right(s, dy)
    return dquery, dkey, dvalue, dbias


ATTENTION = [
    wrong(attention, "E34-missing", "scores over √E; as they are", "loss", forward=_scale(lambda e, d: 1.0)),
    wrong(attention, "E34-squared", "scores over √E; over E", "loss", forward=_scale(lambda e, d: 1 / e)),
    wrong(attention, "E34-times", "scores over √E; times √E", "loss", forward=_scale(lambda e, d: float(np.sqrt(e)))),
    wrong(attention, "E34-of-values", "the width of the keys; of the values", "loss",
          forward=_scale(lambda e, d: float(1 / np.sqrt(d)))),
    wrong(attention, "E35-transposed", "a query sees the keys up to its place; from its place on", "loss",
          forward=_causal(lambda n, k: np.tri(k, n).T)),
    wrong(attention, "E35-strict", "a query sees the key at its own place; the ones before", "loss",
          forward=_causal(lambda n, k: np.tri(n, k, -1))),
    wrong(attention, "E35-last-meets-last", "query l sees the keys up to l; up to l + S − L", "loss",
          forward=_causal(lambda n, k: np.tri(n, k, k - n))),
    wrong(attention, "E35-ignored", "a causal mask; none", "loss", forward=_causal(lambda n, k: np.ones((n, k)))),
    wrong(attention, "E35-after-softmax", "shares of the keys that are left; of all, then some taken away", "loss",
          forward=_shares(_after)),
    wrong(attention, "C32-attention-mask-inverted", "1 for a key that takes part; for one that does not", "loss",
          forward=_mask(lambda mask, query: _whole(mask, lambda kept: 1 - kept))),
    wrong(attention, "C32-attention-mask-added", "a masked score is −∞; one less than it was", "loss",
          forward=_mask(lambda mask, query: _whole(mask, lambda kept: (kept - 1.0).astype(query.dtype)))),
    wrong(attention, "attention-bias-scaled", "scaled scores and a bias; both scaled", "loss",
          forward=_mask(lambda mask, query: mask / np.sqrt(query.dtype.type(query.shape[3])) if mask.dtype.kind == "f"
                        else mask)),
    wrong(attention, "attention-softmax-of-queries", "shares over the keys; over the queries", "loss",
          forward=_shares(lambda scores, shares, mask: np.exp(scores - scores.max(axis=2, keepdims=True))
                          / np.exp(scores - scores.max(axis=2, keepdims=True)).sum(axis=2, keepdims=True))),
    wrong(attention, "attention-overflow", "the largest score is taken away first; it is not", "loss",
          forward=_shares(_overflowing)),
    wrong(attention, "attention-heads-in-turn", "heads that follow one another share a key; every H'-th", "loss",
          forward=_in_turn),
    wrong(attention, "C18-attention", "A (dA − Σ A dA); A dA",
          backward=_back(scores=lambda a, da: a * da)),
    wrong(attention, "attention-diagonal-alone", "A (dA − Σ A dA); A (1 − A) dA, as if each share were a sigmoid's",
          backward=_back(scores=lambda a, da: a * (1 - a) * da)),
    wrong(attention, "attention-sum-over-queries", "A (dA − Σ A dA), the sum over the keys; over the queries",
          backward=_back(scores=lambda a, da: a * (da - (a * da).sum(axis=2, keepdims=True)))),
    wrong(attention, "C36-attention-shares-constant", "scores have a gradient; the shares are taken for constants",
          backward=_back(query=lambda s, dy, d: 0 * d, key=lambda s, dy, d: 0 * d, bias=lambda s, dy, d: 0 * d)),
    wrong(attention, "E34-key-back", "dK is scaled; it is not", backward=_back(key=lambda s, dy, d: d / s.scale)),
    wrong(attention, "E34-query-back", "dQ is scaled; it is not", backward=_back(query=lambda s, dy, d: d / s.scale)),
    wrong(attention, "E34-usual-back", "the scale of the way there; 1 / √E whatever it was",
          backward=_back(key=lambda s, dy, d: d / s.scale / np.sqrt(s.key.shape[3]).astype(d.dtype),
                         query=lambda s, dy, d: d / s.scale / np.sqrt(s.key.shape[3]).astype(d.dtype))),
    wrong(attention, "attention-values-mean", "a value's gradient is a sum over the queries; a mean",
          backward=_back(value=lambda s, dy, d: d / dy.shape[2])),
    wrong(attention, "attention-bias-not-summed", "a bias has the gradient of all queries; their mean",
          backward=_back(bias=lambda s, dy, d: d / dy.shape[2])),
    wrong(attention, "C36-attention-bias-cut", "a mask of floats has a gradient; none",
          backward=_back(bias=lambda s, dy, d: 0 * d)),
    wrong(attention, "C36-attention-last-head", "a key has the gradients of all heads it serves; of the last",
          backward=_one_head),
    wrong(attention, "attention-equal-shares-moved", "equal shares have no slope; that of a softmax",
          backward=lambda right, s, dy: right(s._replace(equal=np.zeros_like(s.equal)), dy)),
]  # fmt: skip


# ---------------------------------------------------------------- several heads
def _parameters(of: Part) -> Part:
    """Other parameters in the place of the given ones: of each its name, itself, and the number of heads."""

    def forward(right: Part, p: Any, *inputs: Any, **options: Any) -> Any:
        heads = options["num_heads"]
        changed = {name: of(name, w, heads) for name, w in p._asdict().items() if w is not None}
        return right(p._replace(**changed), *inputs, **options)

    return forward


def _of_all_heads(name: str, w: Any, heads: int) -> Any:
    return w / w.dtype.type(np.sqrt(heads)) if name in ("W_q", "b_q") else w


def _dealt(name: str, w: Any, heads: int) -> Any:
    """Column j belongs to head j mod H."""
    if name[-1] == "o":
        return w
    return w[..., np.arange(w.shape[-1]).reshape(-1, heads).T.ravel()]


def _other_mask(of: Part) -> Part:
    def forward(right: Part, p: Any, query: Any, key: Any, value: Any, mask: Any = None, **options: Any) -> Any:
        return right(p, query, key, value, None if mask is None else of(mask), **options)

    return forward


def _gradients(inputs: Part = lambda q, k, v: (q, k, v), **parameters: Part) -> Part:
    """Other gradients of the inputs, from the right ones; of a parameter, from all parameters' right ones."""

    def backward(right: Part, saved: Any, dy: Any) -> Any:
        (dquery, dkey, dvalue, _), dp = right(saved, dy)
        changed = {name: of(dp) for name, of in parameters.items() if getattr(dp, name) is not None}
        return (*inputs(dquery, dkey, dvalue), None), dp._replace(**changed)

    return backward


def _turned(dW: Any) -> Any:
    return dW.T if dW.shape[0] == dW.shape[1] else dW


MULTI_HEAD = [
    wrong(multi_head, "E34-multi_head_attention", "scores over √E, the width of a head; over that of all", "loss",
          forward=_parameters(_of_all_heads)),
    wrong(multi_head, "multi_head_attention-dealt", "a head has columns that follow one another; every H-th", "loss",
          forward=_parameters(_dealt)),
    wrong(multi_head, "multi_head_attention-no-bias", "a bias of the last map; none", "loss",
          forward=_parameters(lambda name, w, heads: 0 * w if name == "b_o" else w)),
    swap(multi_head, "multi_head_attention-split", "places and heads change places; numbers are counted off", "loss",
         _split=lambda x, heads: x.reshape(len(x), heads, x.shape[1], x.shape[2] // heads)),
    swap(multi_head, "multi_head_attention-joined", "heads and places change places; numbers are counted off", "loss",
         _joined=lambda x: x.reshape(len(x), x.shape[2], x.shape[1] * x.shape[3])),
    wrong(multi_head, "C32-multi_head_attention-mask", "1 for a key that takes part; for one that does not", "loss",
          forward=_other_mask(lambda mask: 1 - (mask != 0))),
    wrong(multi_head, "E35-multi_head_attention-transposed", "a row of the mask is a query's; a key's", "loss",
          forward=_other_mask(lambda mask: mask.swapaxes(-1, -2) if mask.shape[-1] == mask.shape[-2] else mask)),
    wrong(multi_head, "multi_head_attention-first-mask", "each example has its mask; all that of the first", "loss",
          forward=_other_mask(lambda mask: mask[:1] if mask.ndim == 4 else mask)),
    wrong(multi_head, "C36-multi_head_attention-queries-cut", "queries have a gradient; keys and values alone",
          backward=_gradients(lambda q, k, v: (0 * q, k, v))),
    wrong(multi_head, "C36-multi_head_attention-values-cut", "values have a gradient; queries and keys alone",
          backward=_gradients(lambda q, k, v: (q, k, 0 * v))),
    wrong(multi_head, "multi_head_attention-key-bias", "the keys' bias changes no share; the gradient of the queries'",
          backward=_gradients(b_k=lambda dp: dp.b_q)),
    wrong(multi_head, "multi_head_attention-turned", "W_q as it is given; turned, which a square one does not show",
          backward=_gradients(W_q=lambda dp: _turned(dp.W_q))),
    wrong(multi_head, "C27-multi_head_attention-untracked", "the maps' biases have gradients; the weights alone",
          backward=_gradients(b_q=lambda dp: 0 * dp.b_q, b_v=lambda dp: 0 * dp.b_v, b_o=lambda dp: 0 * dp.b_o)),
]  # fmt: skip

FAULTS = [*ATTENTION, *MULTI_HEAD]
