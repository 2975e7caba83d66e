"""L1 penalty of a parameter  R = λ Σ |w|.

    dw = λ sign w      times ∂L/∂R, which is dpenalty

Shapes      w (...) -> penalty ()
Convention  At w = 0, anything from −1 to 1 is a slope of |w|. at_zero = "zero": 0, as PyTorch has it; "right": 1,
            as the absolute value of JAX has it.
Source      Tibshirani (1996), Regression Shrinkage and Selection via the Lasso, eq. 2; Goodfellow, Bengio, Courville
            (2016), Deep Learning, section 7.1.2
"""

from typing import Literal, NamedTuple

import numpy as np

from .. import Array


class Saved(NamedTuple):
    slope: Array  # (...)


def forward(w: Array, *, strength: float, at_zero: Literal["zero", "right"] = "zero") -> tuple[Array, Saved]:
    sign = np.sign(w)  # (...)
    if at_zero == "right":
        sign = np.where(w == 0, 1, sign)
    return strength * np.abs(w).sum(), Saved(strength * sign)


def backward(saved: Saved, dpenalty: Array | None = None) -> Array:
    dw = saved.slope  # (...)
    return dw if dpenalty is None else dw * dpenalty
