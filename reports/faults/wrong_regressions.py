"""Mistakes in the losses of errors, counts, labels and shares, and in the options of three others.

Each changes what the right function is given, or gives.
"""

# ruff: noqa: ARG005 - each part takes what the right one takes, and leaves out what it gets wrong

from types import ModuleType
from typing import Any

import numpy as np
from scipy.special import expit

from ...reference.losses import (
    binary_cross_entropy,
    binary_cross_entropy_with_logits,
    dice,
    gaussian_nll,
    hinge,
    hinge_embedding,
    huber,
    l1,
    log_cosh,
    margin_ranking,
    mean_squared_error,
    poisson_nll,
    sigmoid_focal,
    smooth_l1,
    soft_margin,
    squared_hinge,
)
from ...reference.losses._reduction import reduce, spread
from .loss_parts import name_of
from .planting import Fault, Part, wrong

LN_2 = float(np.log(2))
TWO_PI = float(2 * np.pi)


# ---------------------------------------------------------------- what faults are made of
def _terms(term: Part) -> Part:
    """A forward with the terms term(right terms, prediction, target, **options)."""

    def forward(right: Part, x: Any, *, target: Any, reduction: str = "mean", **o: Any) -> Any:
        y, saved = right(x, target=target, reduction="none", **o)
        return reduce(term(y, x, target, **o), reduction), saved._replace(reduction=reduction)  # type: ignore[arg-type]

    return forward


def _slope(slope: Part) -> Part:
    """A backward with the slopes slope(saved)."""
    return lambda right, s, d: spread(slope(s), d, s[0].size, s.reduction)


def _kept(slope: Part) -> Part:
    """A forward that keeps the slopes slope(saved, prediction, target, **options), of a loss that is right."""

    def forward(right: Part, x: Any, *, target: Any, **o: Any) -> Any:
        loss, saved = right(x, target=target, **o)
        o.pop("reduction", None)
        return loss, saved._replace(slope=slope(saved, x, target, **o))

    return forward


def _given(change: Part) -> Part:
    """A forward that goes by change(everything it is given, by name)."""
    return lambda right, x, **o: right(x, **(o | change(**o)))


def _saved(change: Part) -> Part:
    """A backward that goes by other things than were saved."""
    return lambda right, s, d: right(s._replace(**change(s)), d)


def _each(found: Any, change: Part) -> Any:
    """Every gradient changed, of one prediction or of several."""
    if isinstance(found, tuple):
        return tuple(None if g is None else change(g) for g in found)
    return change(found)


def _scaled(factor: Part) -> Part:
    """A backward whose gradients of the mean are factor(saved) times as large."""
    return lambda right, s, d: _each(right(s, d), lambda g: g * factor(s) if s.reduction == "mean" else g)


def _everywhere(of: ModuleType, count: Part = lambda s: s[0].size) -> list[Fault]:
    """The mistakes that every loss can have."""
    name = name_of(of)

    def by_rows(right: Part, x: Any, *, reduction: str = "mean", **o: Any) -> Any:
        loss, s = right(x, reduction=reduction, **o)
        return (loss * (count(s) / len(s[0])) if reduction == "mean" else loss), s

    return [
        wrong(of, f"{'E38' if of is l1 else 'E01'}-{name}-not-divided", "the mean's gradient has 1/N; it lacks it",
              backward=_saved(lambda s: {"reduction": "sum"})),
        wrong(of, f"E02-{name}-divided-twice", "1/N once; twice", backward=_scaled(lambda s: 1 / count(s))),
        wrong(of, f"E23-{name}-rows", "the mean of all elements; Σ / N", "loss",
              forward=by_rows, backward=_scaled(lambda s: count(s) / len(s[0]))),
        wrong(of, f"C05-{name}-upstream-ignored", "times the gradient from above; not",
              backward=lambda right, s, d: right(s, None)),
        wrong(of, f"C05-{name}-shared", "each term has its own gradient from above; all get their mean",
              backward=lambda right, s, d: right(s, None if d is None else d.mean())),
        wrong(of, f"C34-{name}-sign", "∂term/∂p; −∂term/∂p",
              backward=lambda right, s, d: _each(right(s, d), lambda g: -g)),
    ]  # fmt: skip


# ---------------------------------------------------------------- errors
def _against_a_vector(right: Part, x: Any, *, target: Any, **o: Any) -> Any:
    loss, saved = right(x, target=target, **o)
    if x.ndim == 2 and x.shape[1] == 1:
        rows, columns = np.broadcast_arrays(x, target[:, 0])  # (N, N)
        loss, _ = right(rows, target=columns, **o)
    return loss, saved


def _errors(of: ModuleType) -> list[Fault]:
    return [
        *_everywhere(of),
        wrong(of, f"{name_of(of)}-broadcast", "(N, 1) against (N, 1); against (N,), which broadcasts to (N, N)", "loss",
              forward=_against_a_vector),
    ]  # fmt: skip


L1 = [
    *_errors(l1),
    wrong(l1, "E38-l1-no-sign", "sign(p − t); p − t, as of a squared error", backward=_slope(lambda s: s.error)),
    wrong(l1, "l1-zero-over-zero", "a slope where p = t; 0 / 0, of e / |e|",
          backward=_slope(lambda s: s.error / np.abs(s.error))),
    wrong(l1, "l1-at-zero", "the slope that is asked for where p = t; 1, of p ≥ t",
          backward=_slope(lambda s: np.sign(s.error) + (s.error == 0))),
    wrong(l1, "l1-root-epsilon", "|e|; √(e² + 1e-12)", "loss",
          forward=_terms(lambda y, x, t, **o: np.sqrt(y * y + 1e-12))),
    wrong(l1, "l1-squared", "|e|; e²", "loss", forward=_terms(lambda y, x, t, **o: y * y)),
    wrong(l1, "l1-no-absolute", "|e|; e, so that errors cancel", "loss", forward=_terms(lambda y, x, t, **o: x - t)),
]  # fmt: skip

SMOOTH = [
    *_errors(smooth_l1),
    wrong(smooth_l1, "smooth_l1-huber", "½ e² / β; ½ e², which is Huber's", "loss",
          forward=_terms(lambda y, x, t, beta=1.0, **o: y * beta),
          backward=lambda right, s, d: right(s, d) * s.beta),
    wrong(smooth_l1, "smooth_l1-no-half", "½ e² / β; e² / β", "loss",
          forward=_terms(lambda y, x, t, beta=1.0, **o: np.where(np.abs(x - t) < beta, 2 * y, y))),
    wrong(smooth_l1, "smooth_l1-jump", "|e| − ½ β beyond; |e|", "loss",
          forward=_terms(lambda y, x, t, beta=1.0, **o: np.where(np.abs(x - t) < beta, y, np.abs(x - t)))),
    wrong(smooth_l1, "smooth_l1-beta-of-one", "|e| − ½ β beyond; |e| − ½, which β = 1 hides", "loss",
          forward=_terms(lambda y, x, t, beta=1.0, **o: np.where(np.abs(x - t) < beta, y, np.abs(x - t) - 0.5))),
    wrong(smooth_l1, "smooth_l1-signed", "the parabola where |e| < β; where e < β", "loss",
          forward=_terms(lambda y, x, t, beta=1.0, **o: np.where(x - t < -beta, (x - t) ** 2 / 2 / (beta or 1), y))),
    wrong(smooth_l1, "smooth_l1-slope-of-one", "e / β; e, which β = 1 hides",
          backward=_slope(lambda s: np.clip(s.error, -1, 1))),
    wrong(smooth_l1, "smooth_l1-zero-beta", "β = 0 leaves |e|; a division by zero",
          backward=_slope(lambda s: np.clip(s.error / np.full_like(s.error, s.beta), -1, 1))),
    wrong(smooth_l1, "C05-smooth_l1-held-after", "the slope is held within ±1; its product with what comes from above",
          backward=lambda right, s, d: np.clip(spread(s.error / (s.beta or 1), d, s.error.size, s.reduction), -1, 1)),
]  # fmt: skip


def _over_delta(right: Part, x: Any, *, delta: float = 1.0, **o: Any) -> Any:
    loss, saved = right(x, delta=delta, **o)
    return loss / delta, saved._replace(slope=saved.slope / delta)


def _held_after(right: Part, s: Any, d: Any) -> Any:
    error, delta = s.slope
    return np.clip(spread(error, d, error.size, s.reduction), -delta, delta)


HUBER = [
    *_errors(huber),
    wrong(huber, "huber-smooth_l1", "δ times the smooth absolute error; that itself", "loss",
          forward=_over_delta),
    wrong(huber, "huber-no-half", "½ e²; e²", "loss",
          forward=_terms(lambda y, x, t, delta=1.0, **o: np.where(np.abs(x - t) < delta, 2 * y, y))),
    wrong(huber, "huber-jump", "δ (|e| − ½ δ) beyond; δ |e|", "loss",
          forward=_terms(lambda y, x, t, delta=1.0, **o: np.where(np.abs(x - t) > delta, delta * np.abs(x - t), y))),
    wrong(huber, "huber-delta-of-one", "δ (|e| − ½ δ) beyond; δ (|e| − ½), which δ = 1 hides", "loss",
          forward=_terms(lambda y, x, t, delta=1.0, **o: np.where(
              np.abs(x - t) > delta, delta * (np.abs(x - t) - 0.5), y))),
    wrong(huber, "huber-signed", "the parabola where |e| ≤ δ; where e ≤ δ", "loss",
          forward=_terms(lambda y, x, t, delta=1.0, **o: np.where(x - t < -delta, (x - t) ** 2 / 2, y))),
    wrong(huber, "huber-sign", "a slope of ±δ beyond; ±1, which δ = 1 hides",
          forward=_kept(lambda s, x, t, delta=1.0, **o: np.where(np.abs(x - t) > delta, np.sign(x - t), x - t))),
    wrong(huber, "huber-not-held", "a slope of ±δ beyond; e, as of a squared error",
          forward=_kept(lambda s, x, t, **o: x - t)),
    wrong(huber, "C05-huber-held-after", "the slope is held within ±δ; its product with what comes from above",
          forward=_kept(lambda s, x, t, delta=1.0, **o: (x - t, delta)), backward=_held_after),
]  # fmt: skip

LOG_COSH = [
    *_errors(log_cosh),
    wrong(log_cosh, "log_cosh-overflow", "no overflow; ln cosh e as it is written", "loss",
          forward=_terms(lambda y, x, t, **o: np.log(np.cosh(x - t)))),
    wrong(log_cosh, "log_cosh-no-ln-2", "|e| + ln(1 + e^−2|e|) − ln 2; without ln 2", "loss",
          forward=_terms(lambda y, x, t, **o: y + LN_2)),
    wrong(log_cosh, "log_cosh-small", "digits of small errors; e + softplus(−2 e) − ln 2, in which they cancel", "loss",
          forward=_terms(lambda y, x, t, **o: x - t + np.logaddexp(0, -2 * (x - t)) - LN_2)),
    wrong(log_cosh, "log_cosh-sinh", "tanh e; sinh e", backward=_slope(lambda s: np.sinh(s.error))),
    wrong(log_cosh, "log_cosh-slope-overflow", "tanh e; sinh e / cosh e, ∞ / ∞ far out",
          backward=_slope(lambda s: np.sinh(s.error) / np.cosh(s.error))),
    wrong(log_cosh, "log_cosh-second-derivative", "tanh e; 1 − tanh² e",
          backward=_slope(lambda s: 1 - np.tanh(s.error) ** 2)),
]  # fmt: skip


# ---------------------------------------------------------------- likelihoods
def _stirling(term: Part) -> Part:
    """A forward whose full loss has term(target) for ln t!."""

    def forward(right: Part, x: Any, *, target: Any, reduction: str = "mean", full: bool = False, **o: Any) -> Any:
        y, saved = right(x, target=target, reduction="none", **o)
        terms = y + term(target) if full else y
        return reduce(terms, reduction), saved._replace(reduction=reduction)  # type: ignore[arg-type]

    return forward


def _ln_factorial(t: Any) -> Any:
    return t * np.log(t) - t + np.log(TWO_PI * t) / 2


POISSON = [
    *_everywhere(poisson_nll),
    wrong(poisson_nll, "poisson_nll-rate-for-log", "x is ln rate, or the rate; the other way round", "loss",
          forward=_given(lambda log_input=True, **o: {"log_input": not log_input})),
    wrong(poisson_nll, "poisson_nll-no-exp", "e^x − t; x − t",
          forward=_kept(lambda s, x, t, log_input=True, **o: x - t if log_input else s.slope)),
    wrong(poisson_nll, "poisson_nll-slope-of-rate", "1 − t / (x + eps) for a rate; e^x − t",
          forward=_kept(lambda s, x, t, **o: np.exp(x) - t)),
    wrong(poisson_nll, "poisson_nll-eps-in-loss-only", "1 − t / (x + eps); 1 − t / x",
          forward=_kept(lambda s, x, t, log_input=True, **o: s.slope if log_input else 1 - t / x)),
    wrong(poisson_nll, "poisson_nll-eps-floor", "ln(x + eps); ln max(x, eps)", "loss",
          forward=_terms(lambda y, x, t, log_input=True, eps=1e-8, **o: y if log_input else
                         y + t * (np.log(x + eps) - np.log(np.maximum(x, eps))))),
    wrong(poisson_nll, "poisson_nll-stirling-of-one", "Stirling's term where t > 1; t ≥ 1", "loss",
          forward=_stirling(lambda t: np.where(t >= 1, _ln_factorial(t), 0))),
    wrong(poisson_nll, "poisson_nll-stirling-of-zero", "none where t = 0; 0 · NaN, of a mask that multiplies", "loss",
          forward=_stirling(lambda t: (t > 1) * _ln_factorial(t))),
    wrong(poisson_nll, "poisson_nll-stirling-no-half", "½ ln(2 π t); ln(2 π t)", "loss",
          forward=_stirling(lambda t: np.where(t > 1, _ln_factorial(t) + np.log(TWO_PI * t) / 2, 0))),
]  # fmt: skip


def _variance(change: Part) -> Part:
    """A backward whose variance has the gradient change(the right one, saved)."""

    def backward(right: Part, s: Any, d: Any) -> Any:
        dp, _, dvar = right(s, d)
        return dp, None, change(dvar, s)

    return backward


GAUSSIAN = [
    *_everywhere(gaussian_nll),
    wrong(gaussian_nll, "gaussian_nll-deviation", "v is the variance; taken for the deviation σ", "loss",
          forward=_given(lambda var, **o: {"var": var * var})),
    wrong(gaussian_nll, "gaussian_nll-logarithm", "v is the variance; taken for its logarithm", "loss",
          forward=_given(lambda var, **o: {"var": np.exp(var)})),
    wrong(gaussian_nll, "gaussian_nll-half-of-one", "½ of both terms; of ln v alone", "loss",
          forward=_terms(lambda y, x, t, var, eps=1e-6, **o: y + (x - t) ** 2 / np.maximum(var, eps) / 2)),
    wrong(gaussian_nll, "gaussian_nll-eps-added", "the larger of v and eps; their sum", "loss",
          forward=_given(lambda var, eps=1e-6, **o: {"var": var + eps})),
    wrong(gaussian_nll, "gaussian_nll-constant-left-out", "½ ln 2π where asked for; never", "loss",
          forward=_given(lambda **o: {"full": False})),
    wrong(gaussian_nll, "gaussian_nll-constant-whole", "½ ln 2π; ln 2π", "loss",
          forward=_terms(lambda y, x, t, full=False, **o: y + float(np.log(TWO_PI)) / 2 if full else y)),
    wrong(gaussian_nll, "gaussian_nll-var-constant", "the variance has a gradient; none",
          backward=_variance(lambda dvar, s: 0 * dvar)),
    wrong(gaussian_nll, "C34-gaussian_nll-var", "∂term/∂v; −∂term/∂v", backward=_variance(lambda dvar, s: -dvar)),
    wrong(gaussian_nll, "gaussian_nll-var-no-half", "½ (1 − e² / v) / v; (1 − e² / v) / v",
          backward=_variance(lambda dvar, s: 2 * dvar)),
    wrong(gaussian_nll, "gaussian_nll-var-mean", "a variance of several has the sum of their gradients; the mean",
          backward=_variance(lambda dvar, s: dvar * (s.var.size / max(s.error.size, 1)))),
    wrong(gaussian_nll, "gaussian_nll-below-eps", "below eps the gradient passes, or stops; the other way round",
          backward=_saved(lambda s: {"below_eps": "stops" if s.below_eps == "passes" else "passes"})),
]  # fmt: skip


# ---------------------------------------------------------------- labels −1 and 1
HINGE = [
    *_everywhere(hinge),
    wrong(hinge, "hinge-zero-one", "labels −1 and 1; 2 t − 1 of them, as if they were 0 and 1", "loss",
          forward=_terms(lambda y, x, t, **o: np.maximum(1 - (2 * t - 1) * x, 0))),
    wrong(hinge, "hinge-perceptron", "a margin of 1; of 0", "loss",
          forward=_terms(lambda y, x, t, **o: np.maximum(-t * x, 0))),
    wrong(hinge, "hinge-squared", "the slack; its square", "loss", forward=_terms(lambda y, x, t, **o: y * y)),
    wrong(hinge, "hinge-no-clamp", "no cost beyond the margin; a gain", "loss",
          forward=_terms(lambda y, x, t, **o: 1 - t * x)),
    wrong(hinge, "hinge-beyond-the-margin", "no slope beyond the margin; −t everywhere",
          backward=_slope(lambda s: -s.target)),
    wrong(hinge, "hinge-no-label", "−t; −1", backward=_saved(lambda s: {"target": np.abs(s.target)})),
    wrong(hinge, "hinge-at-margin", "the share of the slope that is asked for on the margin; none",
          backward=_saved(lambda s: {"at_margin": 0})),
]  # fmt: skip

SQUARED = [
    *_everywhere(squared_hinge),
    wrong(squared_hinge, "E03-squared_hinge-no-two", "−2 t h; −t h", backward=_slope(lambda s: -s.target * s.h)),
    wrong(squared_hinge, "squared_hinge-half", "h²; ½ h²", "loss", forward=_terms(lambda y, x, t, **o: y / 2)),
    wrong(squared_hinge, "squared_hinge-squared-first", "the square of what is above zero; of all, so that it is again",
          "loss", forward=_terms(lambda y, x, t, **o: np.maximum((1 - t * x) ** 2, 0))),
    wrong(squared_hinge, "squared_hinge-zero-one", "labels −1 and 1; 2 t − 1 of them, as if they were 0 and 1", "loss",
          forward=_terms(lambda y, x, t, **o: np.maximum(1 - (2 * t - 1) * x, 0) ** 2)),
    wrong(squared_hinge, "squared_hinge-hinge", "−2 t h; −t, the hinge loss's slope",
          backward=_slope(lambda s: np.where(s.h > 0, -s.target, 0))),
    wrong(squared_hinge, "squared_hinge-no-label", "−2 t h; −2 h", backward=_slope(lambda s: -2 * s.h)),
]  # fmt: skip

EMBEDDING = [
    *_everywhere(hinge_embedding),
    wrong(hinge_embedding, "hinge_embedding-labels-swapped", "1 is what belongs together; what does not", "loss",
          forward=_given(lambda target, **o: {"target": -target})),
    wrong(hinge_embedding, "hinge_embedding-zero-one", "labels −1 and 1; t x + (1 − t) h, as of 0 and 1", "loss",
          forward=_terms(lambda y, x, t, margin=1.0, **o: t * x + (1 - t) * np.maximum(margin - x, 0))),
    wrong(hinge_embedding, "hinge_embedding-hinge", "x, or margin − x; margin − t x for both, the hinge loss", "loss",
          forward=_terms(lambda y, x, t, margin=1.0, **o: np.maximum(margin - t * x, 0))),
    wrong(hinge_embedding, "hinge_embedding-contrastive", "distances; their squares", "loss",
          forward=_terms(lambda y, x, t, **o: y * y)),
    wrong(hinge_embedding, "hinge_embedding-absolute", "x as it is; |x|", "loss",
          forward=_terms(lambda y, x, t, **o: np.where(t == 1, np.abs(x), y))),
    wrong(hinge_embedding, "hinge_embedding-margin-of-one", "the margin that is asked for; 1", "loss",
          forward=_given(lambda **o: {"margin": 1.0})),
    wrong(hinge_embedding, "C34-hinge_embedding-apart", "what does not belong together is pushed apart; pulled",
          backward=lambda right, s, d: s.target * right(s, d)),
    wrong(hinge_embedding, "hinge_embedding-beyond-the-margin", "no slope beyond the margin; −1 wherever t = −1",
          backward=_slope(lambda s: s.target)),
    wrong(hinge_embedding, "hinge_embedding-at-margin", "the share of the slope that is asked for on the margin; none",
          backward=_saved(lambda s: {"at_margin": 0})),
]  # fmt: skip

RANKING = [
    *_everywhere(margin_ranking),
    wrong(margin_ranking, "margin_ranking-swapped", "t = 1 wants the first above; the second", "loss",
          forward=_given(lambda target, **o: {"target": -target})),
    wrong(margin_ranking, "margin_ranking-margin-taken-away", "margin − t (x − z); −margin − t (x − z)", "loss",
          forward=_given(lambda margin=0.0, **o: {"margin": -margin})),
    wrong(margin_ranking, "margin_ranking-margin-ignored", "the margin that is asked for; 0", "loss",
          forward=_given(lambda **o: {"margin": 0.0})),
    wrong(margin_ranking, "margin_ranking-margin-labelled", "margin − t (x − z); t (margin − (x − z))", "loss",
          forward=_terms(lambda y, x, t, other, margin=0.0, **o: np.maximum(t * (margin - (x - other)), 0))),
    wrong(margin_ranking, "margin_ranking-other-constant", "both predictions have gradients; the first alone",
          backward=lambda right, s, d: ((dx := right(s, d)[0]), 0 * dx)),
    wrong(margin_ranking, "C34-margin_ranking-both", "∂term/∂z = −∂term/∂x; the same",
          backward=lambda right, s, d: ((dx := right(s, d)[0]), dx)),
    wrong(margin_ranking, "margin_ranking-no-label", "−t; −1", backward=_saved(lambda s: {"target": np.abs(s.target)})),
    wrong(margin_ranking, "margin_ranking-at-margin", "the share of the slope that is asked for at a tie; none",
          backward=_saved(lambda s: {"at_margin": 0})),
]  # fmt: skip

SOFT = [
    *_everywhere(soft_margin),
    wrong(soft_margin, "soft_margin-zero-one", "labels −1 and 1; softplus(x) − t x, as if they were 0 and 1", "loss",
          forward=_terms(lambda y, x, t, **o: np.logaddexp(0, x) - t * x)),
    wrong(soft_margin, "soft_margin-no-log1p", "ln(1 + small); 1 + small rounded first", "loss",
          forward=_terms(lambda y, x, t, **o: np.log(1 + np.exp(-t * x)))),
    wrong(soft_margin, "soft_margin-log2", "the natural logarithm; to the base 2", "loss",
          forward=_terms(lambda y, x, t, **o: y / LN_2)),
    wrong(soft_margin, "soft_margin-no-label", "−t σ(−t x); −σ(−t x)",
          backward=_saved(lambda s: {"target": np.abs(s.target)})),
    wrong(soft_margin, "soft_margin-right-side", "−t σ(−t x); −t σ(t x)", backward=_saved(lambda s: {"z": -s.z})),
    wrong(soft_margin, "soft_margin-overflow", "ln(1 + e^z) without overflow, z = −t x; e^z as it is", "loss",
          forward=_terms(lambda y, x, t, **o: np.log1p(np.exp(-t * x)))),
    wrong(soft_margin, "soft_margin-slope-overflow", "−t σ(z), z = −t x; −t e^z / (1 + e^z), NaN far out",
          backward=_slope(lambda s: -s.target * np.exp(s.z) / (1 + np.exp(s.z)))),
    wrong(soft_margin, "B10-soft_margin-slope", "digits in the tails; t (σ(t x) − 1)",
          backward=_slope(lambda s: s.target * (expit(-s.z) - 1))),
]  # fmt: skip


# ---------------------------------------------------------------- shares
def _alpha(t: Any, alpha: float | None) -> Any:
    return 1 if alpha is None else (1 - t) * (1 - alpha) + t * alpha


def _entropy(z: Any, t: Any) -> Any:
    return (1 - t) * np.logaddexp(0, z) + t * np.logaddexp(0, -z)


def _share(z: Any, t: Any) -> Any:
    return (1 - t) * expit(z) + t * expit(-z)


def _rate(z: Any, t: Any) -> Any:
    """c', and m' below."""
    return (1 - t) * expit(z) - t * expit(-z)


def _gamma_minus_one(s: Any, z: Any, t: Any, alpha: float | None = None, gamma: float = 2.0, **o: Any) -> Any:
    m, rate = _share(z, t), (1 - 2 * t) * expit(z) * expit(-z)
    return _alpha(t, alpha) * (m**gamma * _rate(z, t) + gamma * m ** (gamma - 1) * rate * _entropy(z, t))


def _by_positives(right: Part, x: Any, *, target: Any, reduction: str = "mean", **o: Any) -> Any:
    loss, saved = right(x, target=target, reduction=reduction, **o)
    return loss * target.size / np.maximum(target.sum(), 1) if reduction == "mean" else loss, saved


FOCAL = [
    *_everywhere(sigmoid_focal),
    wrong(sigmoid_focal, "sigmoid_focal-constant-factor", "m^γ moves with z; is a constant",
          forward=_kept(lambda s, z, t, alpha=None, gamma=2.0, **o:
                        _alpha(t, alpha) * _share(z, t) ** gamma * _rate(z, t))),
    wrong(sigmoid_focal, "sigmoid_focal-gamma-minus-one", "no slope where m = 0; γ m^(γ − 1), which is ∞ there",
          forward=_kept(_gamma_minus_one)),
    wrong(sigmoid_focal, "sigmoid_focal-right-share", "little weight where the wrong share is small; the right one",
          "loss", forward=_terms(lambda y, z, t, alpha=None, gamma=2.0, **o:
                                 _alpha(t, alpha) * (1 - _share(z, t)) ** gamma * _entropy(z, t))),
    wrong(sigmoid_focal, "sigmoid_focal-alpha-swapped", "α for 1, 1 − α for 0; the other way round", "loss",
          forward=_given(lambda alpha=None, **o: {"alpha": None if alpha is None else 1 - alpha})),
    wrong(sigmoid_focal, "sigmoid_focal-alpha-for-both", "α for 1, 1 − α for 0; α for both", "loss",
          forward=_terms(lambda y, z, t, alpha=None, **o: y if alpha is None else y / _alpha(t, alpha) * alpha)),
    wrong(sigmoid_focal, "sigmoid_focal-alpha-unasked", "no α where none is asked for; 0.25", "loss",
          forward=_given(lambda alpha=None, **o: {"alpha": 0.25 if alpha is None else alpha})),
    wrong(sigmoid_focal, "sigmoid_focal-gamma-of-two", "the γ that is asked for; 2", "loss",
          forward=_given(lambda **o: {"gamma": 2.0})),
    wrong(sigmoid_focal, "sigmoid_focal-through-probability", "no logarithm of a rounded share; ln σ(z)", "loss",
          forward=_terms(lambda y, z, t, alpha=None, gamma=2.0, **o: -_alpha(t, alpha) * _share(z, t) ** gamma
                         * (t * np.log(expit(z)) + (1 - t) * np.log(1 - expit(z))))),
    wrong(sigmoid_focal, "E23-sigmoid_focal-positives", "the mean over all; over the positives", "loss",
          forward=_by_positives),
]  # fmt: skip


def _dice(term: Part) -> Part:
    """A forward with the terms term(saved, I, Σ p, Σ t, smooth), before they are weighted."""

    def forward(right: Part, x: Any, *, reduction: str = "mean", smooth: float = 1.0, **o: Any) -> Any:
        _, s = right(x, reduction=reduction, smooth=smooth, **o)
        terms = term(s, (s.p * s.target).sum(axis=1), s.p.sum(axis=1), s.target.sum(axis=1), smooth)
        terms = terms if s.weight is None else terms * s.weight
        return reduce(terms, reduction), s  # type: ignore[arg-type]

    return forward


def _whole_batch(s: Any, shared: Any, p: Any, t: Any, smooth: float) -> Any:
    wrong, hit = s.alpha * (p - shared) + s.beta * (t - shared), shared  # (N, C)
    term = wrong.sum(axis=0) / (hit.sum(axis=0) + wrong.sum(axis=0) + smooth)  # (C,)
    return np.broadcast_to(term, shared.shape)


def _over_pixels(right: Part, x: Any, *, apply_softmax: bool = True, **o: Any) -> Any:
    if not apply_softmax or x.shape[-1] == 1:
        return right(x, apply_softmax=apply_softmax, **o)
    e = np.exp(x)
    return right(e / e.sum(axis=-2, keepdims=True), apply_softmax=False, **o)


def _softmax_of_one(right: Part, x: Any, *, apply_softmax: bool = True, **o: Any) -> Any:
    one = apply_softmax and x.shape[-1] == 1
    return right(np.ones_like(x) if one else x, apply_softmax=apply_softmax and not one, **o)


def _by_weights(right: Part, x: Any, *, weight: Any = None, reduction: str = "mean", **o: Any) -> Any:
    """The mean of weighted terms, over what the weights come to."""
    loss, saved = right(x, reduction=reduction, **({} if weight is None else {"weight": weight}), **o)
    if weight is None or reduction != "mean":
        return loss, saved
    return loss * weight.size / weight.sum(), saved


def _through(slope: Part) -> Part:
    """A backward that goes from p to the logits by slope(dp, p)."""

    def backward(right: Part, s: Any, d: Any) -> Any:
        dp = right(s._replace(apply_softmax=False), d)
        return slope(dp, s.p.reshape(dp.shape)) if s.apply_softmax else dp

    return backward


DICE = [
    *_everywhere(dice, lambda s: s.terms.size),
    wrong(dice, "dice-no-two", "2 I of Σp + Σt; I", "loss",
          forward=_dice(lambda s, shared, p, t, smooth: 1 - (shared + smooth) / (p + t + smooth))),
    wrong(dice, "dice-jaccard", "I of ½ (Σp + Σt); of Σp + Σt − I, which is Jaccard's", "loss",
          forward=_given(lambda **o: {"alpha": 1.0, "beta": 1.0})),
    wrong(dice, "dice-squares", "sums of p and t; of their squares", "loss",
          forward=_dice(lambda s, shared, p, t, smooth: 1 - (shared + smooth) / (
              (np.square(s.p) + np.square(s.target)).sum(axis=1) / 2 + smooth))),
    wrong(dice, "dice-smooth-below-only", "smooth above and below; below only", "loss",
          forward=_dice(lambda s, shared, p, t, smooth: 1 - shared / s.whole)),
    wrong(dice, "dice-smooth-above-only", "smooth above and below; above only", "loss",
          forward=_dice(lambda s, shared, p, t, smooth: 1 - (shared + smooth) / (s.whole - smooth))),
    wrong(dice, "dice-whole-batch", "each picture by itself; all of them as one", "loss", forward=_dice(_whole_batch)),
    wrong(dice, "dice-alpha-beta-swapped", "α for what is wrong, β for what is missed; the other way round", "loss",
          forward=_given(lambda alpha=0.5, beta=0.5, **o: {"alpha": beta, "beta": alpha})),
    wrong(dice, "dice-softmax-over-pixels", "softmax over the classes; over the pixels", "loss", forward=_over_pixels),
    wrong(dice, "dice-softmax-of-one", "one class is a sigmoid; a softmax, which is 1", "loss",
          forward=_softmax_of_one),
    wrong(dice, "E13-dice-softmax-twice", "probabilities as they are; a softmax of them", "loss",
          forward=_given(lambda **o: {"apply_softmax": True})),
    wrong(dice, "E23-dice-weights", "the mean over all classes; over their weights", "loss", forward=_by_weights),
    wrong(dice, "C05-dice-weight-in-loss-only", "weights in loss and slope; in the loss alone",
          backward=_saved(lambda s: {"weight": None})),
    wrong(dice, "dice-constant-denominator", "the denominator moves with p; is a constant",
          backward=_saved(lambda s: {"terms": np.ones_like(s.terms)})),
    wrong(dice, "E12-dice-no-softmax-slope", "dp through softmax'; dp as it is", backward=_through(lambda dp, p: dp)),
    wrong(dice, "dice-own-class-only", "every class moves every p; p (1 − p) of its own alone",
          backward=_through(lambda dp, p: p * (1 - p) * dp)),
]  # fmt: skip


# ---------------------------------------------------------------- the options of three others
HALF = [
    wrong(mean_squared_error, "E03-mse-half-in-loss-only", "½ e² with slope e where asked for; with slope 2 e",
          backward=_saved(lambda s: {"scale": "whole"})),
    wrong(mean_squared_error, "E03-mse-half-in-slope-only", "½ e² with slope e where asked for; e² with it", "loss",
          forward=_terms(lambda y, x, t, **o: np.square(x - t))),
    wrong(mean_squared_error, "E03-mse-half-twice", "½ e² with slope e where asked for; with slope ½ e",
          backward=_slope(lambda s: s.error / 2 if s.scale == "half" else 2 * s.error)),
]  # fmt: skip


def _value(change: Part) -> Part:
    """A forward whose loss goes by other weights than its slope."""
    return lambda right, x, **o: (right(x, **(o | change(**o)))[0], right(x, **o)[1])


def _spread_weight(weight: Any, x: Any) -> Any:
    return np.broadcast_to(weight, x.shape)


def _over_weights(right: Part, x: Any, *, reduction: str = "mean", **o: Any) -> Any:
    loss, saved = right(x, reduction=reduction, **o)
    if o.get("weight") is None or reduction != "mean":
        return loss, saved
    return loss * x.size / _spread_weight(o["weight"], x).sum(), saved


def _weights(of: ModuleType, short: str) -> list[Fault]:
    return [
        wrong(of, f"C05-{short}-weight-in-loss-only", "weights in loss and slope; in the loss alone",
              backward=_saved(lambda s: {"weight": None})),
        wrong(of, f"C05-{short}-weight-in-slope-only", "weights in loss and slope; in the slope alone", "loss",
              forward=_value(lambda **o: {"weight": None})),
        wrong(of, f"C05-{short}-weight-twice", "a weight once; twice on the way back",
              backward=lambda right, s, d: right(s, d) * (1 if s.weight is None else s.weight)),
        wrong(of, f"E23-{short}-weights", "the mean over all elements; over their weights", "loss",
              forward=_over_weights),
        wrong(of, f"{short}-weight-shared", "each element has its own weight; all get their mean", "loss",
              forward=_given(lambda weight=None, **o: {
                  "weight": None if weight is None else np.full_like(weight, weight.mean())})),
    ]  # fmt: skip


def _softplus(z: Any) -> Any:
    return np.logaddexp(0, z)


def _positive(term: Part) -> Part:
    """Terms with pos_weight q, where there is one: term(right terms, z, t, q), before the weights."""

    def terms(y: Any, z: Any, t: Any, weight: Any = None, pos_weight: Any = None, **o: Any) -> Any:
        if pos_weight is None:
            return y
        return term(z, t, pos_weight) * (1 if weight is None else weight)

    return _terms(terms)


def _rounded_slope(right: Part, s: Any, d: Any) -> Any:
    return right(s if s.positive is None else s._replace(tails="rounded"), d)


WEIGHTS = [
    *_weights(binary_cross_entropy, "bce"),
    wrong(binary_cross_entropy, "bce-weight-of-one-term", "a weight for both terms; for −t ln p alone", "loss",
          forward=_terms(lambda y, p, t, weight=None, **o: y if weight is None else
                         -(weight * t * np.log(p) + (1 - t) * np.log1p(-p)))),
    *_weights(binary_cross_entropy_with_logits, "bcel"),
    wrong(binary_cross_entropy_with_logits, "bcel-weights-exchanged", "weight for all, pos_weight for t; exchanged",
          "loss", forward=_given(lambda weight=None, pos_weight=None, **o: {
              "weight": pos_weight, "pos_weight": weight})),
    wrong(binary_cross_entropy_with_logits, "bcel-pos-weight-of-negatives", "q on t; on 1 − t", "loss",
          forward=_positive(lambda z, t, q: t * _softplus(-z) + q * (1 - t) * _softplus(z))),
    wrong(binary_cross_entropy_with_logits, "bcel-pos-weight-of-both", "q on the term of t; on both", "loss",
          forward=_positive(lambda z, t, q: q * (t * _softplus(-z) + (1 - t) * _softplus(z)))),
    wrong(binary_cross_entropy_with_logits, "bcel-pos-weight-not-in-softplus",
          "(1 − t + q t) softplus(z) − q t z; softplus(z) − q t z", "loss",
          forward=_positive(lambda z, t, q: _softplus(z) - q * t * z)),
    wrong(binary_cross_entropy_with_logits, "C05-bcel-pos-weight-in-loss-only",
          "q in loss and slope; in the loss alone",
          backward=_saved(lambda s: {"positive": None})),
    wrong(binary_cross_entropy_with_logits, "bcel-pos-weight-of-any-positive",
          "q on the share t; on the whole slope where t > 0",
          backward=lambda right, s, d: right(s, d) if s.positive is None else
          right(s._replace(positive=None), d) * np.where(s.target == 0, 1, s.positive / s.target)),
    wrong(binary_cross_entropy_with_logits, "B10-bcel-pos-weight-slope",
          "digits in the tails where asked for; (1 − t + q t) σ(z) − q t", backward=_rounded_slope),
]  # fmt: skip

FAULTS = [
    *L1, *SMOOTH, *HUBER, *LOG_COSH, *POISSON, *GAUSSIAN, *HINGE, *SQUARED, *EMBEDDING, *RANKING, *SOFT, *FOCAL, *DICE,
    *HALF, *WEIGHTS,
]  # fmt: skip
