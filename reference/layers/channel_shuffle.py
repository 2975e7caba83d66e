"""Channel shuffle: C channels in g groups are dealt out, one of each group after the other.

    y[n, g j + i] = x[n, (C / g) i + j]        0 ≤ i < g = groups, 0 ≤ j < C / g

No number changes, so that dx is dy with its channels in their groups again, which deals them to C / g groups.

Shapes      x (N, C, ...) -> y (N, C, ...)
Source      Zhang et al. (2018), ShuffleNet, section 3.1; torch.nn.ChannelShuffle
Raises      ValueError if the channels of x are not a multiple of groups
"""

from typing import NamedTuple

from .. import Array


class Saved(NamedTuple):
    groups: int


def forward(x: Array, *, groups: int) -> tuple[Array, Saved]:
    _check(x, groups)
    return _dealt(x, groups), Saved(groups)


def backward(saved: Saved, dy: Array) -> Array:
    return _dealt(dy, dy.shape[1] // saved.groups)


def _dealt(x: Array, groups: int) -> Array:
    """Channel j of each group, for one j after the other."""
    N, C, *spatial = x.shape
    return x.reshape((N, groups, C // groups, *spatial)).swapaxes(1, 2).reshape(x.shape)


def _check(x: Array, groups: int) -> None:
    if x.ndim < 3 or groups < 1 or x.shape[1] % groups:
        raise ValueError(f"channel_shuffle: x {x.shape} must be (N, C, ...), C a multiple of groups = {groups}")
