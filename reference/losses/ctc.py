"""Connectionist temporal classification  term = −ln Σ_π Π_t p_t(π_t), over all alignments π of a row's target.

An alignment becomes the target when repeated classes are merged, then blanks dropped. It is a path through the states
s = 0 … 2S: blank, first label, blank, second label, …, blank. From each state it may stay, go on by one, or by two from
one label to another that differs. With a_t(s) the logarithm of the sum over all beginnings that are in s at t, b_t(s)
over all endings that follow, and "to s" the states from which s is reached:

    a_t(s) = ln Σ_{r to s} e^{a_{t−1}(r)} + ln p_t(s)      b_{t−1}(r) = ln Σ_{s from r} p_t(s) e^{b_t(s)}

The path is in class k at t with probability γ_t(k) = Σ_{s of k} e^{a_t(s) + b_t(s) + term}, and

    ∂term/∂ln p_t(k) = −γ_t(k)

Shapes      prediction (T, N, C) (log-probabilities ln p), target (N, S) integers, input_lengths (N,) and target_lengths
            (N,): how much of each row counts -> loss () for mean and sum, (N,) for none
Convention  gradient = "true": −γ. "of_logits": p − γ, which is the gradient of logits below a log-softmax, and comes to
            the same once it has passed through one; PyTorch and Optax have it, as they take a log-softmax for granted.
            mean = "per_label": each term is divided by the length of its target first, as in PyTorch. "per_sequence":
            it is not, as in Keras. impossible: what has no alignment costs ∞, with a gradient of NaN ("infinite"), or
            nothing, with a gradient of 0 ("zero", PyTorch's zero_infinity), or about 1e5, since −1e5 stands for ln 0
            where a path starts late or goes where it must not ("large", as in Optax). The blank is 0, as in PyTorch and
            Optax; in TensorFlow it was the last class.
Source      Graves et al. (2006), Connectionist Temporal Classification, eq. 5 to 16
Raises      ValueError if the shapes do not fit, a length is too long, or a target is no class or blank
"""

from typing import Literal, NamedTuple

import numpy as np

from .. import Array
from ..constants import whole
from ._reduction import Reduction, reduce, spread

LARGE = 1e5


class Paths(NamedTuple):
    """What one row may go through, for every row."""

    states: Array  # (N, L)  the class of each state, L = 2S + 1
    direct: Array  # (N, L)  whether a state may be reached from the one before the last
    walls: Array  # (N, 2)  −∞
    log_zero: float  # the price of what is not allowed


class Saved(NamedTuple):
    log_p: Array  # (T, N, C)
    emitted: Array  # (T, N, L)  ln p of each state
    begun: Array  # (T, N, L)  a
    log_total: Array  # (N,)  −term
    paths: Paths
    last: Array  # (N,)  the last state of each row
    live: Array  # (T, N, 1)  whether the time counts
    possible: Array | None  # (N,)  False where a row is left out
    size: Array  # (N,)  what each term is divided by
    gradient: Literal["true", "of_logits"]
    reduction: Reduction


def forward(
    prediction: Array,
    target: Array,
    input_lengths: Array,
    target_lengths: Array,
    *,
    reduction: Reduction = "mean",
    blank: int = 0,
    impossible: Literal["infinite", "zero", "large"] = "infinite",
    mean: Literal["per_label", "per_sequence"] = "per_label",
    gradient: Literal["true", "of_logits"] = "true",
) -> tuple[Array, Saved]:
    log_p = prediction
    _check(log_p, target, input_lengths, target_lengths, blank)
    T, N, _ = log_p.shape
    paths = _paths(target, target_lengths, blank, -LARGE if impossible == "large" else -np.inf, log_p)
    last = 2 * target_lengths  # (N,)
    live = np.arange(T)[:, None, None] < input_lengths[:, None]  # (T, N, 1)
    emitted = np.take_along_axis(log_p, paths.states[None], 2)  # (T, N, L)
    a = np.full_like(log_p, paths.log_zero, shape=paths.states.shape)  # (N, L)
    a[:, 0] = 0
    begun = []
    for t in range(T):
        a = np.where(live[t], _into(a, paths) + emitted[t], a)
        begun.append(a)
    ends = np.concatenate([paths.walls, a], axis=1)[np.arange(N), last + np.array([[2], [1]])]  # (2, N)
    log_total = np.logaddexp(ends[0], ends[1])  # (N,)
    terms = -log_total  # (N,)
    possible = None
    if impossible == "zero":
        possible = log_total > -np.inf  # (N,)
        terms = np.where(possible, terms, 0)
    size = np.ones_like(terms)  # (N,)
    if reduction == "mean" and mean == "per_label":
        size *= np.maximum(target_lengths, 1)
        terms = terms / size
    saved = Saved(log_p, emitted, np.stack(begun), log_total, paths, last, live, possible, size, gradient, reduction)
    return reduce(terms, reduction), saved


def backward(saved: Saved, dloss: Array | None = None) -> Array:
    log_p, emitted, begun, log_total, paths, last, live, possible, size, gradient, reduction = saved
    T, N, C = log_p.shape
    to_end = last[:, None] - np.arange(paths.states.shape[1])  # (N, L)
    b = np.where(np.isin(to_end, (0, 1)), whole(0, log_p), -np.inf)  # (N, L)
    passed = []
    with np.errstate(invalid="ignore"):  # of what is impossible
        for t in reversed(range(T)):
            passed.append(np.where(live[t], np.exp(begun[t] + b - log_total[:, None]), 0))
            b = np.where(live[t], _out_of(emitted[t] + b, paths), b)
    gamma = np.stack(passed[::-1], axis=1)  # (N, T, L)
    of_class = np.where(paths.states[:, :, None] == np.arange(C), whole(1, log_p), 0)  # (N, L, C)
    dx = -(gamma @ of_class).transpose(1, 0, 2)  # (T, N, C)
    if gradient == "of_logits":
        dx = np.where(live, np.exp(log_p) + dx, 0)
    if possible is not None:
        dx = np.where(possible[:, None], dx, 0)
    return dx * spread(1 / size, dloss, N, reduction)[:, None]


def _paths(target: Array, lengths: Array, blank: int, log_zero: float, like: Array) -> Paths:
    N, S = target.shape
    states = np.full((N, 2 * S + 1), blank)  # (N, L)
    states[:, 1::2] = np.where(np.arange(S) < lengths[:, None], target, blank)
    direct = states != blank  # (N, L)
    direct[:, 2:] &= states[:, 2:] != states[:, :-2]
    return Paths(states, direct, np.full_like(like, -np.inf, shape=(N, 2)), log_zero)


def _into(a: Array, paths: Paths) -> Array:
    """The logarithm of the sum of e^a over the states from which each state is reached  (N, L)."""
    behind = np.concatenate([paths.walls, a], axis=1)  # (N, L + 2)
    jumped = np.where(paths.direct, behind[:, :-2], behind[:, :-2] + paths.log_zero)  # (N, L)
    return np.asanyarray(np.logaddexp(np.logaddexp(a, behind[:, 1:-1]), jumped))


def _out_of(b: Array, paths: Paths) -> Array:
    """The logarithm of the sum of e^b over the states that are reached from each state  (N, L)."""
    ahead = np.concatenate([b, paths.walls], axis=1)  # (N, L + 2)
    jumped = np.where(paths.direct, b, b + paths.log_zero)  # (N, L)
    jumped = np.concatenate([jumped, paths.walls], axis=1)[:, 2:]  # (N, L)
    return np.asanyarray(np.logaddexp(np.logaddexp(b, ahead[:, 1:-1]), jumped))


def _check(x: Array, target: Array, input_lengths: Array, target_lengths: Array, blank: int) -> None:
    if x.ndim != 3 or not len(x) or target.ndim != 2 or not len(target) == x.shape[1]:
        raise ValueError(f"ctc: prediction {x.shape} and target {target.shape} do not fit: (T, N, C) needs (N, S)")
    _, N, C = x.shape
    for name, lengths, most in (("input", input_lengths, len(x)), ("target", target_lengths, target.shape[1])):
        if lengths.shape != (N,) or lengths.dtype.kind not in "iu" or not ((lengths >= 0) & (lengths <= most)).all():
            raise ValueError(f"ctc: {name}_lengths must be {N} integers from 0 to {most}")
    if not 0 <= blank < C:
        raise ValueError(f"ctc: option blank must be a class from 0 to {C - 1}, got {blank}")
    named = target[np.arange(target.shape[1]) < target_lengths[:, None]]
    if target.dtype.kind not in "iu" or not ((named >= 0) & (named < C) & (named != blank)).all():
        raise ValueError(f"ctc: target must be a class from 0 to {C - 1}, and not the blank")
