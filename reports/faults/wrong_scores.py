"""Mistakes in the losses of scores, shares and embeddings that Optax has and PyTorch has not, and in their options.

Each changes what the right function is given, or gives.
"""

# ruff: noqa: ARG005 - each part takes what the right one takes, and leaves out what it gets wrong

from types import ModuleType
from typing import Any

import numpy as np

from ...reference.losses import (
    dice,
    generalized_kl_divergence,
    hinge,
    multiclass_hinge,
    ntxent,
    poly_cross_entropy,
    softmax_ranking,
    sparsemax,
)
from ...reference.losses._reduction import spread
from .loss_parts import name_of
from .planting import Fault, Part, wrong
from .wrong_losses import softmax
from .wrong_regressions import _everywhere, _given, _saved, _terms


# ---------------------------------------------------------------- what faults are made of
def _by_rows(of: ModuleType) -> list[Fault]:
    """The mistakes that every loss of rows (N, C) can have."""
    name = name_of(of)

    def over_classes(right: Part, x: Any, *, reduction: str = "mean", **o: Any) -> Any:
        loss, s = right(x, reduction=reduction, **o)
        return (loss / x.shape[1] if reduction == "mean" else loss), s

    return [
        *(fault for fault in _everywhere(of, lambda s: len(s[0])) if fault.family != "E23"),
        wrong(of, f"E23-{name}-classes", "the mean of all rows; of rows and classes", "loss", forward=over_classes),
    ]


# ---------------------------------------------------------------- the worst class
MARGIN = [
    wrong(hinge, "hinge-margin-ignored", "the margin that is asked for; 1", "loss",
          forward=_given(lambda **o: {"margin": 1.0})),
    wrong(hinge, "hinge-margin-of-labels", "margin − t x; t margin − t x", "loss",
          forward=_terms(lambda y, x, t, margin=1.0, **o: np.maximum(t * margin - t * x, 0))),
    wrong(hinge, "hinge-perceptron-at-zero", "the share of the slope that is asked for at zero; none",
          backward=_saved(lambda s: {"slack": np.where(s.slack == 0, -1, s.slack)})),
]  # fmt: skip


def _sum_of_all(right: Part, x: Any, *, target: Any, reduction: str = "mean", margin: float = 1.0, **o: Any) -> Any:
    _loss, saved = right(x, target=target, reduction=reduction, margin=margin, **o)
    own = x[np.arange(len(x)), target][:, None]
    terms = np.where(saved.others, np.maximum(margin - own + x, 0), 0).sum(axis=1)
    return {"mean": terms.mean, "sum": terms.sum, "none": lambda: terms}[reduction](), saved


def _margin_for_all(right: Part, x: Any, *, reduction: str = "mean", margin: float = 1.0, **o: Any) -> Any:
    _, saved = right(x, reduction=reduction, margin=margin, **o)
    loss, _ = right(x, reduction=reduction, margin=0.0, **o)
    return loss + (margin * len(x) if reduction == "sum" else margin), saved


WORST = [
    *_by_rows(multiclass_hinge),
    wrong(multiclass_hinge, "multiclass_hinge-all", "the worst class; the sum over all that come too near", "loss",
          forward=_sum_of_all),
    wrong(multiclass_hinge, "multiclass_hinge-margin-ignored", "the margin that is asked for; 1", "loss",
          forward=_given(lambda **o: {"margin": 1.0})),
    wrong(multiclass_hinge, "multiclass_hinge-margin-for-all", "no margin for the class itself; the same", "loss",
          forward=_margin_for_all),
    wrong(multiclass_hinge, "multiclass_hinge-own-class", "the class itself is pulled up; only the worst pushed down",
          backward=lambda right, s, d: np.where(s.others, right(s, d), 0)),
    wrong(multiclass_hinge, "multiclass_hinge-all-of-the-slope", "the worst share the slope; each has all of it",
          backward=lambda right, s, d: right(s, d) * s.worst.sum(axis=1, keepdims=True)),
    wrong(multiclass_hinge, "multiclass_hinge-always-first", "the worst share the slope if asked to; the first has it",
          forward=_given(lambda **o: {"ties": "first"})),
    wrong(multiclass_hinge, "multiclass_hinge-always-even", "the first has the slope if asked to; the worst share it",
          forward=_given(lambda **o: {"ties": "even"})),
]  # fmt: skip


# ---------------------------------------------------------------- shares
def _first_term(change: Part) -> Part:
    """A forward with other terms at the weight ε: change(saved, ε)."""

    def forward(right: Part, x: Any, *, reduction: str = "mean", epsilon: float = 2.0, **o: Any) -> Any:
        loss, s = right(x, reduction=reduction, epsilon=0.0, **o)
        more = change(s, epsilon)  # (M,)
        more = {"mean": more.mean, "sum": more.sum, "none": lambda: more.reshape(loss.shape)}[reduction]()
        return np.asarray(loss + more, x.dtype), s._replace(epsilon=epsilon)

    return forward


POLY = [
    *_by_rows(poly_cross_entropy),
    wrong(poly_cross_entropy, "poly_cross_entropy-epsilon-of-p", "ε (1 − p); ε p", "loss",
          forward=_first_term(lambda s, e: e * (s.t * s.p).sum(axis=1))),
    wrong(poly_cross_entropy, "poly_cross_entropy-one-minus-whole", "Σ t (1 − p); 1 − Σ t p, as if Σt were one", "loss",
          forward=_first_term(lambda s, e: e * (1 - (s.t * s.p).sum(axis=1)))),
    wrong(poly_cross_entropy, "poly_cross_entropy-epsilon-ignored", "the ε that is asked for; 2", "loss",
          forward=_given(lambda **o: {"epsilon": 2.0})),
    wrong(poly_cross_entropy, "poly_cross_entropy-epsilon-squared", "(1 − p); (1 − p)², the second term of the series",
          "loss", forward=_first_term(lambda s, e: e * (s.t * (1 - s.p) ** 2).sum(axis=1))),
    wrong(poly_cross_entropy, "poly_cross_entropy-in-loss-only", "ε in loss and slope; in the loss alone",
          backward=_saved(lambda s: {"epsilon": 0.0})),
    wrong(poly_cross_entropy, "poly_cross_entropy-own-class", "every class moves every p; its own alone",
          backward=lambda right, s, d: right(s, d) if s.shape[2:] else
          spread(s.p * (s.t.sum(axis=1, keepdims=True) - s.epsilon * s.t * (1 - s.p)) - s.t,
                 None if d is None else d.reshape(-1, 1), len(s.p), s.reduction)),
    wrong(poly_cross_entropy, "E13-poly_cross_entropy-softmax-twice", "x are logits; softmax(x) taken for them", "loss",
          forward=lambda right, x, **o: right(softmax(x), **o)),
]  # fmt: skip


def _divergence(term: Part) -> Part:
    """A forward with the terms term(right terms, q, t)."""

    def forward(right: Part, x: Any, *, target: Any, reduction: str = "mean") -> Any:
        _, saved = right(x, target=target, reduction=reduction)
        terms = term(right(x, target=target, reduction="none")[0], x, target)
        return (terms if reduction == "none" else terms.sum() / (saved.by or 1)), saved

    return forward


def _of_target(change: Part) -> Part:
    """A backward whose target has the gradient change(the right one, that of the prediction, saved)."""

    def backward(right: Part, s: Any, d: Any) -> Any:
        dq, dt = right(s, d)
        return dq, change(dt, dq, s)

    return backward


GENERALIZED = [
    wrong(generalized_kl_divergence, "E01-generalized_kl_divergence-not-divided",
          "the mean's gradient has 1/N; it lacks it", backward=_saved(lambda s: {"by": None})),
    wrong(generalized_kl_divergence, "C05-generalized_kl_divergence-upstream-ignored",
          "times the gradient from above; not", backward=lambda right, s, d: right(s, None)),
    wrong(generalized_kl_divergence, "C34-generalized_kl_divergence-sign", "e^q − t; t − e^q",
          backward=_saved(lambda s: {"error": -s.error})),
    wrong(generalized_kl_divergence, "E23-generalized_kl_divergence-batchmean",
          "the mean over rows if asked for; over all", "loss", forward=_given(lambda reduction="mean", **o: {
              "reduction": "mean" if reduction == "batchmean" else reduction})),
    wrong(generalized_kl_divergence, "generalized_kl_divergence-normalised", "+ e^q − t; not, as if both summed to one",
          "loss", forward=_divergence(lambda y, q, t: np.where(t == 0, 0, t * (np.log(t) - q)))),
    wrong(generalized_kl_divergence, "generalized_kl_divergence-other-way", "+ e^q − t; + t − e^q", "loss",
          forward=_divergence(lambda y, q, t: y + 2 * (t - np.exp(q)))),
    wrong(generalized_kl_divergence, "generalized_kl_divergence-no-logarithm", "q is a logarithm; ln q is taken",
          "loss", forward=_divergence(lambda y, q, t: t * (np.log(t) - np.log(q)) + q - t)),
    wrong(generalized_kl_divergence, "generalized_kl_divergence-plus-epsilon", "ln t; ln(t + 1e-7)", "loss",
          forward=_divergence(lambda y, q, t: t * (np.log(t + 1e-7) - q) + np.exp(q) - t)),
    wrong(generalized_kl_divergence, "generalized_kl_divergence-no-exp", "e^q − t; q − t",
          forward=lambda right, x, *, target, **o: (
              (found := right(x, target=target, **o))[0], found[1]._replace(error=x - target))),
    wrong(generalized_kl_divergence, "generalized_kl_divergence-plus-one", "∂term/∂t = ln t − q; ln t − q + 1",
          backward=_of_target(lambda dt, dq, s: dt + np.asarray(1 / (s.by or 1), dt.dtype))),
    wrong(generalized_kl_divergence, "generalized_kl_divergence-target-constant", "the target has a gradient; none",
          backward=_of_target(lambda dt, dq, s: 0 * dt)),
]  # fmt: skip


# ---------------------------------------------------------------- labels 0 and 1
def _against(x: Any, t: Any) -> Any:
    """z, the score against what is right."""
    return x * (1 - 2 * t)


SPARSEMAX = [
    *_everywhere(sparsemax),
    wrong(sparsemax, "sparsemax-signs", "labels 0 and 1; −t x, as if they were −1 and 1", "loss",
          forward=_terms(lambda y, x, t: np.where(-t * x >= 1, -t * x, np.maximum(1 - t * x, 0) ** 2 / 4))),
    wrong(sparsemax, "sparsemax-labels-swapped", "x against 0; against 1", "loss",
          forward=_given(lambda target, **o: {"target": 1 - target})),
    wrong(sparsemax, "sparsemax-softplus", "a parabola and a line; ln(1 + e^z)", "loss",
          forward=_terms(lambda y, x, t: np.logaddexp(0, _against(x, t)))),
    wrong(sparsemax, "sparsemax-no-line", "a line where it is wrong by 1; the parabola still", "loss",
          forward=_terms(lambda y, x, t: np.maximum(_against(x, t) + 1, 0) ** 2 / 4)),
    wrong(sparsemax, "sparsemax-half", "¼ (z + 1)²; ½ (z + 1)²", "loss",
          forward=_terms(lambda y, x, t: np.where(np.abs(_against(x, t)) < 1, 2 * y, y))),
    wrong(sparsemax, "sparsemax-slope-of-hinge", "s; 1 wherever there is a loss",
          backward=_saved(lambda s: {"slope": np.sign(s.slope)})),
    wrong(sparsemax, "sparsemax-slope-not-halved", "½ (z + 1); z + 1, up to 1",
          backward=_saved(lambda s: {"slope": np.clip(2 * s.slope, -1, 1)})),
    wrong(sparsemax, "sparsemax-no-label", "s or −s; s", backward=_saved(lambda s: {"slope": np.abs(s.slope)})),
]  # fmt: skip


# ---------------------------------------------------------------- lists
def _all_lists(right: Part, x: Any, *, reduction: str = "mean", **o: Any) -> Any:
    """A mean over all lists, whether the mask has left something in them or not."""
    loss, s = right(x, reduction=reduction, **o)
    return (loss * s.lists / x[..., 0].size if reduction == "mean" else loss), s


def _all_items(right: Part, x: Any, *, reduction: str = "mean", **o: Any) -> Any:
    loss, s = right(x, reduction=reduction, **o)
    return (loss / x.shape[-1] if reduction == "mean" else loss), s


def _masked_at_zero(right: Part, x: Any, *, mask: Any = None, **o: Any) -> Any:
    """Masked scores are set to 0, and masked relevances too."""
    if mask is None:
        return right(x, **o)
    return right(np.where(mask, x, 0), **(o | {"target": np.where(mask, o["target"], 0)}))


RANKED = [
    *(fault for fault in _everywhere(softmax_ranking, lambda s: s.lists) if fault.family not in ("C05", "E23")),
    wrong(softmax_ranking, "C05-softmax_ranking-upstream-ignored", "times the gradient from above; not",
          backward=lambda right, s, d: right(s, None)),
    wrong(softmax_ranking, "E23-softmax_ranking-items", "the mean of all lists; of lists and items", "loss",
          forward=_all_items),
    wrong(softmax_ranking, "E23-softmax_ranking-empty-lists", "the mean of lists with something in them; of all",
          "loss", forward=_all_lists),
    wrong(softmax_ranking, "softmax_ranking-normalised", "relevances as they are; over their sum", "loss",
          forward=_given(lambda target, **o: {
              "target": target / np.maximum(target.sum(axis=-1, keepdims=True), 1)})),
    wrong(softmax_ranking, "softmax_ranking-sums-to-one", "p T − y; p − y, as if T were one",
          backward=lambda right, s, d: right(s, d) if s.y.ndim != 2 else
          spread(s.p - s.y, None if d is None else d[..., None], s.lists, s.reduction)),
    wrong(softmax_ranking, "C32-softmax_ranking-mask-ignored", "masked items are in no list; in theirs", "loss",
          forward=_given(lambda **o: {"mask": None})),
    wrong(softmax_ranking, "C32-softmax_ranking-mask-inverted", "1 keeps an item; 0 does", "loss",
          forward=_given(lambda mask=None, **o: {"mask": None if mask is None else 1 - mask})),
    wrong(softmax_ranking, "C32-softmax_ranking-mask-of-relevances", "no share for masked items; e^x of the softmax",
          "loss", forward=_given(lambda target, mask=None, **o: {
              "mask": None, "target": target if mask is None else target * mask})),
    wrong(softmax_ranking, "C32-softmax_ranking-masked-at-zero", "no share for masked items; that of a score of 0",
          "loss", forward=_masked_at_zero),
    wrong(softmax_ranking, "softmax_ranking-weights-ignored", "relevances times weights; as they are", "loss",
          forward=_given(lambda **o: {"weight": None})),
    wrong(softmax_ranking, "softmax_ranking-weights-of-lists", "each item has its weight; all of a list its mean",
          "loss", forward=_given(lambda weight=None, **o: {"weight": None if weight is None else np.broadcast_to(
              weight.mean(axis=-1, keepdims=True), weight.shape)})),
]  # fmt: skip


# ---------------------------------------------------------------- embeddings
def _contrast(term: Part) -> Part:
    """A forward whose loss is Σ term(s, pair, other) / pairs, with s scores, and what is of one label, or of others."""

    def forward(right: Part, x: Any, *, target: Any, reduction: str = "mean", temperature: float = 0.07) -> Any:
        _, saved = right(x, target=target, reduction=reduction, temperature=temperature)
        s = saved.a @ saved.a.T / np.asarray(temperature, x.dtype)  # (N, N)
        alike = target[:, None] == target  # (N, N)
        pair = alike & ~np.eye(len(x), dtype=bool)  # (N, N)
        terms = np.where(pair, term(s, pair, ~alike), 0)  # (N, N)
        return terms.sum() / np.asarray(1 if reduction == "sum" else pair.sum(), x.dtype), saved

    return forward


def _rest(s: Any, among: Any) -> Any:
    return np.where(among, np.exp(s), 0).sum(axis=1, keepdims=True)


def _over_embeddings(right: Part, x: Any, *, target: Any, reduction: str = "mean", **o: Any) -> Any:
    loss, saved = right(x, target=target, reduction=reduction, **o)
    return (loss * saved.by / len(x) if reduction == "mean" else loss), saved


CONTRAST = [
    wrong(ntxent, "E01-ntxent-not-divided", "the mean's gradient is over the pairs; over 1",
          backward=_saved(lambda s: {"by": 1})),
    wrong(ntxent, "E23-ntxent-embeddings", "the mean over all pairs; over all embeddings", "loss",
          forward=_over_embeddings),
    wrong(ntxent, "C05-ntxent-upstream-ignored", "times the gradient from above; not",
          backward=lambda right, s, d: right(s, None)),
    wrong(ntxent, "C34-ntxent-sign", "∂L/∂x; −∂L/∂x", backward=lambda right, s, d: -right(s, d)),
    wrong(ntxent, "ntxent-all-in-the-denominator", "the pair and other labels below; all but the embedding itself",
          "loss", forward=_contrast(lambda s, pair, other: np.log(_rest(s, pair | other)) - s)),
    wrong(ntxent, "ntxent-itself-in-the-denominator", "the pair and other labels below; the embedding itself too",
          "loss", forward=_contrast(lambda s, pair, other: np.log(np.exp(s) + _rest(s, other) + np.exp(s.max())) - s)),
    wrong(ntxent, "ntxent-no-pair-in-the-denominator", "the pair and other labels below; other labels alone", "loss",
          forward=_contrast(lambda s, pair, other: np.log(_rest(s, other)) - s)),
    wrong(ntxent, "ntxent-through-probability", "no logarithm of a rounded p; ln p", "loss",
          forward=_contrast(lambda s, pair, other: -np.log(np.exp(s) / (np.exp(s) + _rest(s, other))))),
    wrong(ntxent, "ntxent-times-temperature", "s / τ; s τ", "loss",
          forward=lambda right, x, *, temperature=0.07, **o: right(x, temperature=1 / temperature, **o)),
    wrong(ntxent, "ntxent-product", "a cosine; a product of embeddings of any length", "loss",
          forward=lambda right, x, **o: (
              right(np.concatenate([x, np.ones_like(x[:, :1])], axis=1), **o)[0], right(x, **o)[1])),
    wrong(ntxent, "ntxent-one-side", "an embedding is in rows and in columns; in rows alone",
          backward=lambda right, s, d: _one_side(s) * (1 if d is None else d)),
    wrong(ntxent, "ntxent-slope-of-length", "no slope along the embedding; ds a / ‖x‖ as it is",
          backward=lambda right, s, d: _along(s) * (1 if d is None else d)),
    wrong(ntxent, "ntxent-pairs-only", "other labels are pushed away; pairs alone are pulled",
          backward=_saved(lambda s: {"pushed": 0 * s.pushed})),
    wrong(ntxent, "ntxent-no-temperature-slope", "ds / τ; ds", backward=_saved(lambda s: {"temperature": 1.0})),
]  # fmt: skip


def _slopes(s: Any) -> Any:
    return s.pushed * s.pulled.sum(axis=1, keepdims=True) - s.pulled


def _one_side(s: Any) -> Any:
    da = _slopes(s) @ s.a / s.temperature / s.by
    return (da - (da * s.a).sum(axis=1, keepdims=True) * s.a) / s.norm


def _along(s: Any) -> Any:
    ds = _slopes(s)
    return (ds + ds.T) @ s.a / s.temperature / s.by / s.norm


# ---------------------------------------------------------------- pictures
def _balanced(weight: Part) -> Part:
    """A forward whose balanced loss has the weights weight(target), of the classes, or of each picture too."""

    def forward(right: Part, x: Any, *, target: Any, reduction: str = "mean", balanced: bool = False, **o: Any) -> Any:
        loss, saved = right(x, target=target, reduction=reduction, balanced=balanced, **o)
        if not balanced:
            return loss, saved
        terms = right(x, target=target, reduction="none", **o)[0] * weight(target)  # (N, C)
        return {"mean": terms.mean, "sum": terms.sum, "none": lambda: terms}[reduction](), saved

    return forward


def _evened(w: Any) -> Any:
    return w / w.mean(axis=-1, keepdims=True)


BALANCED = [
    wrong(dice, "dice-balanced-inverse", "1 / n²; 1 / n", "loss",
          forward=_balanced(lambda t: _evened(1 / (t.sum(axis=(0, 1)) + 1e-7)))),
    wrong(dice, "dice-balanced-pictures", "the classes of all pictures are counted; of each by itself", "loss",
          forward=_balanced(lambda t: _evened(1 / (t.sum(axis=1) ** 2 + 1e-7)))),
    wrong(dice, "dice-balanced-not-evened", "weights of 1 for each class together; as they are", "loss",
          forward=_balanced(lambda t: 1 / (t.sum(axis=(0, 1)) ** 2 + 1e-7))),
    wrong(dice, "dice-balanced-in-loss-only", "weights in loss and slope; in the loss alone",
          backward=_saved(lambda s: {"weight": np.ones_like(s.terms[0])})),
]  # fmt: skip

FAULTS = [*MARGIN, *WORST, *POLY, *GENERALIZED, *SPARSEMAX, *RANKED, *CONTRAST, *BALANCED]
