"""Flax NNX's operation for each of the reference's that JAX itself has not. Flax is an extra: `backproof[flax]`.

To be read beside jax_operations.py, whose LACKING has the reason that stands where Flax is not installed.
"""

from collections.abc import Callable
from typing import Any

from flax import nnx


def _given(module: Any, **values: Any) -> Any:
    """A module with these arrays in place of what it was initialised with; those that are None it has not."""
    for name, value in values.items():
        if value is not None:
            getattr(module, name)[...] = value
    return module


# One line for each operation: Flax's own, called with the reference's names and all of its options.
LAYERS: dict[str, Callable[..., Any]] = {
    "layer_norm": lambda x, weight, bias, eps: _given(
        nnx.LayerNorm(weight.size, epsilon=eps, use_fast_variance=False, param_dtype=weight.dtype, rngs=nnx.Rngs(0)),
        scale=weight,
        bias=bias,
    )(x),
}
CONVENTIONS: dict[str, dict[str, Any]] = {}  # what Flax has fixed
