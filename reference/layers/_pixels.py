"""Channels as the pixels of a finer image, and back: r² channels are an r by r square of one."""

from .. import Array


def finer(x: Array, r: int) -> Array:
    """x (N, C r², H, W) as (N, C, H r, W r): of r² channels that follow each other, each is one pixel of a square."""
    N, channels, H, W = x.shape
    C = channels // (r * r)
    return x.reshape((N, C, r, r, H, W)).transpose(0, 1, 4, 2, 5, 3).reshape((N, C, H * r, W * r))


def coarser(x: Array, r: int) -> Array:
    """x (N, C, H r, W r) as (N, C r², H, W): what `finer` undoes."""
    N, C, height, width = x.shape
    H, W = height // r, width // r
    return x.reshape((N, C, H, r, W, r)).transpose(0, 1, 3, 5, 2, 4).reshape((N, C * r * r, H, W))
