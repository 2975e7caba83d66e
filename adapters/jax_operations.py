"""JAX's or Optax's own operation for each of the reference's, in the same order as pytorch_operations.py."""

from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import optax

# One line for each operation: JAX's or Optax's own, called with the reference's names and all of its options.
LAYERS: dict[str, Callable[..., Any]] = {
    "add": jnp.add,
    "multiply": jnp.multiply,
    "concatenate": lambda *x, axis: jnp.concatenate(x, axis),
    "embedding": lambda x, W: jnp.take(W, x, axis=0),
    "linear": lambda x, W, b=None: x @ W if b is None else x @ W + b,
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
}
LOSSES: dict[str, Callable[..., Any]] = {  # the terms; Optax leaves their mean or sum to the caller
    "mean_squared_error": lambda x, target: optax.losses.squared_error(x, target),
    "binary_cross_entropy_with_logits": lambda x, target: optax.losses.sigmoid_binary_cross_entropy(x, target),
    "cross_entropy": lambda x, target: (
        optax.losses.softmax_cross_entropy_with_integer_labels(x, target)
        if jnp.issubdtype(target.dtype, jnp.integer)
        else optax.losses.softmax_cross_entropy(x, target)
    ),
}
REDUCTIONS: dict[str, Callable[..., Any]] = {"mean": jnp.mean, "sum": jnp.sum, "none": lambda terms: terms}
OPTIMIZERS: dict[str, Callable[..., Any]] = {
    "sgd": lambda lr, momentum, nesterov, weight_decay: optax.chain(
        optax.add_decayed_weights(weight_decay) if weight_decay else optax.identity(),
        optax.sgd(lr, momentum or None, nesterov),
    ),
}
BUFFERS = {  # the reference's name for an optimizer's buffer -> Optax's
    "sgd": {"momentum": "trace"},
}
CONVENTIONS: dict[str, dict[str, Any]] = {  # what JAX and Optax have fixed
    "embedding": {"padding_idx": None, "scale_grad_by_freq": False},
    "relu": {"at_zero": 0.0},
    "leaky_relu": {"at_zero": "right"},
    "relu6": {"at_kinks": "outside"},
    "elu": {"at_zero": "left"},
    "selu": {"at_zero": "left"},
    "hard_sigmoid": {"at_kinks": "outside"},
    "hard_swish": {"at_kinks": "outside"},
    "softplus": {"above": "smooth"},
    "hard_tanh": {"min_val": -1.0, "max_val": 1.0, "at_kinks": "inside"},
    "sgd": {"dampening": 0.0, "first_step": "undamped"},
}
LACKING = {  # what JAX and Optax have not
    "batch_norm": "JAX itself has no batch normalisation; libraries above it, such as Flax, do",
    "layer_norm": "JAX itself has no layer normalisation, only jax.nn.standardize, without weight and bias",
    "rms_norm": "JAX itself has no root mean square normalisation; libraries above it, such as Flax, do",
    "tanh_shrink": "JAX has no tanh shrink",
    "soft_shrink": "JAX has no soft shrink",
    "hard_shrink": "JAX has no hard shrink",
    "binary_cross_entropy": "JAX and Optax have no binary cross-entropy of probabilities, only of logits",
}
