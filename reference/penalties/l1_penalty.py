"""L1 penalty of a parameter  R = λ Σ |w|.

    dw = λ sign w      times ∂L/∂R, which is dpenalty

Shapes      w (...) -> penalty ()
Convention  At w = 0, anything from −1 to 1 is a slope of |w|. at_zero = 0, as PyTorch has it; 1 is what JAX has.
Source      Tibshirani (1996), Regression Shrinkage and Selection via the Lasso, eq. 2; Goodfellow, Bengio, Courville
            (2016), Deep Learning, section 7.1.2
Raises      ValueError if at_zero is not between −1 and 1
"""

from typing import NamedTuple

import numpy as np

from .. import Array


class Saved(NamedTuple):
    slope: Array  # (...)


def forward(w: Array, *, strength: float, at_zero: float = 0.0) -> tuple[Array, Saved]:
    if not -1 <= at_zero <= 1:
        raise ValueError(f"l1_penalty: option at_zero must be between -1 and 1, got {at_zero}")
    sign = np.where(w == 0, at_zero, np.sign(w))  # (...)
    return strength * np.abs(w).sum(), Saved(strength * sign)


def backward(saved: Saved, dpenalty: Array | None = None) -> Array:
    dw = saved.slope  # (...)
    return dw if dpenalty is None else dw * dpenalty
