"""Numbers such as √2 and π in the arithmetic of the arrays they meet: as a float they would end after 16 digits."""

import numpy as np

from . import Array


def whole(number: int, like: Array) -> Array:
    """A whole number, or one that floats hold exactly, of shape ()."""
    constant: Array = np.full_like(like, number, shape=())
    return constant


def decimal(number: float, like: Array) -> Array:
    """A number such as 0.9, of shape (). A program of another precision holds it rounded; so does noise."""
    result: Array = number * whole(1, like)
    return result


def root(number: int, like: Array) -> Array:
    """√number, of shape ()."""
    result: Array = np.sqrt(whole(number, like))
    return result


def pi(like: Array) -> Array:
    """π = 4 arctan 1, of shape ()."""
    result: Array = 4 * np.arctan(whole(1, like))
    return result
