"""Flax NNX's operation for each of the reference's that JAX itself has not. Flax is an extra: `backproof[flax]`.

To be read beside jax_operations.py, whose LACKING has the reason that stands where Flax is not installed.
"""

from collections.abc import Callable
from typing import Any

import jax.numpy as jnp
from flax import nnx

from .base import Unsupported


def _given(module: Any, **values: Any) -> Any:
    """A module with these arrays in place of what it was initialised with; those that are None it has not."""
    for name, value in values.items():
        if value is not None:
            getattr(module, name)[...] = value
    return module


def _norm(kind: Any, weight: Any, bias: Any = None, **options: Any) -> Any:
    """A normalisation, with the variance that does not cancel."""
    options |= {"use_fast_variance": False, "param_dtype": weight.dtype, "rngs": nnx.Rngs(0)}
    return _given(kind(weight.size, **options), scale=weight, bias=bias)


def _channels_last(module: Any, x: Any) -> Any:
    """The reference has the channels second, Flax last."""
    return jnp.moveaxis(module(jnp.moveaxis(x, 1, -1)), -1, 1)


def _batch_norm(
    x: Any, weight: Any, bias: Any, running_mean: Any, running_var: Any, *, training: bool, momentum: float, eps: float
) -> tuple[Any, dict[str, Any]]:
    """Flax's momentum weighs the old statistics."""
    module = _norm(nnx.BatchNorm, weight, bias, use_running_average=not training, momentum=1 - momentum, epsilon=eps)
    module.mean, module.var = nnx.BatchStat(running_mean), nnx.BatchStat(running_var)
    y = _channels_last(module, x)
    after = {"running_mean": module.mean[...], "running_var": module.var[...]}
    return y, {name: value.astype(x.dtype) for name, value in after.items()}


class _Kernel(nnx.Module):  # type: ignore[misc]
    """A layer that is its weight: nnx.WeightNorm wraps layers."""

    def __init__(self, kernel: Any) -> None:
        self.kernel = nnx.Param(kernel)

    def __call__(self, _: None) -> Any:
        return self.kernel[...]


def _weight_norm(v: Any, g: Any, *, dim: int, eps: float) -> Any:
    options = {"scale_init": lambda _, shape: g.reshape(shape), "epsilon": eps, "rngs": nnx.Rngs(0)}
    return nnx.WeightNorm(_Kernel(v), feature_axes=None if dim == -1 else dim, **options)(None)


def _prelu(x: Any, slope: Any) -> Any:
    if slope.size > 1:
        raise Unsupported("Flax's PReLU has one slope for all channels")
    return nnx.PReLU(slope.reshape(()), param_dtype=slope.dtype)(x)


def _avg_pool(x: Any, *, kernel_size: Any, stride: Any, padding: Any, count_include_pad: bool) -> Any:
    axes = x.ndim - 2
    size, steps, around = (
        (n,) * axes if isinstance(n, int) else n for n in (kernel_size, stride or kernel_size, padding)
    )
    options = (size, steps, [(width, width) for width in around], count_include_pad)
    y = _channels_last(lambda values: nnx.avg_pool(values, *options), x)
    return y.astype(x.dtype)  # where padding is not counted, Flax counts the places in JAX's default precision


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
    """Its weights have an axis for the heads. Asked for the shares, it works them out itself; else JAX does."""
    if mask is not None and masked != "uniform":
        raise Unsupported(f"Flax's MultiHeadAttention has masked = 'uniform'; asked for {masked!r}")
    if key.shape[-1] != value.shape[-1]:
        raise Unsupported("Flax's MultiHeadAttention has values as wide as keys")
    width, out = W_o.shape
    module = nnx.MultiHeadAttention(
        num_heads,
        query.shape[-1],
        width,
        out,
        in_kv_features=key.shape[-1],
        param_dtype=W_o.dtype,
        decode=False,
        use_bias=b_o is not None or any(name.startswith("b") for name in p),
        rngs=nnx.Rngs(0),
    )
    for layer, name in ((module.query, "q"), (module.key, "k"), (module.value, "v")):
        bias = p.get(f"b_{name}")
        _given(
            layer,
            kernel=p[f"W_{name}"].reshape(-1, num_heads, width // num_heads),
            bias=None if bias is None else bias.reshape(num_heads, -1),
        )
    _given(module.out, kernel=W_o.reshape(num_heads, width // num_heads, out), bias=b_o)
    return module(query, key, value, mask=None if mask is None else mask != 0, sow_weights=True)


# One line for each operation: Flax's own, called with the reference's names and all of its options.
LAYERS: dict[str, Callable[..., Any]] = {
    "batch_norm": _batch_norm,
    "layer_norm": lambda x, weight, bias, eps: _norm(nnx.LayerNorm, weight, bias, epsilon=eps)(x),
    "rms_norm": lambda x, weight, eps: _norm(nnx.RMSNorm, weight, epsilon=eps)(x),
    "group_norm": lambda x, weight, bias, num_groups, eps: _channels_last(
        _norm(nnx.GroupNorm, weight, bias, num_groups=num_groups, epsilon=eps), x
    ),
    "instance_norm": lambda x, weight, bias, eps: _channels_last(_norm(nnx.InstanceNorm, weight, bias, epsilon=eps), x),
    "weight_norm": _weight_norm,
    "prelu": _prelu,
    "multi_head_attention": _multi_head_attention,
    "avg_pool": _avg_pool,
}
CONVENTIONS: dict[str, dict[str, Any]] = {  # what Flax has fixed
    "batch_norm": {"variance": "biased"},
    "prelu": {"at_zero": "right"},
    "avg_pool": {"ceil_mode": False, "divisor_override": None},
}
