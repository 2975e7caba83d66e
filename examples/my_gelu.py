"""A function and its derivative, written by hand, and judged on every case that uses it."""

import math

import numpy as np
from scipy.special import erfc

import backproof


@backproof.implements("gelu")
def gelu(x):
    """y = x Φ(x), and what takes dy back to dx."""
    share = erfc(-x / math.sqrt(2)) / 2
    slope = share + x * np.exp(-x * x / 2) / math.sqrt(2 * math.pi)
    return x * share, lambda dy: dy * slope


if __name__ == "__main__":
    backproof.check(gelu).raise_if_differs()
