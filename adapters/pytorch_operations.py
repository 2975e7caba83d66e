"""PyTorch's own operation for each of the reference's, in the same order as jax_operations.py."""

from collections.abc import Callable
from typing import Any

import torch
import torch.nn.functional as F  # noqa: N812 - its name in every PyTorch program

# One line for each operation: PyTorch's own, called with the reference's names and all of its options.
LAYERS: dict[str, Callable[..., Any]] = {
    "add": torch.add,
    "multiply": torch.mul,
    "concatenate": lambda *x, axis: torch.cat(x, axis),
    "batch_norm": F.batch_norm,
    "layer_norm": lambda x, weight, bias, eps: F.layer_norm(x, weight.shape, weight, bias, eps),
    "rms_norm": lambda x, weight, eps: F.rms_norm(x, weight.shape, weight, eps),
    "embedding": lambda x, W, **options: F.embedding(x, W, **options),
    "linear": lambda x, W, b=None: F.linear(x, W.T, b),
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
}
LOSSES: dict[str, Callable[..., Any]] = {
    "mean_squared_error": F.mse_loss,
    "binary_cross_entropy": F.binary_cross_entropy,
    "binary_cross_entropy_with_logits": F.binary_cross_entropy_with_logits,
    "cross_entropy": F.cross_entropy,
}
OPTIMIZERS: dict[str, Callable[..., Any]] = {
    "sgd": torch.optim.SGD,
}
BUFFERS = {  # the reference's name for an optimizer's buffer -> PyTorch's
    "sgd": {"momentum": "momentum_buffer"},
}
CONVENTIONS: dict[str, dict[str, Any]] = {  # what PyTorch has fixed
    "batch_norm": {"variance": "unbiased"},
    "relu": {"at_zero": 0.0},
    "leaky_relu": {"at_zero": "left"},
    "relu6": {"at_kinks": "outside"},
    "elu": {"at_zero": "left"},
    "selu": {"at_zero": "left"},
    "hard_sigmoid": {"at_kinks": "outside"},
    "hard_swish": {"at_kinks": "outside"},
    "softplus": {"above": "linear"},
    "hard_tanh": {"at_kinks": "outside"},
    "soft_shrink": {"at_kinks": "inside"},
    "binary_cross_entropy": {"zero": "clamped"},
    "sgd": {"first_step": "undamped"},
}
LACKING: dict[str, str] = {}  # what PyTorch has not
