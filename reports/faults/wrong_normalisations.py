"""Mistakes in normalisations, dropout, bags and distances. Each changes what the right function is given, or gives."""

# ruff: noqa: ARG005 - each part takes what the right one takes, and leaves out what it gets wrong

from types import ModuleType
from typing import Any

import numpy as np

from ...reference.layers import (
    batch_norm,
    cosine_similarity,
    dropout,
    embedding_bag,
    group_norm,
    instance_norm,
    l2_normalize,
    layer_norm,
    local_response_norm,
    pairwise_distance,
    rms_norm,
    spectral_norm,
    weight_norm,
)  # fmt: skip
from .planting import Fault, Part, wrong


def _unbiased(n: Part) -> Part:
    """The variance with n − 1: every deviation is larger by √(n / (n − 1)), eps apart."""

    def forward(right: Part, p: Any, x: Any, *rest: Any, **options: Any) -> Any:
        count = n(x, options)
        shrink = x.dtype.type(np.sqrt((count - 1) / count))
        twin = p._replace(weight=p.weight * shrink)
        y, saved = right(twin, x, *rest, **options)
        return y, saved

    return forward


def _eps_outside(right: Part, p: Any, x: Any, *rest: Any, **options: Any) -> Any:
    """√v + eps for √(v + eps): what stands under the bias is smaller."""
    eps = options.get("eps", 1e-5)
    y, saved = right(p, x, *rest, **options)
    flat = right(p._replace(bias=np.zeros_like(p.bias)), x, *rest, **options)[0] if "bias" in p._fields else y
    root = np.sqrt(np.maximum(saved.root * saved.root - x.dtype.type(eps), 0)) + x.dtype.type(eps)
    share = np.broadcast_to(saved.root / root, saved.normal.shape)
    return flat * share.reshape(y.shape) + (y - flat), saved._replace(root=root, normal=saved.normal * share)


def _without(*names: str) -> Part:
    """A backward whose parameters have no gradient."""

    def backward(right: Part, saved: Any, dy: Any) -> Any:
        dx, dp = right(saved, dy)
        return dx, dp._replace(**{name: np.zeros_like(getattr(dp, name)) for name in names})

    return backward


def _rows_mean(right: Part, saved: Any, dy: Any) -> Any:
    dx, dp = right(saved, dy)
    return dx, type(dp)(*(g / len(dy) for g in dp))


def _constant_root(right: Part, saved: Any, dy: Any) -> Any:
    """The statistics taken for constants."""
    _, dp = right(saved, dy)
    dnormal = (dy * saved.weight).reshape(saved.normal.shape)
    return (dnormal / saved.root).reshape(dy.shape), dp


def _norm(of: ModuleType, n: Part, bias: bool = True) -> list[Fault]:
    name = of.__name__.rpartition(".")[2]
    return [
        wrong(of, f"E25-{name}", "the variance over n; over n − 1", "loss", forward=_unbiased(n)),
        wrong(of, f"C27-{name}-untracked", "weight and bias have gradients; none",
              backward=_without("weight", *["bias"] * bias)),
        wrong(of, f"E06-{name}-mean", "parameters' gradients are sums over rows; means", backward=_rows_mean),
        wrong(of, f"D07-{name}-eps-outside", "√(v + eps); √v + eps", "loss", forward=_eps_outside),
        wrong(of, f"{name}-constants", "the statistics move with x; are constants", backward=_constant_root),
    ]  # fmt: skip


def _biased_running(right: Part, p: Any, x: Any, running: Any, **options: Any) -> Any:
    return right(p, x, running, **(options | {"variance": "biased"}))


def _old_weighed(right: Part, p: Any, x: Any, running: Any, **options: Any) -> Any:
    return right(p, x, running, **(options | {"momentum": 1 - options.get("momentum", 0.1)}))


def _option(name: str, change: Part, default: Any) -> Part:
    return lambda right, *a, **o: right(*a, **(o | {name: change(o.get(name, default))}))


BATCH = [
    *_norm(batch_norm, lambda x, o: x.size // x.shape[1]),
    wrong(batch_norm, "C29-batch_norm-biased", "the running variance over n − 1; over n", "loss",
          forward=_biased_running),
    wrong(batch_norm, "batch_norm-momentum-swapped", "momentum weighs the new statistics; the old", "loss",
          forward=_old_weighed),
]  # fmt: skip
WEIGHT = [
    wrong(weight_norm, "weight_norm-direction-only", "y = g v / ‖v‖, and g has a gradient; none",
          backward=lambda right, saved, dy: (right(saved, dy)[0], weight_norm.Params(np.zeros_like(saved.norm)))),
    wrong(weight_norm, "weight_norm-constant-length", "dv is what is across v; all of dy",
          backward=lambda right, saved, dy: (dy * saved.scale, right(saved, dy)[1])),
    wrong(weight_norm, "weight_norm-no-scale", "y = g v / ‖v‖; g v", "loss",
          forward=lambda right, p, v, **o: (v * p.g, right(p, v, **o)[1])),
]  # fmt: skip


def _vectors_stay(right: Part, W: Any, running: Any, **options: Any) -> Any:
    y, saved = right(W, running, **options)
    return y, saved._replace(after=running)


SPECTRAL = [
    wrong(spectral_norm, "spectral_norm-constant", "σ moves with W; is a constant",
          backward=lambda right, saved, dy: dy / saved.sigma),
    wrong(spectral_norm, "spectral_norm-one-more", "so many power iterations; one more", "loss",
          forward=_option("power_iterations", lambda n: n + 1, 1)),
    wrong(spectral_norm, "spectral_norm-vectors-stay", "u and v stand where they came to; where they were", "loss",
          forward=_vectors_stay),
]  # fmt: skip
L2 = [
    wrong(l2_normalize, "l2_normalize-constant", "the length moves with x; is a constant",
          backward=lambda right, saved, dy: dy / saved.bounded),
    wrong(l2_normalize, "l2_normalize-eps-added", "the larger of ‖x‖ and eps; their sum", "loss",
          forward=lambda right, x, *, eps=1e-12, axis=1, **o: (
              x / (np.sqrt(np.square(x).sum(axis=axis, keepdims=True)) + eps).astype(x.dtype),
              right(x, eps=eps, axis=axis, **o)[1])),
    wrong(l2_normalize, "l2_normalize-all-axes", "one axis; all", "loss",
          forward=lambda right, x, **o: (x / np.sqrt(np.square(x).sum()), right(x, **o)[1])),
]  # fmt: skip
LOCAL = [
    wrong(local_response_norm, "local_response_norm-alpha", "α over size, or not; the other way round", "loss",
          forward=_option("alpha_of", lambda of: "sum" if of == "mean" else "mean", "mean")),
    wrong(local_response_norm, "local_response_norm-own-term", "each x is in its neighbours' windows too; in none",
          backward=lambda right, saved, dy: dy / saved.power),
    wrong(local_response_norm, "local_response_norm-wider", "so many channels; one more", "loss",
          forward=_option("size", lambda n: n + 1, 1)),
]  # fmt: skip
DROPOUT = [
    wrong(dropout, "dropout-no-scale", "m x / (1 − p); m x", "loss",
          forward=lambda right, x, mask, *, p=0.5: (np.where(mask == 1, x, 0), right(x, mask, p=p)[1])),
    wrong(dropout, "dropout-keep-prob", "p is the share dropped; the share kept", "loss",
          forward=_option("p", lambda p: 1 - p if p else 0.0, 0.5)),
    wrong(dropout, "dropout-backward-unscaled", "dx = m dy / (1 − p); m dy",
          backward=lambda right, saved, dy: (np.where(saved.kept, dy, 0), None)),
    wrong(dropout, "dropout-backward-all", "dx = m dy / (1 − p); dy / (1 − p)",
          backward=lambda right, saved, dy: (dy / saved.share, None)),
]  # fmt: skip
BAG = [
    wrong(embedding_bag, "C25-embedding_bag-write", "gradients of a row that is named twice add up; the last stays",
          backward=lambda right, saved, dy: _written(right, saved, dy)),
    wrong(embedding_bag, "embedding_bag-padding-counts", "the mean over what is there; over the width", "loss",
          forward=_option("padding_idx", lambda i: None, None)),
    wrong(embedding_bag, "C25-embedding_bag-last-bag", "every bag; all but the last",
          backward=lambda right, saved, dy: right(saved, np.concatenate([dy[:-1], 0 * dy[-1:]]))),
]  # fmt: skip
COSINE = [
    wrong(cosine_similarity, "cosine_similarity-constant", "the lengths move; are constants",
          backward=lambda right, s, dy: ((e := np.expand_dims(dy, s.axis)) * s.b / s.r, e * s.a / s.q)),
    wrong(cosine_similarity, "cosine_similarity-negative", "y; −y, as Keras has it", "loss",
          forward=lambda right, x, z, **o: (lambda y, s: (-y, s))(*right(x, z, **o))),
    wrong(cosine_similarity, "cosine_similarity-eps", "eps bounds ‖x‖, or its square; the other way round", "loss",
          forward=_option("eps_of", lambda of: "square" if of == "norm" else "norm", "norm")),
]  # fmt: skip
DISTANCE = [
    wrong(pairwise_distance, "pairwise_distance-square", "‖x − z‖; its square", "loss",
          forward=lambda right, x, z, **o: (lambda y, s: (y * y, s))(*right(x, z, **o))),
    wrong(pairwise_distance, "pairwise_distance-no-eps", "eps added to each difference; to none", "loss",
          forward=_option("eps", lambda eps: 0.0, 1e-6)),
    wrong(pairwise_distance, "pairwise_distance-one-sided", "dz = −dx; none",
          backward=lambda right, saved, dy: ((dx := right(saved, dy)[0]), 0 * dx)),
]  # fmt: skip


def _written(right: Part, saved: Any, dy: Any) -> Any:
    dx, dp = right(saved, dy)
    last = np.zeros_like(dp.W)
    for bag, rows in zip(dy, saved.x, strict=True):
        last[rows] = bag
    return dx, embedding_bag.Params(last)


FAULTS = [
    *BATCH,
    *_norm(layer_norm, lambda x, o: x.shape[-1]),
    *_norm(rms_norm, lambda x, o: x.shape[-1], bias=False),
    *_norm(group_norm, lambda x, o: x[0].size // o["num_groups"]),
    *_norm(instance_norm, lambda x, o: x[0, 0].size),
    *WEIGHT, *SPECTRAL, *L2, *LOCAL, *DROPOUT, *BAG, *COSINE, *DISTANCE,
]  # fmt: skip
