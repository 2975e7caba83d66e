"""PyTorch's own operation for each of the reference's, in the same order as jax_operations.py."""

import warnings
from collections.abc import Callable
from typing import Any

import torch
import torch.nn.functional as F  # noqa: N812 - its name in every PyTorch program

from .base import Unsupported


def _conv(
    x: Any, W: Any, b: Any = None, *, stride: Any, padding: Any, dilation: Any, groups: int, padding_mode: str
) -> Any:
    if padding == "same" and stride not in (1, (1,) * (x.ndim - 2)):
        raise Unsupported(f"pytorch's conv has padding = 'same' where stride is 1; asked for stride = {stride!r}")
    if padding_mode == "zeros":
        return (F.conv1d, F.conv2d, F.conv3d)[x.ndim - 3](x, W, b, stride, padding, dilation, groups)
    # only the layers of torch.nn pad otherwise
    kind = (torch.nn.Conv1d, torch.nn.Conv2d, torch.nn.Conv3d)[x.ndim - 3]
    options = (stride, padding, dilation, groups, b is not None)
    layer = kind(x.shape[1], len(W), tuple(W.shape[2:]), *options, padding_mode, device="meta")
    return torch.func.functional_call(layer, {"weight": W} if b is None else {"weight": W, "bias": b}, (x,))


def _by_axes(*functions: Callable[..., Any]) -> Callable[..., Any]:
    """PyTorch has a function for each number of spatial axes: one, two, three."""
    return lambda x, **options: functions[x.ndim - 3](x, **options)


def _avg_pool(x: Any, *, divisor_override: int | None, **options: Any) -> Any:
    if x.ndim == 3 and divisor_override is not None:
        raise Unsupported("PyTorch's avg_pool1d has no divisor_override")
    override = {} if x.ndim == 3 else {"divisor_override": divisor_override}
    return _by_axes(F.avg_pool1d, F.avg_pool2d, F.avg_pool3d)(x, **options, **override)


def _upsample_bicubic(x: Any, **options: Any) -> Any:
    if x.ndim != 4:
        raise Unsupported("PyTorch has cubic resizing of two spatial axes, and no other number")
    return F.interpolate(x, mode="bicubic", **options)


def _affine_grid(theta: Any, *, size: Any, align_corners: bool) -> Any:
    if not len(theta) or (theta.dtype == torch.bfloat16 and len(size) == 3):
        raise Unsupported("pytorch has no affine_grid of no maps, and none of three axes in bfloat16")
    return F.affine_grid(theta, [len(theta), 1, *size], align_corners)


def _spectral_norm(W: Any, u: Any, v: Any, *, power_iterations: int, eps: float) -> Any:
    """What torch.nn.utils.parametrizations.spectral_norm puts on a layer, with these vectors in place of drawn ones."""
    layer = torch.nn.Linear(v.numel(), u.numel(), bias=False)
    torch.nn.utils.parametrizations.spectral_norm(layer, "weight", max(power_iterations, 1), eps)
    (norm,) = layer.parametrizations.weight
    norm._u, norm._v = u, v  # moved in place
    return norm.train(power_iterations > 0)(W)


def _ctc(x: Any, target: Any, *, impossible: str, **options: Any) -> Any:
    if impossible == "large":
        raise Unsupported("pytorch's ctc has impossible = 'infinite' or 'zero'")
    return F.ctc_loss(x, target, **options, zero_infinity=impossible == "zero")


def _attention(query: Any, key: Any, value: Any, mask: Any = None, *, is_causal: bool, **options: Any) -> Any:
    if mask is not None and is_causal:
        raise Unsupported("F.scaled_dot_product_attention has a mask or is_causal, not both")
    if mask is not None and not mask.is_floating_point():
        mask = mask != 0
    return F.scaled_dot_product_attention(query, key, value, mask, is_causal=is_causal, **options)


def _multi_head_attention(
    query: Any,
    key: Any,
    value: Any,
    mask: Any = None,
    *,
    num_heads: int,
    masked: str,
    W_o: Any,
    b_o: Any = None,
    **p: Any,
) -> Any:
    """Its batch stands second, and its masks say what is left out; one weight for all three where they are alike."""
    width = len(W_o)
    if masked == "uniform":
        raise Unsupported("pytorch's multi_head_attention_forward has masked = 'zero' or 'undefined'")
    if query.shape[-1] != width:
        raise Unsupported("pytorch's multi_head_attention_forward has queries as wide as all heads together")
    weights = [p[name].T for name in ("W_q", "W_k", "W_v")]
    packed = key.shape == value.shape and all(W.shape == (width, width) for W in weights)
    kinds = ("in_proj_weight",) if packed else ("q_proj_weight", "k_proj_weight", "v_proj_weight")
    biases = [p[name] if name in p else torch.zeros_like(W_o[:, 0]) for name in ("b_q", "b_k", "b_v")]
    if mask is not None:
        scores = (len(query), num_heads, query.shape[1], key.shape[1])
        mask = torch.broadcast_to(mask == 0, scores).reshape(-1, *scores[2:])
    turned = {id(x): x.transpose(0, 1) for x in (query, key, value)}  # the same array is to be the same again
    y, _ = F.multi_head_attention_forward(
        turned[id(query)],
        turned[id(key)],
        turned[id(value)],
        embed_dim_to_check=width,
        num_heads=num_heads,
        in_proj_bias=torch.cat(biases) if {"b_q", "b_k", "b_v"} & p.keys() else None,
        bias_k=None,
        bias_v=None,
        add_zero_attn=False,
        dropout_p=0.0,
        out_proj_weight=W_o.T,
        out_proj_bias=b_o,
        need_weights=masked == "undefined",
        attn_mask=mask,
        use_separate_proj_weight=not packed,
        **{"in_proj_weight": None} | dict(zip(kinds, [torch.cat(weights)] if packed else weights, strict=True)),
    )
    return y.transpose(0, 1)


def _not_in_bfloat16(operation: Callable[..., Any]) -> Callable[..., Any]:
    def run(x: Any, *arguments: Any, **options: Any) -> Any:
        if x.dtype == torch.bfloat16:
            raise Unsupported(f"pytorch has no {operation.__name__} in bfloat16 on the processor")
        return operation(x, *arguments, **options)

    return run


def _rrelu(x: Any, slopes: Any = None, **options: Any) -> Any:
    if slopes is not None:
        raise Unsupported("F.rrelu draws its slopes itself, and takes none")
    return F.rrelu(x, **options)


def _kl_div(x: Any, target: Any, **options: Any) -> Any:
    """PyTorch warns of its "mean", which is not the "batchmean"."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return F.kl_div(x, target, **options)


def _all(x: Any, axis: Any) -> Any:
    """The axes; for some operations, all of them must be told."""
    return tuple(range(x.ndim)) if axis is None else axis


def _extreme(even: Any, first: Any, x: Any, axis: Any, keepdims: bool, ties: str) -> Any:
    """amax and amin split ties, max and min over one axis do not."""
    return even(x, _all(x, axis), keepdims) if ties == "even" else first(x, axis, keepdims).values


def _median(x: Any, axis: Any, keepdims: bool, ties: str) -> Any:
    """Over all, equals share; over an axis, the one that stands in the middle has it all."""
    if (axis is None) != (ties == "even") or (axis is None and keepdims):
        raise Unsupported("pytorch's median has ties = 'even' over all, without keepdims, and 'order' over an axis")
    return torch.median(x) if axis is None else torch.median(x, axis, keepdims).values


def _standardize(x: Any, *, axis: Any, eps: float) -> Any:
    """Its layer normalisation without weight and bias, which is of the last axes."""
    axes = sorted(a % x.ndim for a in (_all(x, axis) if axis is None or isinstance(axis, tuple) else (axis,)))
    if axes != list(range(x.ndim - len(axes), x.ndim)):
        raise Unsupported(f"pytorch's layer_norm is of the last axes; asked for {axis} of {x.ndim}")
    return F.layer_norm(x, x.shape[axes[0] :], eps=eps)


def _one_by_one(reduction: Any, x: Any, axis: Any, keepdims: bool) -> Any:
    """For several axes an operation that PyTorch has for one; the last first, so that the others keep their place."""
    axes = _all(x, axis)
    for one in sorted((a % x.ndim for a in (axes if isinstance(axes, tuple) else (axes,))), reverse=True):
        x = reduction(x, one, keepdims)
    return x


def _images(op: str, axes: int, operation: Callable[..., Any]) -> Callable[..., Any]:
    if axes != 2:
        raise Unsupported(f"pytorch's {op} has two axes; asked for {axes}")
    return operation


# One line for each operation: PyTorch's own, called with the reference's names and all of its options.
LAYERS: dict[str, Callable[..., Any]] = {
    "add": torch.add,
    "multiply": torch.mul,
    "subtract": torch.subtract,
    "divide": torch.divide,
    "power": torch.pow,
    "logaddexp": torch.logaddexp,
    "hypot": torch.hypot,
    "atan2": torch.atan2,
    "xlogy": torch.xlogy,
    "maximum": torch.maximum,
    "minimum": torch.minimum,
    "matmul": torch.matmul,
    "scaled_dot_product_attention": _attention,
    "multi_head_attention": _multi_head_attention,
    "where": lambda condition, x, z: torch.where(condition != 0, x, z),
    "clip": torch.clip,
    "concatenate": lambda *x, axis: torch.cat(x, axis),
    "stack": lambda *x, axis: torch.stack(x, axis),
    "slice": lambda x, start, stop, step, axis: x[(slice(None),) * (axis % x.ndim) + (slice(start, stop, step),)],
    "reshape": torch.reshape,
    "flatten": torch.flatten,
    "squeeze": lambda x, axis: torch.squeeze(x) if axis is None else torch.squeeze(x, axis),
    "expand_dims": lambda x, axis: torch.unsqueeze(x, axis),
    "broadcast_to": lambda x, shape: torch.broadcast_to(x, shape),
    "transpose": lambda x, axes: torch.permute(x, axes or tuple(reversed(range(x.ndim)))),
    "flip": lambda x, axis: torch.flip(x, (axis,)),
    "roll": lambda x, shift, axis: torch.roll(x, shift, axis),
    "repeat": lambda x, repeats, axis: torch.repeat_interleave(x, repeats, axis),
    "tile": lambda x, reps: torch.tile(x, reps),
    "tril": torch.tril,
    "triu": torch.triu,
    "diagonal": lambda x, offset, axis1, axis2: torch.diagonal(x, offset, axis1, axis2),
    "sort": lambda x, axis, descending: torch.sort(x, stable=True, dim=axis, descending=descending)[0],
    "topk": lambda x, k, axis, largest: torch.topk(x, k, axis, largest).values,
    "take": lambda x, index, axis: torch.index_select(x, axis, index),
    "gather": lambda x, index, axis: torch.gather(x, axis, index),
    "scatter_add": lambda x, index, z, axis: torch.scatter_add(x, axis, index, z),
    "batch_norm": F.batch_norm,
    "standardize": _standardize,
    "layer_norm": lambda x, weight, bias, eps: F.layer_norm(x, weight.shape, weight, bias, eps),
    "rms_norm": lambda x, weight, eps: F.rms_norm(x, weight.shape, weight, eps),
    "group_norm": lambda x, weight, bias, num_groups, eps: F.group_norm(x, num_groups, weight, bias, eps),
    "instance_norm": lambda x, weight, bias, eps: F.instance_norm(x, weight=weight, bias=bias, eps=eps),
    "local_response_norm": F.local_response_norm,
    "l2_normalize": lambda x, axis, eps: F.normalize(x, dim=axis, eps=eps),
    "weight_norm": lambda v, g, dim: torch._weight_norm(v, g, dim),
    "spectral_norm": _spectral_norm,
    "cosine_similarity": lambda x, z, axis, eps: F.cosine_similarity(x, z, axis, eps),
    "pairwise_distance": F.pairwise_distance,
    "pdist": _not_in_bfloat16(F.pdist),
    "dropout": lambda x, mask, p: torch.ops.aten.native_dropout_backward(x, mask.bool(), 1 / (1 - p)),
    "one_hot": lambda x, on, off, num_classes: torch.where(F.one_hot(x, num_classes).bool(), on, off),
    "embedding": lambda x, W, **options: F.embedding(x, W, **options),
    "embedding_bag": lambda x, weights=None, *, W, offsets, **options: F.embedding_bag(
        x, W, None if offsets is None else torch.tensor(offsets), per_sample_weights=weights, **options
    ),
    "linear": lambda x, W, b=None: F.linear(x, W.T, b),
    "pad": lambda x, widths, mode, value: F.pad(
        x, [n for both in reversed(widths) for n in both], mode, value if mode == "constant" else None
    ),
    "unfold": lambda x, **options: _images("unfold", x.ndim - 2, F.unfold)(x, **options),
    "fold": lambda x, output_size, **options: _images("fold", len(output_size), F.fold)(x, output_size, **options),
    "bilinear": lambda x, z, W, b=None: F.bilinear(x, z, W, b),
    "conv": _conv,
    "conv_tbc": lambda x, W, b, pad: F.conv_tbc(x, W, b, pad),
    "conv_transpose": lambda x, W, b=None, **options: _by_axes(
        F.conv_transpose1d, F.conv_transpose2d, F.conv_transpose3d
    )(x, weight=W, bias=b, **options),
    "max_pool": _by_axes(F.max_pool1d, F.max_pool2d, F.max_pool3d),
    "max_unpool": lambda x, index, **options: _by_axes(F.max_unpool1d, F.max_unpool2d, F.max_unpool3d)(
        x, indices=index, **options
    ),
    "avg_pool": _avg_pool,
    "lp_pool": _by_axes(F.lp_pool1d, F.lp_pool2d, F.lp_pool3d),
    "adaptive_max_pool": _by_axes(F.adaptive_max_pool1d, F.adaptive_max_pool2d, F.adaptive_max_pool3d),
    "adaptive_avg_pool": _by_axes(F.adaptive_avg_pool1d, F.adaptive_avg_pool2d, F.adaptive_avg_pool3d),
    "channel_shuffle": F.channel_shuffle,
    "pixel_shuffle": F.pixel_shuffle,
    "pixel_unshuffle": F.pixel_unshuffle,
    "upsample_nearest": F.interpolate,
    "upsample_linear": lambda x, **o: F.interpolate(x, mode=("linear", "bilinear", "trilinear")[x.ndim - 3], **o),
    "upsample_bicubic": _upsample_bicubic,
    "affine_grid": _affine_grid,
    "grid_sample": F.grid_sample,
    "identity": torch.nn.Identity(),
    "relu": F.relu,
    "sigmoid": torch.sigmoid,
    "tanh": torch.tanh,
    "leaky_relu": F.leaky_relu,
    "relu6": F.relu6,
    "elu": F.elu,
    "celu": F.celu,
    "selu": F.selu,
    "gelu": F.gelu,
    "silu": F.silu,
    "mish": F.mish,
    "softplus": F.softplus,
    "softsign": F.softsign,
    "log_sigmoid": F.logsigmoid,
    "hard_sigmoid": F.hardsigmoid,
    "hard_swish": F.hardswish,
    "hard_tanh": F.hardtanh,
    "tanh_shrink": F.tanhshrink,
    "soft_shrink": F.softshrink,
    "hard_shrink": F.hardshrink,
    "softmax": lambda x, axis, masked: (torch._safe_softmax if masked == "zero" else F.softmax)(x, axis),
    "softmin": lambda x, axis: F.softmin(x, axis),
    "log_softmax": lambda x, axis: F.log_softmax(x, axis),
    "glu": lambda x, axis: F.glu(x, axis),
    "threshold": F.threshold,
    "rrelu": _rrelu,
    "prelu": lambda x, slope: F.prelu(x, slope),
    "exp": torch.exp,
    "sum": lambda x, axis, keepdims: torch.sum(x, axis, keepdims),
    "mean": lambda x, axis, keepdims: torch.mean(x, axis, keepdims),
    "max": lambda x, axis, keepdims, ties: _extreme(torch.amax, torch.max, x, axis, keepdims, ties),
    "min": lambda x, axis, keepdims, ties: _extreme(torch.amin, torch.min, x, axis, keepdims, ties),
    "prod": lambda x, axis, keepdims: _one_by_one(torch.prod, x, axis, keepdims),
    "var": lambda x, axis, correction, keepdims: torch.var(x, axis, correction=correction, keepdim=keepdims),
    "std": lambda x, axis, correction, keepdims: torch.std(x, axis, correction=correction, keepdim=keepdims),
    "norm": lambda x, ord, axis, keepdims: torch.linalg.vector_norm(x, float(ord), axis, keepdims),
    "logsumexp": lambda x, axis, keepdims: torch.logsumexp(x, _all(x, axis), keepdims),
    "cumsum": lambda x, axis: torch.cumsum(x, axis),
    "cumprod": lambda x, axis: torch.cumprod(x, axis),
    "cummax": lambda x, axis: torch.cummax(x, axis).values,
    "cummin": lambda x, axis: torch.cummin(x, axis).values,
    "median": _median,
    "expm1": torch.expm1,
    "log": torch.log,
    "log1p": torch.log1p,
    "sqrt": torch.sqrt,
    "rsqrt": torch.rsqrt,
    "square": torch.square,
    "reciprocal": torch.reciprocal,
    "abs": torch.abs,
    "sign": torch.sign,
    "round": lambda x, to: {"nearest": torch.round, "below": torch.floor, "above": torch.ceil}[to](x),
    "sin": torch.sin,
    "cos": torch.cos,
    "atan": torch.atan,
    "sinh": torch.sinh,
    "cosh": torch.cosh,
    "erf": torch.erf,
}
LOSSES: dict[str, Callable[..., Any]] = {
    "mean_squared_error": F.mse_loss,
    "l1": F.l1_loss,
    "smooth_l1": F.smooth_l1_loss,
    "huber": F.huber_loss,
    "poisson_nll": F.poisson_nll_loss,
    "gaussian_nll": F.gaussian_nll_loss,
    "binary_cross_entropy": F.binary_cross_entropy,
    "binary_cross_entropy_with_logits": F.binary_cross_entropy_with_logits,
    "hinge": lambda x, target, **o: F.margin_ranking_loss(x, torch.zeros_like(x), target, **o),
    "squared_hinge": lambda x, target, **o: F.mse_loss(
        F.margin_ranking_loss(x, torch.zeros_like(x), target, margin=1.0, reduction="none"), torch.zeros_like(x), **o
    ),
    "hinge_embedding": F.hinge_embedding_loss,
    "margin_ranking": lambda x, other, target, **options: F.margin_ranking_loss(x, other, target, **options),
    "soft_margin": F.soft_margin_loss,
    "cross_entropy": lambda x, target, weight=None, *, ignore_index, **options: F.cross_entropy(
        x, target, weight, ignore_index=-100 if ignore_index is None else ignore_index, **options
    ),
    "linear_cross_entropy": F.linear_cross_entropy,
    "nll": lambda x, target, weight=None, *, ignore_index, **options: F.nll_loss(
        x, target, weight, ignore_index=-100 if ignore_index is None else ignore_index, **options
    ),
    "kl_divergence": _kl_div,
    "multi_margin": _not_in_bfloat16(F.multi_margin_loss),
    "multilabel_margin": _not_in_bfloat16(F.multilabel_margin_loss),
    "multilabel_soft_margin": F.multilabel_soft_margin_loss,
    "cosine_embedding": lambda x, other, target, **options: F.cosine_embedding_loss(x, other, target, **options),
    "triplet_margin": F.triplet_margin_loss,
    "ctc": _not_in_bfloat16(_ctc),
}
PENALTIES: dict[str, Callable[..., Any]] = {
    "l1_penalty": lambda w, strength: strength * torch.linalg.vector_norm(w, 1),
    "l2_penalty": lambda w, strength, scale: strength / (2 if scale == "half" else 1) * torch.sum(torch.square(w)),
}
CONVENTIONS: dict[str, dict[str, Any]] = {  # what PyTorch has fixed
    "power": {"at_zero": "zero"},
    "maximum": {"ties": "even"},
    "minimum": {"ties": "even"},
    "scaled_dot_product_attention": {"masked": "zero"},
    "clip": {"at_limits": "inside"},
    "hypot": {"at_zero": "undefined"},
    "atan2": {"at_zero": "zero"},
    "xlogy": {"at_zero": "zero"},
    "sort": {"ties": "first"},
    "median": {"middle": "lower"},
    "cummax": {"ties": "last"},
    "cummin": {"ties": "last"},
    "batch_norm": {"variance": "unbiased"},
    "conv_transpose": {"kernel": "flipped"},
    "local_response_norm": {"alpha_of": "mean"},
    "l2_normalize": {"eps_of": "norm"},
    "weight_norm": {"eps": 0.0},
    "cosine_similarity": {"eps_of": "norm", "short": "through"},
    "max_pool": {"ties": "first"},
    "lp_pool": {"clipped": "mean"},
    "adaptive_max_pool": {"ties": "first"},
    "upsample_bicubic": {"kernel": "opencv"},
    "relu": {"at_zero": 0.0},
    "leaky_relu": {"at_zero": "left"},
    "prelu": {"at_zero": "left"},
    "relu6": {"at_kinks": "outside"},
    "elu": {"at_zero": "left"},
    "selu": {"at_zero": "left"},
    "hard_sigmoid": {"at_kinks": "outside"},
    "hard_swish": {"at_kinks": "outside"},
    "softplus": {"above": "linear"},
    "abs": {"at_zero": 0.0},
    "sign": {"of_nan": "zero"},
    "std": {"at_zero": "zero"},
    "norm": {"at_zero": "zero"},
    "hard_tanh": {"at_kinks": "outside"},
    "soft_shrink": {"at_kinks": "inside"},
    "binary_cross_entropy": {"zero": "clamped"},
    "cross_entropy": {"empty": "nan", "masked": "undefined"},
    "linear_cross_entropy": {"empty": "nan"},
    "nll": {"empty": "nan"},
    "kl_divergence": {"at_zero": "undefined"},
    "multi_margin": {"at_margin": 0.0},
    "multilabel_margin": {"at_margin": 0.0},
    "cosine_embedding": {"at_margin": 1.0},
    "triplet_margin": {"eps_added": "difference", "at_margin": 1.0},
    "ctc": {"mean": "per_label", "gradient": "of_logits"},
    "mean_squared_error": {"scale": "whole"},
    "l1": {"at_zero": 0.0},
    "smooth_l1": {"at_zero": 0.0},
    "gaussian_nll": {"below_eps": "passes"},
    "hinge": {"at_margin": 1.0},
    "hinge_embedding": {"at_margin": 1.0},
    "margin_ranking": {"at_margin": 1.0},
    "l1_penalty": {"at_zero": 0.0},
}
LACKING: dict[str, str] = {  # what PyTorch has not
    "swiglu": "PyTorch has torch.nn.GLU, with a sigmoid, and no other gated unit",
    "geglu": "PyTorch has torch.nn.GLU, with a sigmoid, and no other gated unit",
    "squareplus": "PyTorch has no squareplus",
    "cosine_distance": "PyTorch has one minus the cosine in cosine_embedding_loss alone, with another bound",
    "logmeanexp": "PyTorch has a logarithm of a sum of exponentials, and none of their mean",
    "log1mexp": "PyTorch has no logarithm of one minus an exponential, only of either part",
    "sparse_plus": "PyTorch has no sparse plus",
    "sparse_sigmoid": "PyTorch has no sparse sigmoid",
    "log_cosh": "PyTorch has no log-cosh loss",
    "sigmoid_focal": "PyTorch itself has no focal loss; torchvision does",
    "dice": "PyTorch has no Dice loss",
    "poly_cross_entropy": "PyTorch has no cross-entropy with a first term of its own",
    "generalized_kl_divergence": "PyTorch's kl_div is that of what sums to one",
    "softmax_ranking": "PyTorch has no loss of ranked lists",
    "ntxent": "PyTorch has no contrastive loss of a whole batch",
    "multiclass_hinge": "PyTorch's multi_margin_loss has the sum over the classes, not the worst alone",
    "sparsemax": "PyTorch has no sparsemax and no loss of it",
    "multiclass_sparsemax": "PyTorch has no sparsemax and no loss of it",
}
