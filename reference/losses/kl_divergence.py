"""Kullback-Leibler divergence of a target from a prediction  term = t (ln t − q), q the logarithm of the prediction.

    ∂term/∂q = −t      ∂term/∂t = ln t − q + 1

0 ln 0 is 0. With log_target, the target is s = ln t:

    term = e^s (s − q)      ∂term/∂q = −e^s      ∂term/∂s = e^s (s − q + 1)

Shapes      prediction (N, ...) (q), target (N, ...) -> loss () for mean, batchmean and sum, (N, ...) for none
Convention  As in PyTorch, the mean is over all elements and the batchmean over the N rows; the divergence as it is
            defined is the sum over the classes of each row, which Optax and Keras give. at_zero is the slope of a
            target that is exactly 0: "undefined", NaN, as in PyTorch and Optax, whose t / t is 0 / 0 there; "infinite",
            −∞, as the formula has it.
Source      Kullback, Leibler (1951), On Information and Sufficiency, eq. 2.4; torch.nn.KLDivLoss for the reductions
Raises      ValueError if the two shapes differ, or there are no rows to speak of
"""

from typing import Literal, NamedTuple, TypeAlias

import numpy as np

from .. import Array

Reduction: TypeAlias = Literal["mean", "batchmean", "sum", "none"]


class Saved(NamedTuple):
    t: Array  # (N, ...)  the target, as probabilities
    ratio: Array  # (N, ...)  ln t − q
    log_target: bool
    at_zero: Literal["undefined", "infinite"]
    by: int | None  # what the mean divides by


def forward(
    prediction: Array,
    target: Array,
    *,
    reduction: Reduction = "mean",
    log_target: bool = False,
    at_zero: Literal["undefined", "infinite"] = "undefined",
) -> tuple[Array, Saved]:
    q = prediction
    if not q.ndim or q.shape != target.shape:
        raise ValueError(f"kl_divergence: prediction {q.shape} and target {target.shape} must be the same, with rows")
    if log_target:
        t, ratio = np.exp(target), target - q  # (N, ...)
        terms = t * ratio  # (N, ...)
    else:
        with np.errstate(divide="ignore", invalid="ignore"):
            t, ratio = target, np.log(target) - q  # (N, ...)
            terms = np.where(t == 0, 0, t * ratio)  # (N, ...)
    by = {"mean": q.size, "batchmean": len(q)}.get(reduction)
    loss = terms if reduction == "none" else terms.sum()
    return loss if by is None else loss / by, Saved(t, ratio, log_target, at_zero, by)


def backward(saved: Saved, dloss: Array | None = None) -> tuple[Array, Array]:
    t, ratio, log_target, at_zero, by = saved
    dtarget = t * (ratio + 1) if log_target else ratio + 1  # (N, ...)
    if at_zero == "undefined" and not log_target:
        dtarget = np.where(t == 0, np.nan, dtarget)  # (N, ...)
    return _passed(-t, dloss, by), _passed(dtarget, dloss, by)


def _passed(slope: Array, dloss: Array | None, by: int | None) -> Array:
    if by is not None:
        slope = slope / by
    return slope if dloss is None else slope * dloss
