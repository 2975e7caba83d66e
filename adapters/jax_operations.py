"""JAX's or Optax's own operation for each of the reference's, in the same order as pytorch_operations.py."""

from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import optax

from .base import Unsupported


def _unweighted(terms: Callable[..., Any]) -> Callable[..., Any]:
    """A loss of Optax's; none of them takes weights of classes or elements."""

    def loss(x: Any, target: Any, weight: Any = None, pos_weight: Any = None, **options: Any) -> Any:
        if weight is not None or pos_weight is not None:
            raise Unsupported("Optax's losses take no weights")
        return terms(x, target, **options)

    return loss


def _one_hot(target: Any, x: Any) -> Any:
    """Labels (N, ...) as probabilities (N, C, ...); probabilities as they are."""
    return target if target.ndim == x.ndim else jax.nn.one_hot(target, x.shape[1], axis=1, dtype=x.dtype)


def _cross_entropy(x: Any, target: Any, *, label_smoothing: float, masked: str) -> Any:
    if target.ndim < x.ndim and not label_smoothing:
        return optax.losses.softmax_cross_entropy_with_integer_labels(x, target, axis=1)
    target = optax.losses.smooth_labels(_one_hot(target, x), label_smoothing, axis=1)
    if masked == "zero":
        return optax.losses.safe_softmax_cross_entropy(jnp.moveaxis(x, 1, -1), jnp.moveaxis(target, 1, -1))
    return optax.losses.softmax_cross_entropy(x, target, axis=1)


def _attention(
    query: Any, key: Any, value: Any, mask: Any = None, *, is_causal: bool, scale: Any, masked: str, **_: Any
) -> Any:
    """Its heads stand behind the places; where key has fewer, they are groups without being asked for."""
    if value.shape[-1] != key.shape[-1]:
        raise Unsupported("jax.nn.dot_product_attention has values as wide as keys")
    added = mask is not None and jnp.issubdtype(mask.dtype, jnp.floating)
    if mask is not None and masked != ("undefined" if added else "uniform"):
        raise Unsupported("jax.nn.dot_product_attention has masked = 'uniform' for integers, 'undefined' for floats")
    y = jax.nn.dot_product_attention(
        *(jnp.swapaxes(x, 1, 2) for x in (query, key, value)),
        bias=mask if added else None,
        mask=None if mask is None or added else mask != 0,
        scale=scale,
        is_causal=is_causal,
        implementation="xla",
    )
    return jnp.swapaxes(y, 1, 2)


def _clip(x: Any, *, min: Any, max: Any, at_limits: str) -> Any:
    if at_limits == "inside":
        raise Unsupported("jax's clip has at_limits = 'even' (jnp.clip) or 'outside' (lax.clamp); asked for 'inside'")
    if at_limits == "even":
        return jnp.clip(x, min, max)
    low, high = (-jnp.inf if min is None else min), (jnp.inf if max is None else max)
    return jax.lax.clamp(jnp.asarray(low, x.dtype), x, jnp.asarray(high, x.dtype))


def _pad(x: Any, *, widths: Any, mode: str, value: float) -> Any:
    around = ((0, 0),) * (x.ndim - len(widths)) + tuple(widths)
    if mode == "constant":
        return jnp.pad(x, around, constant_values=value)
    return jnp.pad(x, around, {"reflect": "reflect", "replicate": "edge", "circular": "wrap"}[mode])


def _conv(x: Any, W: Any, b: Any = None, *, stride: Any, padding: Any, dilation: Any, groups: int) -> Any:
    axes = x.ndim - 2
    around = "SAME" if padding == "same" else [(width, width) for width in _each(padding, axes)]
    y = jax.lax.conv_general_dilated(
        x, W, _each(stride, axes), around, rhs_dilation=_each(dilation, axes), feature_group_count=groups
    )
    return y if b is None else y + b.reshape(-1, *(1,) * axes)


def _patches(x: Any, kernel_size: Any, stride: Any, padding: Any, dilation: Any) -> Any:
    sizes, strides, widths, dilations = (_each(n, x.ndim - 2) for n in (kernel_size, stride, padding, dilation))
    around = [(width, width) for width in widths]
    return jax.lax.conv_general_dilated_patches(x, sizes, strides, around, rhs_dilation=dilations)


def _conv_transpose(
    x: Any, W: Any, b: Any = None, *, stride: Any, padding: Any, output_padding: Any, dilation: Any, kernel: Any
) -> Any:
    axes = x.ndim - 2
    around = zip(_each(padding, axes), _each(output_padding, axes), strict=True)
    flipped, letters = kernel == "flipped", "DHW"[:axes]
    y = jax.lax.conv_transpose(
        x,
        W,
        _each(stride, axes),
        [(width, width - more) for width, more in around],
        rhs_dilation=_each(dilation, axes),
        dimension_numbers=(f"NC{letters}", f"{'OI' if flipped else 'IO'}{letters}", f"NC{letters}"),
        transpose_kernel=flipped,
        use_consistent_padding=True,
    )
    return y if b is None else y + b.reshape(-1, *(1,) * axes)


def _each(value: Any, axes: int) -> tuple[int, ...]:
    """An option that is one number for all axes, or one for each."""
    return (value,) * axes if isinstance(value, int) else tuple(value)


def _max_pool(x: Any, *, kernel_size: Any, stride: Any, padding: Any) -> Any:
    axes = x.ndim - 2
    windows = [(1, 1, *_each(n, axes)) for n in (kernel_size, kernel_size if stride is None else stride)]
    around = [(width, width) for width in (0, 0, *_each(padding, axes))]
    return jax.lax.reduce_window(x, -jnp.inf, jax.lax.max, *windows, around)


def _resize(x: Any, size: Any, method: str) -> Any:
    return jax.image.resize(x, (*x.shape[:2], *_each(size, x.ndim - 2)), method, antialias=False)


def _hinge(x: Any, target: Any, *, margin: float) -> Any:
    if margin not in (0, 1):
        raise Unsupported(f"Optax's hinge_loss has a margin of 1, its perceptron_loss none; asked for {margin}")
    return optax.losses.hinge_loss(x, target) if margin else optax.losses.perceptron_loss(x, target)


def _multiclass_hinge(x: Any, target: Any, *, margin: float) -> Any:
    if margin not in (0, 1):
        raise Unsupported(f"Optax's multiclass_hinge_loss has a margin of 1, its perceptron none; asked for {margin}")
    loss = optax.losses.multiclass_hinge_loss if margin else optax.losses.multiclass_perceptron_loss
    return loss(x, target).astype(x.dtype)  # its own one_hot is float64 wherever that is enabled


def _sparsemax(x: Any, target: Any) -> Any:
    """Its projection is float64 wherever that is enabled, and cannot be differentiated beside another."""
    if x.dtype != jnp.float64:
        raise Unsupported("Optax's multiclass_sparsemax_loss has gradients in JAX's widest float alone, float64 here")
    return optax.losses.multiclass_sparsemax_loss(x, target)


def _dice(x: Any, target: Any, weight: Any = None, *, reduction: str, balanced: bool, **options: Any) -> Any:
    smooth, even = options["smooth"], options["alpha"] == options["beta"] == 0.5
    if balanced:
        if reduction != "mean" or not even:
            raise Unsupported("Optax's multiclass_generalized_dice_loss is always a mean, with alpha = beta = 0.5")
        return optax.losses.multiclass_generalized_dice_loss(x, target, smooth=smooth, apply_softmax=True)
    if x.shape[-1] == 1 and weight is None and even:
        terms = optax.losses.binary_dice_loss(x, target, smooth=smooth, apply_sigmoid=True)[..., None]
    else:
        terms = optax.losses.dice_loss(x, target, class_weights=weight, reduction="none", apply_softmax=True, **options)
    return REDUCTIONS[reduction](terms)


_REDUCE = {"mean": jnp.mean, "sum": jnp.sum, "none": None}  # what Optax is given where it reduces by itself


def _padding(lengths: Any, most: int, x: Any) -> Any:
    """1 behind the end of each row, as Optax has it: (N,) -> (N, most)."""
    return (jnp.arange(most) >= lengths[:, None]).astype(x.dtype)


# One line for each operation: JAX's or Optax's own, called with the reference's names and all of its options.
LAYERS: dict[str, Callable[..., Any]] = {
    "add": jnp.add,
    "multiply": jnp.multiply,
    "subtract": jnp.subtract,
    "divide": jnp.divide,
    "power": jnp.power,
    "logaddexp": jnp.logaddexp,
    "hypot": jnp.hypot,
    "atan2": jnp.arctan2,
    "xlogy": jax.scipy.special.xlogy,
    "maximum": jnp.maximum,
    "minimum": jnp.minimum,
    "matmul": jnp.matmul,
    "scaled_dot_product_attention": _attention,
    "where": lambda condition, x, z: jnp.where(condition != 0, x, z),
    "clip": _clip,
    "concatenate": lambda *x, axis: jnp.concatenate(x, axis),
    "cosine_similarity": lambda x, z, axis, eps: optax.losses.cosine_similarity(x, z, epsilon=eps, axis=axis),
    "cosine_distance": lambda x, z, axis, eps: optax.losses.cosine_distance(x, z, epsilon=eps, axis=axis),
    "stack": lambda *x, axis: jnp.stack(x, axis),
    "slice": lambda x, start, stop, step, axis: x[(slice(None),) * (axis % x.ndim) + (slice(start, stop, step),)],
    "reshape": jnp.reshape,
    "flatten": lambda x, start_dim, end_dim: jax.lax.collapse(x, start_dim, end_dim + 1 or None),
    "squeeze": jnp.squeeze,
    "expand_dims": jnp.expand_dims,
    "broadcast_to": jnp.broadcast_to,
    "transpose": jnp.transpose,
    "flip": jnp.flip,
    "roll": jnp.roll,
    "repeat": jnp.repeat,
    "tile": jnp.tile,
    "tril": lambda x, diagonal: jnp.tril(x, diagonal),
    "triu": lambda x, diagonal: jnp.triu(x, diagonal),
    "diagonal": jnp.diagonal,
    "sort": lambda x, axis, descending: jnp.sort(x, axis, stable=True, descending=descending),
    "topk": lambda x, k, axis: jax.lax.top_k(x, k, axis=axis)[0],
    "take": jnp.take,
    "gather": jnp.take_along_axis,
    "scatter_add": lambda x, index, z, axis: x.at[
        tuple(index if i == axis % x.ndim else at for i, at in enumerate(jnp.indices(index.shape, sparse=True)))
    ].add(z),
    "one_hot": lambda x, on, off, num_classes: jnp.where(jax.nn.one_hot(x, num_classes, dtype=bool), on, off),
    "embedding": lambda x, W: jnp.take(W, x, axis=0),
    "linear": lambda x, W, b=None: x @ W if b is None else x @ W + b,
    "pad": _pad,
    "unfold": lambda x, **options: jax.lax.collapse(_patches(x, **options), 2),
    "conv": _conv,
    "conv_tbc": lambda x, W, b, pad: (
        jax.lax.conv_general_dilated(x, W, (1,), [(pad, pad)], dimension_numbers=("WNC", "WIO", "WNC")) + b
    ),
    "conv_transpose": _conv_transpose,
    "max_pool": _max_pool,
    "upsample_nearest": lambda x, size: _resize(x, size, "nearest"),
    "upsample_linear": lambda x, size: _resize(x, size, "linear"),
    "upsample_bicubic": lambda x, size, kernel: _resize(x, size, "cubic" if kernel == "keys" else "cubic-pytorch"),
    "identity": jax.nn.identity,
    "relu": jax.nn.relu,
    "sigmoid": jax.nn.sigmoid,
    "tanh": jnp.tanh,
    "leaky_relu": jax.nn.leaky_relu,
    "relu6": jax.nn.relu6,
    "elu": jax.nn.elu,
    "celu": jax.nn.celu,
    "selu": jax.nn.selu,
    "gelu": lambda x, approximate: jax.nn.gelu(x, approximate=approximate == "tanh"),
    "silu": jax.nn.silu,
    "mish": jax.nn.mish,
    "softplus": lambda x, beta, **_: jax.nn.softplus(beta * x) / beta,
    "softsign": jax.nn.soft_sign,
    "log_sigmoid": jax.nn.log_sigmoid,
    "hard_sigmoid": jax.nn.hard_sigmoid,
    "hard_swish": jax.nn.hard_swish,
    "hard_tanh": jax.nn.hard_tanh,
    "softmax": lambda x, axis, masked: jax.nn.softmax(x, axis, where=x > -jnp.inf if masked == "zero" else None),
    "log_softmax": jax.nn.log_softmax,
    "glu": jax.nn.glu,
    "squareplus": jax.nn.squareplus,
    "log1mexp": jax.nn.log1mexp,
    "sparse_plus": jax.nn.sparse_plus,
    "sparse_sigmoid": jax.nn.sparse_sigmoid,
    "standardize": lambda x, axis, eps: jax.nn.standardize(x, axis, epsilon=eps, algorithm="stable"),
    "exp": jnp.exp,
    "sum": jnp.sum,
    "mean": jnp.mean,
    "max": jnp.max,
    "min": jnp.min,
    "prod": jnp.prod,
    "var": jnp.var,
    "std": jnp.std,
    "norm": lambda x, ord, axis, keepdims: jnp.linalg.vector_norm(x, axis=axis, keepdims=keepdims, ord=float(ord)),
    "logsumexp": jax.nn.logsumexp,
    "logmeanexp": jax.nn.logmeanexp,
    "cumsum": jnp.cumsum,
    "cumprod": jnp.cumprod,
    "cummax": lambda x, axis: jax.lax.cummax(x, axis % x.ndim),
    "cummin": lambda x, axis: jax.lax.cummin(x, axis % x.ndim),
    "median": jnp.median,
    "expm1": jnp.expm1,
    "log": jnp.log,
    "log1p": jnp.log1p,
    "sqrt": jnp.sqrt,
    "rsqrt": jax.lax.rsqrt,
    "square": jnp.square,
    "reciprocal": jnp.reciprocal,
    "abs": jnp.abs,
    "sign": jnp.sign,
    "round": lambda x, to: {"nearest": jnp.round, "below": jnp.floor, "above": jnp.ceil}[to](x),
    "sin": jnp.sin,
    "cos": jnp.cos,
    "atan": jnp.arctan,
    "sinh": jnp.sinh,
    "cosh": jnp.cosh,
    "erf": jax.lax.erf,
}
LOSSES: dict[str, Callable[..., Any]] = {  # the terms; Optax leaves their mean or sum to the caller
    "mean_squared_error": lambda x, target, scale: (
        optax.losses.l2_loss(x, target) if scale == "half" else optax.losses.squared_error(x, target)
    ),
    "l1": lambda x, target: jnp.abs(x - target),
    "smooth_l1": lambda x, target, beta: (
        optax.losses.huber_loss(x, target, delta=beta) / beta if beta else jnp.abs(x - target)
    ),
    "huber": lambda x, target, delta: optax.losses.huber_loss(x, target, delta=delta),
    "log_cosh": lambda x, target: optax.losses.log_cosh(x, target),
    "binary_cross_entropy_with_logits": _unweighted(
        lambda x, target: optax.losses.sigmoid_binary_cross_entropy(x, target)
    ),
    "hinge": _hinge,
    "squared_hinge": lambda x, target: optax.losses.squared_error(optax.losses.hinge_loss(x, target)),
    "soft_margin": lambda x, target: optax.losses.sigmoid_binary_cross_entropy(x, (target + 1) / 2),
    "sigmoid_focal": lambda x, target, **options: optax.losses.sigmoid_focal_loss(x, target, **options),
    "dice": _dice,
    "cross_entropy": _unweighted(_cross_entropy),
    "poly_cross_entropy": lambda x, target, epsilon: optax.losses.poly_loss_cross_entropy(
        x, _one_hot(target, x), epsilon=epsilon, axis=1
    ),
    "kl_divergence": lambda x, target, log_target: (
        optax.losses.kl_divergence_with_log_targets(x, target, axis=())
        if log_target
        else optax.losses.kl_divergence(x, target, axis=())
    ),
    "generalized_kl_divergence": lambda x, target: optax.losses.generalized_kl_divergence(x, target, axis=()),
    "multilabel_soft_margin": _unweighted(
        lambda x, target: optax.losses.sigmoid_binary_cross_entropy(x, target).mean(axis=-1)
    ),
    "triplet_margin": lambda x, positive, negative, margin, eps: optax.losses.triplet_margin_loss(
        x, positive, negative, norm_degree=2, margin=margin, eps=eps
    ),
    "multiclass_hinge": _multiclass_hinge,
    "sparsemax": lambda x, target: optax.losses.sparsemax_loss(x, target != 0),
    "multiclass_sparsemax": _sparsemax,
    "softmax_ranking": lambda x, target, mask=None, weight=None, *, reduction: optax.losses.ranking_softmax_loss(
        x, target, where=None if mask is None else mask != 0, weights=weight, reduce_fn=_REDUCE[reduction]
    ),
    "ntxent": lambda x, target, temperature: optax.losses.ntxent(x, target, temperature),
    "ctc": lambda x, target, input_lengths, target_lengths, blank: optax.losses.ctc_loss(
        x.swapaxes(0, 1),
        _padding(input_lengths, len(x), x),
        target,
        _padding(target_lengths, target.shape[1], x),
        blank_id=blank,
        log_epsilon=-1e5,
    ).astype(x.dtype),  # its own arrays are float64 wherever that is enabled
}
REDUCING = {"dice", "softmax_ranking", "ntxent"}  # losses that Optax may reduce itself: they are given the reduction
REDUCTIONS: dict[str, Callable[..., Any]] = {
    "mean": jnp.mean,
    "sum": jnp.sum,
    "batchmean": lambda terms: terms.sum() / len(terms),
    "none": lambda terms: terms,
}
PENALTIES: dict[str, Callable[..., Any]] = {
    "l1_penalty": lambda w, strength: strength * optax.tree.norm(w, 1),
    "l2_penalty": lambda w, strength, scale: (
        strength / (2 if scale == "half" else 1) * optax.tree.norm(w, squared=True)
    ),
}
CONVENTIONS: dict[str, dict[str, Any]] = {  # what JAX and Optax have fixed
    "power": {"at_zero": "formula"},
    "maximum": {"ties": "even"},
    "minimum": {"ties": "even"},
    "hypot": {"at_zero": "half"},
    "atan2": {"at_zero": "undefined"},
    "xlogy": {"at_zero": "formula"},
    "sort": {"ties": "last"},
    "median": {"middle": "mean", "ties": "order"},
    "cummax": {"ties": "even"},
    "cummin": {"ties": "even"},
    "topk": {"largest": True},
    "cosine_similarity": {"eps_of": "square", "short": "constant"},
    "cosine_distance": {"eps_of": "square", "short": "constant"},
    "embedding": {"padding_idx": None, "scale_grad_by_freq": False},
    "conv": {"padding_mode": "zeros"},
    "conv_transpose": {"groups": 1},
    "max_pool": {"dilation": 1, "ceil_mode": False, "ties": "first"},
    "upsample_nearest": {"scale_factor": None, "mode": "nearest-exact"},
    "upsample_linear": {"scale_factor": None, "align_corners": False},
    "upsample_bicubic": {"scale_factor": None, "align_corners": False},
    "relu": {"at_zero": 0.0},
    "leaky_relu": {"at_zero": "right"},
    "relu6": {"at_kinks": "outside"},
    "elu": {"at_zero": "left"},
    "selu": {"at_zero": "left"},
    "hard_sigmoid": {"at_kinks": "outside"},
    "hard_swish": {"at_kinks": "outside"},
    "softplus": {"above": "smooth"},
    "abs": {"at_zero": 1.0},
    "sign": {"of_nan": "nan"},
    "sparse_sigmoid": {"at_kinks": "even"},
    "max": {"ties": "even"},
    "min": {"ties": "even"},
    "std": {"at_zero": "undefined"},
    "norm": {"at_zero": "formula"},
    "hard_tanh": {"min_val": -1.0, "max_val": 1.0, "at_kinks": "inside"},
    "l1": {"at_zero": 1.0},
    "smooth_l1": {"at_zero": 1.0},
    "hinge": {"at_margin": 0.5},
    "multiclass_hinge": {"ties": "even"},
    "ntxent": {"reduction": "mean"},
    "dice": {"apply_softmax": True},  # else dice_loss asks whether the classes sum to 1, which jit cannot answer
    "l1_penalty": {"at_zero": 1.0},
    "cross_entropy": {"ignore_index": None, "empty": "nan"},
    "kl_divergence": {"at_zero": "undefined"},
    "triplet_margin": {"p": 2, "swap": False, "eps_added": "sum", "at_margin": 0.5},  # odd p lack their absolute value
    "ctc": {"impossible": "large", "mean": "per_sequence", "gradient": "of_logits"},
}
LACKING = {  # what JAX and Optax have not
    "multi_head_attention": "JAX itself has attention alone, without maps; libraries above it, such as Flax, do",
    "batch_norm": "JAX itself has no batch normalisation; libraries above it, such as Flax, do",
    "layer_norm": "JAX itself has no layer normalisation, only jax.nn.standardize, without weight and bias",
    "rms_norm": "JAX itself has no root mean square normalisation; libraries above it, such as Flax, do",
    "group_norm": "JAX itself has no group normalisation; libraries above it, such as Flax, do",
    "instance_norm": "JAX itself has no instance normalisation; libraries above it, such as Flax, do",
    "local_response_norm": "neither JAX nor Flax has a local response normalisation",
    "l2_normalize": "JAX has no normalisation to length one along an axis",
    "weight_norm": "JAX itself has no weight normalisation; libraries above it, such as Flax, do",
    "spectral_norm": "JAX itself has no spectral normalisation; Flax's keeps one of the two vectors alone",
    "embedding_bag": "neither JAX nor Flax has an embedding of bags",
    "pairwise_distance": "JAX has no distance of vectors that adds a number to each difference",
    "pdist": "JAX has no distances of all rows from each other",
    "dropout": "JAX itself has no dropout; Flax's draws its mask, and takes none",
    "avg_pool": "JAX itself has no average pooling, only sums of windows; libraries above it, such as Flax, do",
    "max_unpool": "neither JAX nor Flax has an unpooling",
    "lp_pool": "neither JAX nor Flax has a power-average pooling",
    "adaptive_max_pool": "neither JAX nor Flax has a pooling to a size that is asked for",
    "adaptive_avg_pool": "neither JAX nor Flax has a pooling to a size that is asked for",
    "channel_shuffle": "neither JAX nor Flax has a channel shuffle",
    "pixel_shuffle": "neither JAX nor Flax has a pixel shuffle",
    "pixel_unshuffle": "neither JAX nor Flax has a pixel shuffle",
    "affine_grid": "neither JAX nor Flax has a grid of points that an affine map moves",
    "grid_sample": "JAX's map_coordinates reads one array at points counted in pixels, and pads otherwise",
    "fold": "JAX has no fold, only the way there: jax.lax.conv_general_dilated_patches",
    "bilinear": "JAX has no bilinear layer; its einsum would be the formula over again",
    "tanh_shrink": "JAX has no tanh shrink",
    "soft_shrink": "JAX has no soft shrink",
    "hard_shrink": "JAX has no hard shrink",
    "softmin": "JAX has no softmin, only the softmax of what is negated",
    "swiglu": "JAX has jax.nn.glu, with a sigmoid, and no other gated unit",
    "geglu": "JAX has jax.nn.glu, with a sigmoid, and no other gated unit",
    "threshold": "JAX has no threshold with a value of its own",
    "rrelu": "JAX has no randomised leaky relu",
    "prelu": "JAX has no parametric relu; libraries above it, such as Flax, do",
    "poisson_nll": "JAX and Optax have no Poisson likelihood as a loss",
    "gaussian_nll": "JAX and Optax have no normal likelihood as a loss",
    "hinge_embedding": "JAX and Optax have no hinge loss of distances",
    "margin_ranking": "JAX and Optax have no ranking loss of two predictions",
    "binary_cross_entropy": "JAX and Optax have no binary cross-entropy of probabilities, only of logits",
    "multi_margin": "Optax's multiclass hinge loss has the worst class alone, not the sum over the others",
    "multilabel_margin": "Optax has no margin loss of several classes at once",
    "cosine_embedding": "Optax has the cosine distance alone, without a margin for pairs that do not belong together",
    "linear_cross_entropy": "Optax has no cross-entropy that makes the logits as well",
    "nll": "Optax has no negative log-likelihood of log-probabilities, only cross-entropy of logits",
}
