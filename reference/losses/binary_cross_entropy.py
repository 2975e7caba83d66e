"""Binary cross-entropy of probabilities  term = −t ln p − (1 − t) ln(1 − p).

    ∂term/∂p = −t/p + (1 − t)/(1 − p) = (p − t) / (p (1 − p))

0 ln 0 is 0, and so is the derivative of a term that is absent (t = 0 or 1 − t = 0). A weight multiplies its terms and
their derivatives.

Shapes      prediction (...), target (...), weight (...) broadcasting or none
            -> loss () for mean and sum, (...) for none
Convention  The mean is over all elements, whatever they weigh, as in PyTorch; never over the sum of the weights.
            zero = "infinite": ln 0 is −∞ and the derivative with it, as the formula has it.
            zero = "clamped": as PyTorch has it, logarithms are at least −100 and p (1 − p) at least 1e-12 (a float32
            in every precision), so that p = 0, t = 1 costs 100 with slope −1e12. Keras moves p itself to
            [1e-7, 1 − 1e-7] instead.
Source      Bishop (2006), Pattern Recognition and Machine Learning, eq. 4.90;
            PyTorch documentation of torch.nn.BCELoss for the clamp
Raises      ValueError if the shapes do not fit, or a probability lies outside 0 to 1
"""

from typing import Literal, NamedTuple

import numpy as np
from scipy.special import xlog1py, xlogy

from .. import Array
from ._reduction import Reduction, reduce, spread

LEAST = 9.999999960041972e-13  # 1e-12, rounded to float32


class Saved(NamedTuple):
    prediction: Array  # (...)
    target: Array  # (...)
    weight: Array | None  # (...)
    zero: Literal["infinite", "clamped"]
    reduction: Reduction


def forward(
    prediction: Array,
    target: Array,
    weight: Array | None = None,
    *,
    reduction: Reduction = "mean",
    zero: Literal["infinite", "clamped"] = "infinite",
) -> tuple[Array, Saved]:
    _check(prediction, target, weight)
    if zero == "clamped":
        with np.errstate(divide="ignore"):
            log_p = np.maximum(np.log(prediction), -100)  # (...)
            log_q = np.maximum(np.log1p(-prediction), -100)  # (...)
        terms = -(target * log_p + (1 - target) * log_q)  # (...)
    else:
        terms = -(xlogy(target, prediction) + xlog1py(1 - target, -prediction))  # (...)
    if weight is not None:
        terms = terms * weight  # (...)
    return reduce(terms, reduction), Saved(prediction, target, weight, zero, reduction)


def backward(saved: Saved, dloss: Array | None = None) -> Array:
    p, t, weight, zero, reduction = saved
    if zero == "clamped":
        dp = (p - t) / np.maximum(p * (1 - p), LEAST)  # (...)
    else:
        with np.errstate(divide="ignore", invalid="ignore"):
            from_p = np.where(t == 0, 0, t / p)  # (...)
            from_q = np.where(t == 1, 0, (1 - t) / (1 - p))  # (...)
        dp = from_q - from_p  # (...)
    if weight is not None:
        dp = dp * weight  # (...)
    return spread(dp, dloss, p.size, reduction)


def _check(prediction: Array, target: Array, weight: Array | None) -> None:
    shape = prediction.shape
    if shape != target.shape:
        raise ValueError(f"binary_cross_entropy: prediction {shape} and target {target.shape} differ")
    if weight is not None and np.broadcast_shapes(weight.shape, shape) != shape:
        raise ValueError(f"binary_cross_entropy: weight {weight.shape} does not broadcast to the prediction's {shape}")
    if (prediction < 0).any() or (prediction > 1).any():
        raise ValueError("binary_cross_entropy: prediction must lie between 0 and 1; for logits, use "
                         "binary_cross_entropy_with_logits")  # fmt: skip
