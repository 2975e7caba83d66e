"""Clipping: gradients of all parameters, made smaller where they are too large."""

from typing import TypeAlias

from .. import Array

Grads: TypeAlias = dict[str, Array]
