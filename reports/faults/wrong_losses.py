"""Mistakes in the losses, beside those that every loss can have."""

# ruff: noqa: ARG005 - each part takes what the right one takes, and leaves out what it gets wrong

from typing import Any

import numpy as np
from scipy.special import expit

from ...reference.losses import binary_cross_entropy as bce
from ...reference.losses import binary_cross_entropy_with_logits as bcel
from ...reference.losses import cross_entropy as ce
from ...reference.losses import mean_squared_error as mse
from .loss_parts import everywhere, slope_of, term_of, wrong
from .planting import Fault


def _against_a_vector(p: Any, t: Any) -> tuple[Any, Any]:
    """(N, 1) against (N,): every prediction meets every target."""
    if p.ndim != 2 or p.shape[1] != 1:
        return p, t
    return np.broadcast_arrays(p, t[:, 0])


MSE = [
    *everywhere(mse, "mse"),
    wrong(mse, "E03-half", "2 (p − t); p − t", slope=lambda p, t, o: p - t),
    wrong(mse, "E03-half-of-loss", "(p − t)²; ½ (p − t)², with its own gradient", "loss",
          term=lambda p, t, o: (p - t) ** 2 / 2, slope=lambda p, t, o: p - t),
    wrong(mse, "E23-mse-rows", "the mean of all elements; Σ / N", "loss",
          mean=lambda terms, p: terms.sum() / len(p), count=len),
    wrong(mse, "E23-mse-rows-back", "the gradient of the mean of all elements; of Σ / N", count=len),
    wrong(mse, "mse-columns-back", "the gradient of the mean of all elements; of Σ / C", count=lambda p: p.shape[-1]),
    wrong(mse, "mse-broadcast", "(N, 1) against (N, 1); against (N,), which broadcasts to (N, N)", "loss",
          term=lambda p, t, o: np.square(np.subtract(*_against_a_vector(p, t)))),
    wrong(mse, "mse-absolute", "(p − t)²; |p − t|", "loss", term=lambda p, t, o: np.abs(p - t)),
    wrong(mse, "mse-absolute-slope", "2 (p − t); sign(p − t)", slope=lambda p, t, o: np.sign(p - t)),
    wrong(mse, "mse-huber", "2 (p − t) however far off; no more than ±100",
          slope=lambda p, t, o: np.clip(2 * (p - t), -100, 100)),
    wrong(mse, "mse-root", "the mean; its root", "loss", mean=lambda terms, p: np.sqrt(terms.mean())),
    wrong(mse, "mse-of-target", "∂/∂p = 2 (p − t); 2 p", slope=lambda p, t, o: 2 * p),
    wrong(mse, "mse-relative", "2 (p − t); 2 (p − t) / t", slope=lambda p, t, o: 2 * (p - t) / t),
]  # fmt: skip

BCE = [
    *everywhere(bce, "bce"),
    wrong(bce, "E13-bce-slope-of-logits", "(p − t) / (p (1 − p)); p − t", slope=lambda p, t, o: p - t),
    wrong(bce, "E23-bce-rows", "the mean of all elements; Σ / N", "loss",
          mean=lambda terms, p: terms.sum() / len(p), count=len),
    wrong(bce, "bce-one-term", "both terms; −t ln p alone", "loss",
          term=lambda p, t, o: np.where(t == 0, 0, -t * np.log(p))),
    wrong(bce, "bce-one-slope", "both slopes; −t / p alone", slope=lambda p, t, o: np.where(t == 0, 0, -t / p)),
    wrong(bce, "bce-plus-epsilon", "ln p; ln(p + 1e-7)", "loss",
          term=lambda p, t, o: -(t * np.log(p + 1e-7) + (1 - t) * np.log(1 - p + 1e-7))),
    wrong(bce, "bce-moved-inside", "p as it is; moved to [1e-7, 1 − 1e-7]", "loss",
          term=lambda p, t, o: term_of(bce, np.clip(p, 1e-7, 1 - 1e-7), t, o),
          slope=lambda p, t, o: slope_of(bce, np.clip(p, 1e-7, 1 - 1e-7), t, o)),
    wrong(bce, "bce-not-clamped", "logarithms of at least −100 where asked for; −∞", "loss",
          term=lambda p, t, o: term_of(bce, p, t, o | {"zero": "infinite"})),
    wrong(bce, "bce-slope-not-clamped", "p (1 − p) of at least 1e-12 where asked for; 0",
          slope=lambda p, t, o: slope_of(bce, p, t, o | {"zero": "infinite"})),
    wrong(bce, "bce-always-clamped", "−∞ where asked for; −100", "loss",
          term=lambda p, t, o: term_of(bce, p, t, o | {"zero": "clamped"})),
    wrong(bce, "bce-zero-times-log-zero", "0 ln 0 = 0; NaN", "loss",
          term=lambda p, t, o: -(t * np.log(p) + (1 - t) * np.log1p(-p))),
    wrong(bce, "bce-zero-over-zero", "an absent term has no slope; 0 / 0",
          slope=lambda p, t, o: (1 - t) / (1 - p) - t / p),
    wrong(bce, "bce-no-log1p", "ln(1 − p) of a small p; 1 − p rounded first", "loss",
          term=lambda p, t, o: np.where(p > 0.5, term_of(bce, p, t, o),
                                        -(t * np.log(p) + (1 - t) * np.log(1 - p)))),
    wrong(bce, "bce-targets-swapped", "t on ln p; on ln(1 − p)", "loss", given=lambda p, t: (p, 1 - t)),
    wrong(bce, "bce-log2", "the natural logarithm; to the base 2", "loss",
          term=lambda p, t, o: term_of(bce, p, t, o) / np.log(np.asarray(2, p.dtype))),
    wrong(bce, "bce-rounded-targets", "targets as they are; rounded to 0 and 1", "loss",
          given=lambda p, t: (p, np.round(t))),
]  # fmt: skip

BCEL = [
    *everywhere(bcel, "bcel"),
    wrong(bcel, "E23-bcel-rows", "the mean of all elements; Σ / N", "loss",
          mean=lambda terms, p: terms.sum() / len(p), count=len),
    wrong(bcel, "E13-bcel-extra-slope", "σ(z) − t; times σ'(z) again",
          slope=lambda z, t, o: (expit(z) - t) * expit(z) * expit(-z)),
    wrong(bcel, "B10-bcel-slope", "digits in the tails where asked for; σ(z) − t",
          slope=lambda z, t, o: expit(z) - t),
    wrong(bcel, "B10-bcel-loss", "digits in the tails where asked for; softplus(z) − z t", "loss",
          term=lambda z, t, o: np.logaddexp(0, z) - z * t),
    wrong(bcel, "bcel-naive", "no overflow; ln(1 + e^z) as it is written", "loss",
          term=lambda z, t, o: np.log(1 + np.exp(z)) - z * t),
    wrong(bcel, "bcel-through-probability", "no logarithm of a rounded p; ln σ(z) and ln(1 − σ(z))", "loss",
          term=lambda z, t, o: -(t * np.log(expit(z)) + (1 - t) * np.log(1 - expit(z)))),
    wrong(bcel, "bcel-plus-epsilon", "ln σ(z); ln(σ(z) + 1e-7)", "loss",
          term=lambda z, t, o: -(t * np.log(expit(z) + 1e-7) + (1 - t) * np.log(expit(-z) + 1e-7))),
    wrong(bcel, "bcel-sigmoid-twice", "z are logits; σ(z) taken for them", "loss", given=lambda z, t: (expit(z), t)),
    wrong(bcel, "bcel-targets-swapped", "t on ln σ(z); on ln(1 − σ(z))", "loss", given=lambda z, t: (z, 1 - t)),
    wrong(bcel, "bcel-no-target", "σ(z) − t; σ(z)", slope=lambda z, t, o: expit(z)),
    wrong(bcel, "bcel-wrong-logit", "σ(z) − t; z − t", slope=lambda z, t, o: z - t),
    wrong(bcel, "bcel-rounded-targets", "targets as they are; rounded to 0 and 1", "loss",
          given=lambda z, t: (z, np.round(t))),
    wrong(bcel, "bcel-clipped-logits", "z as it is; clipped at ±30", "loss",
          given=lambda z, t: (np.clip(z, -30, 30), t)),
]  # fmt: skip


def softmax(x: Any, axis: int = 1) -> Any:
    e = np.exp(x - x.max(axis=axis, keepdims=True))
    return e / e.sum(axis=axis, keepdims=True)


def _hot(x: Any, t: Any) -> Any:
    return t if t.ndim == 2 else np.eye(x.shape[1], dtype=x.dtype)[t]


def _one_class_once(x: Any, t: Any, o: Any) -> Any:
    """Minus one at the target, but for each class in its last row only."""
    slope = softmax(x)
    for c in dict.fromkeys(t.tolist()) if t.ndim == 1 else ():
        slope[np.flatnonzero(t == c)[-1], c] -= 1
    return slope if t.ndim == 1 else slope_of(ce, x, t, o)


def _whole_columns(x: Any, t: Any, o: Any) -> Any:
    slope = softmax(x)
    if t.ndim == 2:
        return slope_of(ce, x, t, o)
    slope[:, t] -= 1
    return slope


def _ties_once(x: Any, t: Any, o: Any) -> Any:
    """The greatest logit counts as one, and those that equal it not at all."""
    top = x.max(axis=1, keepdims=True)
    rest = np.where(x < top, np.exp(x - top), 0).sum(axis=1, keepdims=True)
    log_p = x - top - np.log1p(rest)
    return -(_hot(x, t) * log_p).sum(axis=1)


def _naive(x: Any, t: Any, o: Any) -> Any:
    return -(_hot(x, t) * np.log(np.exp(x) / np.exp(x).sum(axis=1, keepdims=True))).sum(axis=1)


def _with_factor(x: Any, t: Any, o: Any) -> Any:
    p = softmax(x)
    return (p - _hot(x, t)) * p * (1 - p)


def _first_classes(x: Any, t: Any, o: Any) -> Any:
    """A normaliser that stops after 64 classes."""
    top = x.max(axis=1, keepdims=True)
    log_p = x - top - np.log(np.exp(x - top)[:, :64].sum(axis=1, keepdims=True))
    return -(_hot(x, t) * log_p).sum(axis=1)


_labelled, _reduce = ce.labelled, ce.reduce  # the right ones, whatever is planted


def _inverted(target: Any, weight: Any, ignored: Any, x: Any) -> Any:
    labels = _labelled(target, weight, ignored, x)
    if labels.kept is None:
        return labels
    counts = np.ones(len(x), x.dtype) if weight is None else weight[labels.target]
    return labels._replace(kept=~labels.kept, share=np.where(labels.kept, 0, counts))


CE = [
    *everywhere(ce, "ce"),
    wrong(ce, "E13-extra-slope", "p − t; times softmax' again", slope=_with_factor),
    wrong(ce, "E13-softmax-twice", "x are logits; softmax(x) taken for them", "loss",
          given=lambda x, t: (softmax(x), t)),
    wrong(ce, "E13-softmax-twice-back", "p − t; softmax(p) − t", slope=lambda x, t, o: slope_of(ce, softmax(x), t, o)),
    wrong(ce, "E23-classes", "the mean over N rows; over N·C", "loss",
          mean=lambda terms, p: terms.sum() / p.size, count=lambda p: p.size),
    wrong(ce, "E23-classes-back", "the gradient of the mean over N rows; over N·C", count=lambda p: p.size),
    wrong(ce, "ce-divided-by-classes", "the gradient of the mean over N rows; over C", count=lambda p: p.shape[1]),
    wrong(ce, "B10-ce-slope", "digits in the tails where asked for; p − t",
          slope=lambda x, t, o: softmax(x) - _hot(x, t)
          if t.ndim == 1 else slope_of(ce, x, t, o)),
    wrong(ce, "B10-ce-loss", "digits in the tails where asked for; x − max − ln Σ", "loss",
          term=lambda x, t, o: term_of(ce, x, t, o | {"tails": "rounded"})),
    wrong(ce, "ce-naive", "no overflow; e^x as it is written", "loss", term=_naive),
    wrong(ce, "ce-plus-epsilon", "ln p; ln(p + 1e-7)", "loss",
          term=lambda x, t, o: -(_hot(x, t) * np.log(softmax(x) + 1e-7)).sum(axis=1)),
    wrong(ce, "ce-target-off-by-one", "classes count from 0; from 1", "loss",
          given=lambda x, t: (x, (t - 1) % x.shape[1] if t.ndim == 1 else np.roll(t, 1, axis=1))),
    wrong(ce, "ce-softmax-over-rows", "softmax over the classes; over the rows", "loss",
          term=lambda x, t, o: -(_hot(x, t) * np.log(softmax(x, axis=0))).sum(axis=1),
          slope=lambda x, t, o: softmax(x, axis=0) - _hot(x, t)),
    wrong(ce, "ce-no-target", "p − t; p", slope=lambda x, t, o: softmax(x)),
    wrong(ce, "ce-whole-columns", "minus one at each row's class; in the whole column", slope=_whole_columns),
    wrong(ce, "ce-each-class-once", "minus one in every row of a class; in its last row", slope=_one_class_once),
    wrong(ce, "ce-first-class-ignored", "class 0 is a class; taken for padding", "loss",
          term=lambda x, t, o: term_of(ce, x, t, o) * (t != 0) if t.ndim == 1 else term_of(ce, x, t, o),
          slope=lambda x, t, o: slope_of(ce, x, t, o) * (t != 0)[:, None] if t.ndim == 1 else slope_of(ce, x, t, o)),
    wrong(ce, "ce-last-class-ignored", "the last class is a class; taken for padding",
          slope=lambda x, t, o: slope_of(ce, x, t, o) * (t != x.shape[1] - 1)[:, None] if t.ndim == 1
          else slope_of(ce, x, t, o)),
    wrong(ce, "ce-ties-once", "equal logits each have their share; the greatest counts once", "loss", term=_ties_once),
    wrong(ce, "ce-sixty-four-classes", "the normaliser sums all classes; the first 64", "loss", term=_first_classes),
    wrong(ce, "ce-two-classes-as-one", "two classes are two; one logit, the second", "loss",
          term=lambda x, t, o: np.logaddexp(0, x[:, 1]) - x[:, 1] * t if x.shape[1] == 2 and t.ndim == 1
          else term_of(ce, x, t, o)),
    wrong(ce, "ce-target-sums-to-one", "p Σt − t; p − t, as if Σt were one", slope=lambda x, t, o: softmax(x) - t
          if t.ndim == 2 else slope_of(ce, x, t, o)),
    wrong(ce, "ce-hardened-targets", "probabilities as they are; the likeliest class alone", "loss",
          given=lambda x, t: (x, t if t.ndim == 1 else t.argmax(axis=1))),
    wrong(ce, "ce-smoothed", "targets as they are; smoothed by 0.001", "loss",
          given=lambda x, t: (x, np.asarray(0.999 * _hot(x, t) + 0.001 / x.shape[1], x.dtype))),
    Fault("C32-ce-mask-inverted", "cross_entropy", "ignored rows count for nothing; they alone count", "loss",
          lambda: {(ce, "labelled"): _inverted}),
    Fault("C32-ce-label-read", "cross_entropy", "an ignored label is no class; counted from the last class", "loss",
          lambda: {(ce, "labelled"): lambda t, weight, ignored, x: _labelled(t % x.shape[1], weight, None, x)}),
    Fault("E23-ce-weights", "cross_entropy", "the mean is over the weights of the rows; over the rows", "loss",
          lambda: {(ce, "reduce"): lambda terms, share, *how: _reduce(terms, None, *how)}),
    wrong(ce, "C18-log-softmax", "dx = g − p Σg; g − p", slope=lambda x, t, o: -_hot(x, t) - softmax(x)),
]  # fmt: skip

FAULTS = [*MSE, *BCE, *BCEL, *CE]
