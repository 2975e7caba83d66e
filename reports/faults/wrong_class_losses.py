"""Mistakes in the losses of classes, of pairs and of sequences, and in the penalties.

Each changes what the right function is given, or keeps, or gives.
"""

# ruff: noqa: ARG005 - each part takes what the right one takes, and leaves out what it gets wrong

from types import ModuleType
from typing import Any

import numpy as np
from scipy.special import expit, log_softmax

from ...reference.losses import (
    cosine_embedding,
    ctc,
    kl_divergence,
    multi_margin,
    multiclass_sparsemax,
    multilabel_margin,
    multilabel_soft_margin,
    nll,
    triplet_margin,
)
from ...reference.losses._reduction import reduce, spread
from ...reference.penalties import l1_penalty, l2_penalty
from .loss_parts import name_of
from .planting import Fault, Part, swap, wrong


# ---------------------------------------------------------------- what faults are made of
def _each(found: Any, change: Part) -> Any:
    """Every gradient changed, of one prediction or of several."""
    if isinstance(found, tuple):
        return tuple(None if g is None else change(g) for g in found)
    return change(found)


def _saved(change: Part) -> Part:
    """A backward that goes by other things than were saved."""
    return lambda right, s, d: right(s._replace(**change(s)), d)


def _terms(term: Part) -> Part:
    """A forward with the terms term(right terms, prediction, **all that is given)."""

    def forward(right: Part, x: Any, *, reduction: Any = "mean", **o: Any) -> Any:
        y, _ = right(x, reduction="none", **o)
        return reduce(term(y, x, **o).astype(x.dtype), reduction), right(x, reduction=reduction, **o)[1]

    return forward


def _given(**change: Any) -> Part:
    """A forward that goes by these options, whatever was asked, or by what these functions make of all it is given."""

    def forward(right: Part, x: Any, **o: Any) -> Any:
        return right(x, **(o | {name: new(x=x, **o) if callable(new) else new for name, new in change.items()}))

    return forward


def _slopes(slope: Part) -> Part:
    """A backward with the slopes (N, C), slope(saved), of losses that have a term for each row."""

    def backward(right: Part, s: Any, d: Any) -> Any:
        dx = slope(s)
        return spread(dx, None if d is None else d.ravel()[:, None], len(dx), s.reduction).astype(dx.dtype)

    return backward


def _divided(of: ModuleType, count: Part) -> list[Fault]:
    """The mistakes that every loss can have; count(saved) is the mean's divisor."""
    name = name_of(of)
    sums: dict[str, Any] = {"by": None} if of in (kl_divergence, nll) else {"reduction": "sum"}

    def scaled(right: Part, s: Any, d: Any) -> Any:
        mean = s.by is not None if "by" in sums else s.reduction == "mean"
        return _each(right(s, d), lambda g: g / count(s) if mean else g)

    return [
        wrong(of, f"E01-{name}-not-divided", "the mean's gradient has 1/N; it lacks it",
              backward=_saved(lambda s: sums)),
        wrong(of, f"E02-{name}-divided-twice", "1/N once; twice", backward=scaled),
        wrong(of, f"C05-{name}-upstream-ignored", "times the gradient from above; not",
              backward=lambda right, s, d: right(s, None)),
        wrong(of, f"C05-{name}-shared", "each term has its own gradient from above; all get their mean",
              backward=lambda right, s, d: right(s, None if d is None else d.mean())),
        wrong(of, f"C34-{name}-sign", "∂term/∂p; −∂term/∂p",
              backward=lambda right, s, d: _each(right(s, d), lambda g: -g)),
    ]  # fmt: skip


def _rows(s: Any) -> int:
    return len(s[0])


# ---------------------------------------------------------------- classes
def _softmax(x: Any) -> Any:
    e = np.exp(x - x.max(axis=1, keepdims=True))
    return e / e.sum(axis=1, keepdims=True)


def _own(x: Any, target: Any) -> Any:
    return np.take_along_axis(x, target[:, None], 1)


def _worst(y: Any, x: Any, *, target: Any, margin: float = 1.0, p: int = 1, weight: Any = None, **o: Any) -> Any:
    slack = np.where(target[:, None] == np.arange(x.shape[1]), 0, margin - _own(x, target) + x)
    worst = np.maximum(slack, 0).max(axis=1) ** p / x.shape[1]
    return worst if weight is None else worst * weight[target]


def _with_own(y: Any, x: Any, *, target: Any, margin: float = 1.0, p: int = 1, weight: Any = None, **o: Any) -> Any:
    own = margin**p / x.shape[1]
    return y + (own if weight is None else own * weight[target])


MULTI_MARGIN = [
    *_divided(multi_margin, _rows),
    wrong(multi_margin, "multi_margin-worst", "every class that comes too near; the worst", "loss",
          forward=_terms(_worst)),
    wrong(multi_margin, "multi_margin-other-classes", "over the number of classes; of the others", "loss",
          forward=_terms(lambda y, x, **o: y * x.shape[1] / (x.shape[1] - 1))),
    wrong(multi_margin, "multi_margin-own-class", "the class itself has no margin to keep; it costs one", "loss",
          forward=_terms(_with_own)),
    wrong(multi_margin, "multi_margin-weights-forgotten", "times the weight; not", backward=_saved(
        lambda s: {"weight": None})),
    wrong(multi_margin, "multi_margin-own-not-pushed", "the class itself is pushed by all that come too near; by none",
          backward=lambda right, s, d: np.where(s.others, right(s, d), 0)),
    wrong(multi_margin, "multi_margin-own-once", "the class itself is pushed by all that come too near; by one",
          backward=lambda right, s, d: (lambda dx: np.where(s.others, dx, np.clip(dx, -np.abs(dx * s.others).max(
              axis=1, keepdims=True), None)))(right(s, d))),
    wrong(multi_margin, "multi_margin-two", "2 max(s, 0) for p = 2; max(s, 0)",
          backward=lambda right, s, d: right(s, d) / s.p),
    wrong(multi_margin, "multi_margin-always-passed", "the slope at the margin is chosen; 1",
          backward=_saved(lambda s: {"at_margin": 1.0})),
]  # fmt: skip


def _no_support(y: Any, x: Any, *, target: Any, **o: Any) -> Any:
    """The point of the plane Σ p = 1 nearest to x, be it outside the simplex."""
    z = x - _own(x, target)
    p = z - (z.sum(axis=1, keepdims=True) - 1) / x.shape[1]
    return (p * z).sum(axis=1) + (1 - np.square(p).sum(axis=1)) / 2


def _no_half(right: Part, x: Any, *, reduction: Any = "mean", **o: Any) -> Any:
    terms, s = right(x, reduction="none", **o)
    return reduce(terms + (1 - np.square(s.p).sum(axis=1)) / 2, reduction), s._replace(reduction=reduction)


SPARSEMAX = [
    *_divided(multiclass_sparsemax, _rows),
    wrong(multiclass_sparsemax, "multiclass_sparsemax-no-target", "p − 1 at the class; p",
          backward=_slopes(lambda s: s.p)),
    wrong(multiclass_sparsemax, "multiclass_sparsemax-softmax", "p is the nearest point; softmax's",
          forward=lambda right, x, **o: (lambda y, s: (y, s._replace(p=_softmax(x))))(*right(x, **o))),
    wrong(multiclass_sparsemax, "multiclass_sparsemax-support", "p − [y = j]; nothing outside the support",
          backward=lambda right, s, d: np.where(s.p > 0, right(s, d), 0)),
    wrong(multiclass_sparsemax, "multiclass_sparsemax-no-half", "(1 − Σ p²) / 2; 1 − Σ p²", "loss",
          forward=_no_half),
    wrong(multiclass_sparsemax, "multiclass_sparsemax-not-sparse", "the nearest point of the simplex; of its plane",
          "loss", forward=_terms(_no_support)),
]  # fmt: skip


def _rest_of_row(*, target: Any, **o: Any) -> Any:
    """What stands behind the first −1 counts, too: it is moved to the front."""
    order = np.argsort(target < 0, axis=1, kind="stable")
    return np.take_along_axis(target, order, 1)


def _down_forgotten(right: Part, s: Any, d: Any) -> Any:
    return np.where(s.named.any(axis=1), 0, right(s, d))


def _up_forgotten(right: Part, s: Any, d: Any) -> Any:
    return np.where(s.named.any(axis=1), right(s, d), 0)


MULTILABEL_MARGIN = [
    *_divided(multilabel_margin, _rows),
    wrong(multilabel_margin, "multilabel_margin-not-pushed-up", "named classes up, others down; others down",
          backward=_down_forgotten),
    wrong(multilabel_margin, "multilabel_margin-not-pushed-down", "named classes up, others down; named ones up",
          backward=_up_forgotten),
    wrong(multilabel_margin, "multilabel_margin-always-passed", "the slope at the margin is chosen; 1",
          backward=_saved(lambda s: {"at_margin": 1.0})),
    wrong(multilabel_margin, "multilabel_margin-sum", "over the number of classes; not", "loss",
          forward=_terms(lambda y, x, **o: y * x.shape[1])),
    wrong(multilabel_margin, "multilabel_margin-of-named", "over the number of classes; of those named", "loss",
          forward=_terms(lambda y, x, *, target, **o: y * x.shape[1] / np.maximum((target >= 0).sum(axis=1), 1))),
    wrong(multilabel_margin, "multilabel_margin-reads-on", "nothing counts behind the first −1; all does", "loss",
          forward=_given(target=_rest_of_row)),
]  # fmt: skip

SOFT_MARGIN = [
    *_divided(multilabel_soft_margin, _rows),
    wrong(multilabel_soft_margin, "multilabel_soft_margin-sum-of-classes", "over the number of classes; not", "loss",
          forward=_terms(lambda y, x, **o: y * x.shape[1])),
    wrong(multilabel_soft_margin, "multilabel_soft_margin-sum-of-slopes", "over the number of classes; not",
          backward=lambda right, s, d: right(s, d) * s.prediction.shape[1]),
    wrong(multilabel_soft_margin, "multilabel_soft_margin-weights-forgotten", "times the weight of a class; not",
          backward=_saved(lambda s: {"weight": None})),
    wrong(multilabel_soft_margin, "multilabel_soft_margin-positive-alone", "both slopes; −t σ(−x)",
          backward=lambda right, s, d: right(s, d) * s.target),
    wrong(multilabel_soft_margin, "multilabel_soft_margin-no-target", "σ(x) − t; σ(x)",
          backward=_saved(lambda s: {"target": 0 * s.target})),
    wrong(multilabel_soft_margin, "E13-multilabel_soft_margin-extra-slope", "σ(x) − t; times σ'(x) again",
          backward=lambda right, s, d: right(s, d) * expit(s.prediction) * expit(-s.prediction)),
    wrong(multilabel_soft_margin, "multilabel_soft_margin-targets-exchanged", "t on ln σ(x); on ln σ(−x)", "loss",
          forward=_given(target=lambda target, **o: 1 - target)),
]  # fmt: skip


def _ignored_counts(right: Part, x: Any, *, target: Any, ignore_index: Any = None, **o: Any) -> Any:
    """What is ignored is in the sum of the weights, as one."""
    loss, s = right(x, target=target, ignore_index=ignore_index, **o)
    if ignore_index is None or s.by is None:
        return loss, s
    by = s.by + (target == ignore_index).sum()
    return (loss * (s.by / by)).astype(x.dtype), s._replace(by=by.astype(x.dtype))


def _counted(right: Part, x: Any, **o: Any) -> Any:
    """Over the number of rows, whatever their weights."""
    loss, s = right(x, **o)
    if s.by is None or s.labels.kept is not None:
        return loss, s
    return loss * (s.by / len(s.share)), s._replace(by=len(s.share))


NLL = [
    *_divided(nll, lambda s: s.by),
    wrong(nll, "nll-ignored-counts", "over the weights of what is not ignored; of all", "loss",
          forward=_ignored_counts),
    wrong(nll, "nll-weights-forgotten", "−w_y; −1",
          backward=_saved(lambda s: {"share": np.where(s.share == 0, s.share, np.ones_like(s.share))})),
    wrong(nll, "nll-by-rows", "over the sum of the weights; the number of rows", "loss", forward=_counted),
    wrong(nll, "C32-nll-mask-inverted", "nothing to what is ignored; to what is not", backward=_saved(
        lambda s: {} if s.labels.kept is None else {"labels": s.labels._replace(kept=~s.labels.kept)})),
    wrong(nll, "E13-nll-softmax", "−[y = j]; p − [y = j], as if a softmax were in it",
          forward=lambda right, x, **o: (lambda y, s: (y, (s, x)))(*right(x, **o)),
          backward=lambda right, known, d: right(known[0], d) + (np.exp(known[1]) / len(known[1])).astype(
              known[1].dtype)),
    wrong(nll, "nll-next-class", "classes are counted from 0; from 1", backward=_saved(
        lambda s: {"labels": s.labels._replace(target=(s.labels.target + 1) % s.shape[1])})),
    wrong(nll, "nll-every-class", "the class itself has a gradient; every one",
          backward=lambda right, s, d: np.broadcast_to(right(s, d).sum(axis=1, keepdims=True), s.shape).copy()),
]  # fmt: skip


# ---------------------------------------------------------------- shares
def _kl(prediction: Part | None = None, target: Part | None = None) -> Part:
    """Each of saved and the right gradient."""

    def backward(right: Part, s: Any, d: Any) -> Any:
        dq, dt = right(s, d)
        return dq if prediction is None else prediction(s, dq), dt if target is None else target(s, dt)

    return backward


def _over(a: Any, b: Any) -> Any:
    return np.where(b == 0, 0, a / np.where(b == 0, 1, b))


def _kl_terms(term: Part) -> Part:
    """term(q, t, ln t)."""

    def forward(right: Part, x: Any, *, target: Any, reduction: str = "mean", **o: Any) -> Any:
        _, s = right(x, target=target, reduction=reduction, **o)
        t, log_t = (np.exp(target), target) if o.get("log_target") else (target, np.log(target))
        terms = np.where(t == 0, 0, term(x, t, log_t)).astype(x.dtype)
        return terms if reduction == "none" else terms.sum() / (s.by or 1), s

    return forward


def _other_mean(right: Part, x: Any, *, reduction: str = "mean", **o: Any) -> Any:
    other = {"mean": "batchmean", "batchmean": "mean"}.get(reduction, reduction)
    return right(x, reduction=other, **o)


KL = [
    *_divided(kl_divergence, lambda s: s.by),
    wrong(kl_divergence, "E23-kl_divergence-rows", "the mean of all elements, or of rows, as asked; the other", "loss",
          forward=_other_mean),
    wrong(kl_divergence, "kl_divergence-exchanged", "Σ t (ln t − q); Σ e^q (q − ln t)", "loss",
          forward=_kl_terms(lambda q, t, log_t: np.exp(q) * (q - log_t))),
    wrong(kl_divergence, "kl_divergence-cross-entropy", "Σ t (ln t − q); −Σ t q", "loss",
          forward=_kl_terms(lambda q, t, log_t: -t * q)),
    wrong(kl_divergence, "kl_divergence-of-probability", "q is a logarithm; its own is taken", "loss",
          forward=_kl_terms(lambda q, t, log_t: t * (log_t - np.log(np.abs(q))))),
    wrong(kl_divergence, "kl_divergence-zero", "0 ln 0 is 0; NaN", "loss", forward=lambda right, x, *, target, **o: (
        lambda y, s: (y + 0 * (0 if o.get("log_target") else (target * np.log(target)).sum()), s))(
            *right(x, target=target, **o))),
    wrong(kl_divergence, "kl_divergence-no-one", "ln t − q + 1; ln t − q",
          backward=_kl(target=lambda s, dt: dt * _over(s.ratio, s.ratio + 1))),
    wrong(kl_divergence, "kl_divergence-target-cut", "both have a gradient; the prediction",
          backward=_kl(target=lambda s, dt: np.zeros_like(dt))),
    wrong(kl_divergence, "kl_divergence-ratio", "−t; −t / e^q, as if q were no logarithm",
          backward=_kl(prediction=lambda s, dq: dq * _over(np.exp(np.where(s.t == 0, 0, s.ratio)), s.t))),
]  # fmt: skip


# ---------------------------------------------------------------- pairs and triples
def _endless(s: Any) -> dict[str, Any]:
    return {"a": np.full_like(s.a, np.inf), "b": np.full_like(s.b, np.inf)}


COSINE = [
    *_divided(cosine_embedding, _rows),
    wrong(cosine_embedding, "cosine_embedding-norms-constant", "norms have slopes, too; they are constants",
          backward=_saved(_endless)),
    wrong(cosine_embedding, "cosine_embedding-norms-exchanged", "c x / a for x; c x / b",
          backward=_saved(lambda s: {"a": s.b, "b": s.a})),
    wrong(cosine_embedding, "cosine_embedding-second-cut", "both vectors have a gradient; the first",
          backward=lambda right, s, d: (lambda dx, dz: (dx, 0 * dz))(*right(s, d))),
    wrong(cosine_embedding, "cosine_embedding-exchanged", "each its own gradient; the other's",
          backward=lambda right, s, d: right(s, d)[::-1]),
    wrong(cosine_embedding, "cosine_embedding-margin-sign", "c − margin; c + margin", "loss",
          forward=_given(margin=lambda margin=0.0, **o: -margin)),
    wrong(cosine_embedding, "cosine_embedding-not-clamped", "max(c − margin, 0); c − margin", "loss",
          forward=_terms(lambda y, x, *, other, target, margin=0.0, **o: np.where(target == 1, y, (x * other).sum(
              axis=1) / np.sqrt((x * x).sum(axis=1) * (other * other).sum(axis=1)) - margin))),
    wrong(cosine_embedding, "cosine_embedding-always-passed", "the slope at the margin is chosen; 1",
          backward=_saved(lambda s: {"at_margin": 1.0})),
]  # fmt: skip


def _triple(change: Part) -> Part:
    return lambda right, s, d: change(*right(s, d))


TRIPLET = [
    *_divided(triplet_margin, lambda s: max(s.slack.size, 1)),
    wrong(triplet_margin, "triplet_margin-positive-alone", "the anchor is moved by both; by the positive",
          backward=_triple(lambda da, dp, dn: (-dp, dp, dn))),
    wrong(triplet_margin, "triplet_margin-exchanged", "to the positive, from the negative; the opposite",
          backward=_triple(lambda da, dp, dn: (da, dn, dp))),
    wrong(triplet_margin, "triplet_margin-anchor-alone", "all three have a gradient; the anchor",
          backward=_triple(lambda da, dp, dn: (da, 0 * dp, 0 * dn))),
    wrong(triplet_margin, "triplet_margin-slope-of-two", "the slope of the norm that is asked for; of ‖e‖₂",
          backward=_saved(lambda s: {"p": 2})),
    wrong(triplet_margin, "triplet_margin-squared", "distances; their squares", "loss",
          forward=lambda right, x, **o: (lambda y, s: (reduce(np.maximum(
              np.square(s.positive.r) - np.square(s.negative.r) + o.get("margin", 1.0), 0)[..., 0], s.reduction), s))(
                  *right(x, **o))),
    wrong(triplet_margin, "triplet_margin-no-swap", "the nearer of two distances where asked; the anchor's", "loss",
          forward=_given(swap=False)),
    wrong(triplet_margin, "triplet_margin-no-epsilon", "eps in each difference; none", "loss", forward=_given(eps=0.0)),
    wrong(triplet_margin, "triplet_margin-margin-sign", "+ margin; − margin", "loss",
          forward=_given(margin=lambda margin=1.0, **o: -margin)),
    wrong(triplet_margin, "triplet_margin-swap-constant", "the distance that is swapped in has a slope; none",
          backward=lambda right, s, d: right(s._replace(swapped=s.swapped and s.swapped._replace(
              e=0 * s.swapped.e)), d)),
]  # fmt: skip


# ---------------------------------------------------------------- sequences
right_paths = ctc._paths


def _paths(direct: Part) -> Part:
    """direct(states, blank): from which states one may be left out."""

    def paths(target: Any, lengths: Any, blank: int, *rest: Any) -> Any:
        right = right_paths(target, lengths, blank, *rest)
        return right._replace(direct=direct(right.states, blank))

    return paths


def _beyond_the_end(right: Part, s: Any, d: Any = None) -> Any:
    p = np.where(s.live, 0, np.exp(s.log_p)) if s.gradient == "of_logits" else 0 * s.log_p
    return right(s, d) + p * spread(1 / s.size, d, s.log_p.shape[1], s.reduction)[:, None]


CTC = [
    *_divided(ctc, lambda s: s.log_p.shape[1]),
    swap(ctc, "ctc-merged", "a blank between a label and itself; not needed", column="loss",
         _paths=_paths(lambda states, blank: states != blank)),
    swap(ctc, "ctc-every-blank", "from one label to the next; only by way of a blank", column="loss",
         _paths=_paths(lambda states, blank: np.zeros(states.shape, dtype=bool))),
    swap(ctc, "ctc-blanks-left-out", "a label is never left out; it may be", column="loss",
         _paths=_paths(lambda states, blank: np.ones(states.shape, dtype=bool))),
    wrong(ctc, "ctc-padding-read", "as long as the row is; to the end", "loss",
          forward=_given(input_lengths=lambda x, input_lengths, **o: np.full_like(input_lengths, len(x)))),
    wrong(ctc, "ctc-per-sequence", "over the length of the target first, where asked; not", "loss",
          forward=_given(mean="per_sequence")),
    wrong(ctc, "ctc-emission-twice", "p_t once in a and b together; in both",
          backward=_saved(lambda s: {"begun": s.begun + s.emitted})),
    wrong(ctc, "ctc-not-normalised", "over the probability of all alignments; not",
          backward=_saved(lambda s: {"log_total": 0 * s.log_total})),
    wrong(ctc, "B08-ctc-of-logits", "the gradient that is asked for; that of the logits",
          forward=_given(gradient="of_logits")),
    wrong(ctc, "B08-ctc-softmax", "−γ where asked; softmax(x) − γ, as if x were logits",
          backward=_saved(lambda s: {"gradient": "of_logits", "log_p": log_softmax(s.log_p, axis=-1)})),
    wrong(ctc, "B08-ctc-true", "p − γ where asked; −γ", forward=_given(gradient="true")),
    wrong(ctc, "B08-ctc-beyond-the-end", "p − γ as long as the row is; p beyond", backward=_beyond_the_end),
    wrong(ctc, "ctc-lengths-forgotten", "over the length of the target, where asked; not",
          backward=_saved(lambda s: {"size": np.ones_like(s.size)})),
    wrong(ctc, "ctc-impossible-infinite", "nothing for what has no alignment, where asked; ∞", "loss",
          forward=_given(impossible="infinite")),
]  # fmt: skip


# ---------------------------------------------------------------- penalties
PENALTIES = [
    wrong(l2_penalty, "E20-l2_penalty-double", "λ w, or 2 λ w, as asked; twice as much",
          backward=lambda right, s, d: 2 * right(s, d)),
    wrong(l2_penalty, "E20-l2_penalty-always-half", "½ λ w² or λ w², as asked; the first", "loss",
          forward=lambda right, w, *, strength, **o: right(w, strength=strength)),
    wrong(l2_penalty, "E20-l2_penalty-mean", "the sum of squares; their mean", "loss",
          forward=lambda right, w, **o: (lambda y, s: (y / w.size, s))(*right(w, **o))),
    wrong(l2_penalty, "E20-l2_penalty-cut", "in the loss and in the gradient; in the loss",
          backward=lambda right, s, d: 0 * right(s, d)),
    wrong(l2_penalty, "l2_penalty-root", "the sum of squares; its root", "loss",
          forward=lambda right, w, *, strength, **o: (
              (strength * np.sqrt((w * w).sum())).astype(w.dtype), right(w, strength=strength, **o)[1])),
    wrong(l2_penalty, "C34-l2_penalty-sign", "λ w; −λ w", backward=lambda right, s, d: -right(s, d)),
    wrong(l1_penalty, "l1_penalty-no-sign", "λ sign w; λ", backward=lambda right, s, d: np.abs(right(s, d))),
    wrong(l1_penalty, "C34-l1_penalty-sign", "λ sign w; −λ sign w", backward=lambda right, s, d: -right(s, d)),
    wrong(l1_penalty, "l1_penalty-of-l2", "λ sign w; λ w",
          forward=lambda right, w, *, strength, **o: (right(w, strength=strength, **o)[0], l1_penalty.Saved(
              (strength * w).astype(w.dtype)))),
    wrong(l1_penalty, "l1_penalty-at-zero", "the slope that is asked for where w = 0; 0",
          forward=lambda right, w, *, strength, **o: right(w, strength=strength)),
    wrong(l1_penalty, "l1_penalty-mean", "the sum; the mean", "loss",
          forward=lambda right, w, **o: (lambda y, s: (y / w.size, s))(*right(w, **o))),
    wrong(l1_penalty, "l1_penalty-no-absolute", "Σ |w|; Σ w", "loss",
          forward=lambda right, w, *, strength, **o: (
              (strength * w.sum()).astype(w.dtype), right(w, strength=strength, **o)[1])),
]  # fmt: skip

FAULTS = [*MULTI_MARGIN, *SPARSEMAX, *MULTILABEL_MARGIN, *SOFT_MARGIN, *NLL, *KL, *COSINE, *TRIPLET, *CTC, *PENALTIES]
