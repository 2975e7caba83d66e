"""Optimizers: pure update rules. Parameters, gradients and states are dicts by parameter name."""

from typing import TypeAlias

from .. import Array

Params: TypeAlias = dict[str, Array]
