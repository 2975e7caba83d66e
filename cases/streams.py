"""Random numbers that are the same bits everywhere and for ever, one stream for each tensor of each case.

`numpy.random.RandomState` is frozen by NumPy's own promise. Only its uniform doubles and bounded integers are used:
they are whole numbers scaled by a power of two. A normal deviate by its usual formulas would pass through the C
library's logarithm, whose last bit differs between machines; here it is the sum of twelve uniform ones less six,
which has mean 0, variance 1, a full mantissa and nothing but correctly rounded additions (Irwin 1927; Hall 1927).
"""

import hashlib

import numpy as np

from ..reference import Array


def stream(*name: str) -> np.random.RandomState:
    """The stream that belongs to these names."""
    digest = hashlib.sha256("\n".join(name).encode()).digest()
    return np.random.RandomState(np.frombuffer(digest, dtype="<u4"))


def normal(random: np.random.RandomState, shape: tuple[int, ...]) -> Array:
    """Irwin–Hall deviates of mean 0 and variance 1, all between −6 and 6."""
    total = np.zeros(shape)
    for _ in range(12):
        total = total + random.random_sample(shape)
    return total - 6.0


def whole(random: np.random.RandomState, shape: tuple[int, ...], low: int, below: int) -> Array:
    """Integers from low up to, but not including, below."""
    return low + np.floor(random.random_sample(shape) * (below - low)).astype(np.int64)


def order(random: np.random.RandomState, count: int) -> Array:
    """A random order of 0 … count − 1, by sorting as many random numbers."""
    return np.argsort(random.random_sample(count), kind="stable")
