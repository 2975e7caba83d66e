"""Mistakes in rules that look at a parameter, or at all, as a whole: LAMB, LARS, Muon, Adafactor, Polyak, L-BFGS.

Each either takes the right rule and changes what goes in or comes out, or replaces one function that the rule calls.
g gradient, s state, w parameter, o all options.
"""

# ruff: noqa: ARG005 - each part takes what the right one takes, and leaves out what it gets wrong

from collections.abc import Callable
from types import ModuleType
from typing import Any

import numpy as np

from ...reference import operations
from ...reference.optimizers import _line_search, adafactor, lamb, lars, lbfgs, muon, polyak_sgd
from ...reference.optimizers._lengths import length, rms
from ...reference.optimizers._moments import correction
from .planting import Fault, coarse, swap, ten_bits

Part = Callable[..., Any]


def wrong(of: ModuleType, id: str, says: str, part: Part) -> Fault:
    """part(right, g, s, w, o) in place of right(g, s, w, **o)."""
    usual = {name: option.default for name, option in operations.options(of).items() if name != "lr"}
    right = of.update

    def update(g: Any, s: Any, w: Any, **options: Any) -> Any:
        moved, state = part(right, g, s, w, usual | options)
        return np.asarray(moved, w.dtype), state

    return swap(of, id, says, "update", update=update)


def other(of: ModuleType, id: str, says: str, **parts: Part) -> Fault:
    """A function that the rule calls, by its name in the module, replaced."""
    return swap(of, id, says, "update", **parts)


def told(**changes: Any) -> Part:
    """The rule with options of its own choice; a function is called with gradient, parameter and options."""

    def part(right: Any, g: Any, s: Any, w: Any, o: Any) -> Any:
        return right(g, s, w, **o | {k: v(g, w, o) if callable(v) else v for k, v in changes.items()})

    return part


def _uphill(right: Any, g: Any, s: Any, w: Any, o: Any) -> Any:
    moved, state = right(g, s, w, **o)
    return 2 * w - moved, state


def _coupled(right: Any, g: Any, s: Any, w: Any, o: Any) -> Any:
    return right(g + o["weight_decay"] * w, s, w, **o | {"weight_decay": 0.0})


def _forgets(right: Any, g: Any, s: Any, w: Any, o: Any) -> Any:
    return right(g, type(s)(*(0 * x if isinstance(x, np.ndarray) else x for x in s)), w, **o)


def _late(right: Any, g: Any, s: Any, w: Any, o: Any) -> Any:
    moved, state = right(g, s._replace(t=s.t + 1), w, **o)
    return moved, state._replace(t=s.t + 1)


def _one_norm(x: Any) -> Any:
    return np.abs(x).sum()


def _largest(x: Any) -> Any:
    return np.abs(x).max()


def _uncorrected(beta: float, t: int, like: Any) -> Any:
    return np.ones((), like.dtype)


# ---------------------------------------------------------------- LAMB and LARS
def _decay_outside(right: Any, g: Any, s: Any, w: Any, o: Any) -> Any:
    """The ratio of a step without the decay, which is then made beside it."""
    moved, state = right(g, s, w, **o | {"weight_decay": 0.0})
    return moved - o["lr"] * o["weight_decay"] * w, state


def _plain(g: Any, w: Any, o: Any) -> float:
    """The trust coefficient with which the ratio is 1."""
    u = g + o["weight_decay"] * w
    return float((length(u) + o["eps"]) / length(w)) if w.any() else o["trust_coefficient"]


def _turned_over(g: Any, w: Any, o: Any) -> float:
    u = g + o["weight_decay"] * w
    return o["trust_coefficient"] * float((length(u) / length(w)) ** 2) if w.any() else o["trust_coefficient"]


def _flipped(option: str, one: Any, two: Any) -> dict[str, Part]:
    return {option: lambda g, w, o: two if o[option] == one else one}


LAMB_AND_LARS = [
    other(lamb, "D20-raw-moments", "m̂ and v̂ in the norm; m and v as they are", correction=_uncorrected),
    other(lamb, "D20-raw-first-moment", "both moments are corrected; the second alone",
          correction=lambda b, t, like: correction(b, t, like) if b > 0.95 else _uncorrected(b, t, like)),
    other(lamb, "D20-raw-second-moment", "both moments are corrected; the first alone",
          correction=lambda b, t, like: correction(b, t, like) if b < 0.95 else _uncorrected(b, t, like)),
    wrong(lamb, "D20-always-corrected", "m and v where asked; m̂ and v̂ always", told(bias_correction=True)),
    wrong(lamb, "lamb-step-from-two", "the first step is 1; 2", _late),
    other(lamb, "lamb-no-trust", "the ratio of the norms; 1", trust=lambda w, u: 1.0),
    other(lamb, "lamb-trust-turned-over", "‖θ‖ / ‖u‖; ‖u‖ / ‖θ‖",
          trust=lambda w, u: u / w if w and u else 1.0),
    other(lamb, "lamb-trust-at-most-one", "the ratio as it is; 1 at most",
          trust=lambda w, u: min(w / u, 1.0) if w and u else 1.0),
    other(lamb, "lamb-zero-parameter-rests", "a ratio of 1 where the parameter is zero; 0",
          trust=lambda w, u: w / u if u else 1.0),
    other(lamb, "lamb-one-norm", "the root of the sum of squares; the sum of sizes", length=_one_norm),
    other(lamb, "lamb-largest", "the root of the sum of squares; the largest size", length=_largest),
    wrong(lamb, "lamb-decay-outside-ratio", "the decay is part of what the ratio measures; beside it", _decay_outside),
    wrong(lamb, "lamb-decay-in-gradient", "the decay is beside the moments; in the gradient", _coupled),
    wrong(lamb, "lamb-decay-ignored", "u + λ θ; u", told(weight_decay=0.0)),
    wrong(lamb, "lamb-eps-inside", "√v̂ + ε or √(v̂ + ε) as asked; the other",
          told(**_flipped("eps_at", "root", "inside"))),
    wrong(lamb, "lamb-betas-swapped", "β₁, β₂; β₂, β₁", told(betas=lambda g, w, o: o["betas"][::-1])),
    wrong(lamb, "lamb-uphill", "θ − step; θ + step", _uphill),
    wrong(lamb, "lamb-forgets", "the moments last; they start anew with each step", _forgets),
    wrong(lars, "D17-lars-decay-no-op", "g + λ θ; g, whatever λ", told(weight_decay=0.0)),
    wrong(lars, "D17-lars-decay-outside-ratio", "the decay is part of what the ratio scales; beside it",
          _decay_outside),
    wrong(lars, "D18-lars-plain-without-decay", "the ratio whatever λ; 1 where λ is 0",
          told(trust_coefficient=lambda g, w, o: o["trust_coefficient"] if o["weight_decay"] else _plain(g, w, o))),
    wrong(lars, "D18-lars-plain", "the ratio; 1", told(trust_coefficient=_plain)),
    wrong(lars, "D18-lars-coefficient-alone", "η ‖θ‖ / ‖u‖; η",
          told(trust_coefficient=lambda g, w, o: o["trust_coefficient"] * _plain(g, w, o))),
    wrong(lars, "D18-lars-coefficient-ignored", "η ‖θ‖ / ‖u‖; without η", told(trust_coefficient=1.0)),
    wrong(lars, "lars-ratio-turned-over", "η ‖θ‖ / ‖u‖; η ‖u‖ / ‖θ‖", told(trust_coefficient=_turned_over)),
    wrong(lars, "lars-nesterov-ignored", "r u + μ v; v", told(nesterov=False)),
    wrong(lars, "lars-other-norm", "‖g + λ θ‖ or ‖g‖ + λ ‖θ‖ as asked; the other",
          told(**_flipped("norm", "sum", "parts"))),
    wrong(lars, "lars-other-rate", "momentum keeps the rate of its time or not as asked; the other",
          told(**_flipped("rate", "buffer", "step"))),
    wrong(lars, "lars-eps-ignored", "‖u‖ + ε; ‖u‖", told(eps=0.0)),
    other(lars, "lars-zero-parameter-rests", "a ratio of 1 where a norm is zero; of that norm",
          length=lambda x: np.maximum(length(x), np.finfo(x.dtype).tiny)),
    other(lars, "lars-one-norm", "the root of the sum of squares; the sum of sizes", length=_one_norm),
    other(lars, "lars-rms", "the norm beside ε; the root of the mean square", length=rms),
    wrong(lars, "lars-uphill", "θ − step; θ + step", _uphill),
    wrong(lars, "lars-forgets", "momentum lasts; it starts anew with each step", _forgets),
]  # fmt: skip


# ---------------------------------------------------------------- Muon
def _decay_without_rate(right: Any, g: Any, s: Any, w: Any, o: Any) -> Any:
    moved, state = right(g, s, w, **o | {"weight_decay": 0.0})
    return moved - o["weight_decay"] * w, state


def _scaled_decay(right: Any, g: Any, s: Any, w: Any, o: Any) -> Any:
    """The rate that the shape has adjusted, for the decay as well."""
    scale = float(muon._scaled(o["scale"], *w.shape, w))
    return right(g, s, w, **o | {"weight_decay": o["weight_decay"] * scale})


def _polar(x: Any, coefficients: Any, steps: int) -> Any:
    """What the iterations would come to if they converged."""
    u, _, vt = np.linalg.svd(x, full_matrices=False)
    return u @ vt


def _old_momentum(right: Any, g: Any, s: Any, w: Any, o: Any) -> Any:
    """Nesterov's step from the momentum before this gradient."""
    _, state = right(g, s, w, **o)
    moved, _ = right(0 * g if o["nesterov"] else g, s, w, **o)
    return moved, state


MUON = [
    wrong(muon, "D17-muon-decay-no-op", "θ (1 − lr λ); θ", told(weight_decay=0.0)),
    wrong(muon, "D17-muon-decay-without-rate", "lr λ θ; λ θ", _decay_without_rate),
    wrong(muon, "D17-muon-decay-scaled", "the decay has the plain rate; the rate adjusted to the shape", _scaled_decay),
    wrong(muon, "D17-muon-decay-in-gradient", "the decay is beside the step; in the gradient", _coupled),
    other(muon, "muon-scale-from-other-side", "√max(1, n/k); √max(1, k/n)",
          _scaled=lambda scale, n, k, like, right=muon._scaled: right(scale, k, n, like)),
    other(muon, "muon-not-scaled", "a factor that the shape gives; 1", _scaled=lambda scale, n, k, like: 1.0),
    other(muon, "muon-scale-by-shorter", "0.2 √max(n, k); 0.2 √min(n, k)",
          _scaled=lambda scale, n, k, like, right=muon._scaled: (
              right(scale, n, k, like) if scale != "rms" else 0.2 * np.sqrt(np.asarray(min(n, k), like.dtype)))),
    other(muon, "muon-coefficients-swapped", "a, b, c; a, c, b",
          orthogonal=lambda x, abc, steps, right=muon.orthogonal: right(x, (abc[0], abc[2], abc[1]), steps)),
    other(muon, "muon-one-iteration-more", "ns_steps iterations; one more",
          orthogonal=lambda x, abc, steps, right=muon.orthogonal: right(x, abc, steps + 1)),
    other(muon, "muon-always-five", "ns_steps iterations; five",
          orthogonal=lambda x, abc, steps, right=muon.orthogonal: right(x, abc, 5)),
    other(muon, "muon-converged", "so many iterations of these coefficients; the matrix that they approach",
          orthogonal=_polar),
    other(muon, "muon-turned-and-not-back", "a tall matrix is turned back; it stays turned, and is read by rows",
          orthogonal=lambda x, abc, steps, right=muon.orthogonal: (
              right(x, abc, steps).T.copy().reshape(x.shape) if x.shape[0] > x.shape[1] else right(x, abc, steps))),
    other(muon, "muon-ten-bits", "iterations in the precision of the parameters; ten bits of it",
          orthogonal=coarse(muon.orthogonal, ten_bits)),
    other(muon, "muon-spectral-norm", "the Frobenius norm; the largest singular value",
          length=lambda x: np.linalg.norm(x, 2)),
    other(muon, "muon-not-normalised", "u / ‖u‖; u", length=lambda x: np.ones((), x.dtype)),
    other(muon, "muon-sum-for-average", "m = μ m + (1 − μ) g; μ m + g", moment=lambda m, x, beta: beta * m + x),
    wrong(muon, "muon-nesterov-ignored", "μ m + (1 − μ) g; m", told(nesterov=False)),
    wrong(muon, "muon-nesterov-always", "m; μ m + (1 − μ) g, asked or not", told(nesterov=True)),
    wrong(muon, "muon-nesterov-old-momentum", "the new momentum and g; as if g were zero", _old_momentum),
    wrong(muon, "muon-other-eps", "ε as the least norm or added as asked; the other",
          told(**_flipped("eps_at", "floor", "added"))),
    wrong(muon, "muon-never-corrected", "moments are corrected where asked; never", told(bias_correction=False)),
    wrong(muon, "muon-always-corrected", "moments are corrected where asked; always", told(bias_correction=True)),
    wrong(muon, "muon-step-from-two", "the first step is 1; 2", _late),
    wrong(muon, "muon-uphill", "θ − step; θ + step", _uphill),
    wrong(muon, "muon-forgets", "momentum lasts; it starts anew with each step", _forgets),
]  # fmt: skip


# ---------------------------------------------------------------- Adafactor
def _of_the_gradient(right: Any, g: Any, s: Any, w: Any, o: Any) -> Any:
    """Momentum first, and then the scaling and clipping."""
    if not o["momentum"]:
        return right(g, s, w, **o)
    m = (1 - o["momentum"]) * g if s.m is None else o["momentum"] * s.m + (1 - o["momentum"]) * g
    moved, state = right(m, s._replace(m=None), w, **o | {"momentum": 0.0})
    return moved, state._replace(m=m)


def _rate_outside(right: Any, g: Any, s: Any, w: Any, o: Any) -> Any:
    """Momentum of the step without its rate, which is applied after it."""
    if not o["momentum"]:
        return right(g, s, w, **o)
    zero = {"momentum": 0.0, "weight_decay": 0.0}
    moved, state = right(g, s, w, **o | zero)
    u = (w - moved) / o["lr"]
    m = (1 - o["momentum"]) * u if s.m is None else o["momentum"] * s.m + (1 - o["momentum"]) * u
    return w - o["lr"] * m - o["weight_decay"] * w, state._replace(m=m)


def _corrected_momentum(right: Any, g: Any, s: Any, w: Any, o: Any) -> Any:
    moved, state = right(g, s, w, **o)
    if state.m is None:
        return moved, state
    return moved + state.m - state.m / (1 - o["momentum"] ** state.t), state


def _square_of_the_mean(right: Any, g: Any, s: Any, w: Any, o: Any) -> Any:
    return right(np.abs(g), s, w, **o)


ADAFACTOR = [
    wrong(adafactor, "D21-momentum-of-the-gradient", "momentum of the finished step; of the gradient before all",
          _of_the_gradient),
    wrong(adafactor, "D21-rate-outside-momentum", "momentum of the step with its rate; the rate after it",
          _rate_outside),
    wrong(adafactor, "D21-momentum-corrected", "momentum as it is; divided by 1 − βᵗ", _corrected_momentum),
    wrong(adafactor, "D21-momentum-ignored", "momentum of the step; the step", told(momentum=0.0)),
    other(adafactor, "adafactor-not-factored", "a row and a column of moments; all of them", _factored=lambda *_: ()),
    other(adafactor, "adafactor-by-size", "the last two axes or the longest as asked; the first two",
          _factored=lambda shape, axes, least, right=adafactor._factored: (0, 1) if right(shape, axes, least) else ()),
    other(adafactor, "adafactor-sum-for-mean", "the mean of a row; its sum",
          _mean=lambda x, axis: x.sum(axis=axis, keepdims=True)),
    wrong(adafactor, "adafactor-step-from-two", "the first step is 1; 2", _late),
    wrong(adafactor, "adafactor-decay-turned", "1 − βₜ = tᵇ; t^(b/2)",
          told(beta2_decay=lambda g, w, o: o["beta2_decay"] / 2)),
    wrong(adafactor, "adafactor-not-clipped", "the step's RMS is d at most; as it comes", told(d=1e30)),
    wrong(adafactor, "adafactor-always-one", "the step's RMS is d at most; 1 at most", told(d=1.0)),
    other(adafactor, "adafactor-norm-for-rms", "the root of the mean square; the norm", rms=length),
    wrong(adafactor, "adafactor-absolute", "the step is relative to the parameter; it is not", told(relative=False)),
    wrong(adafactor, "adafactor-second-eps-ignored", "the parameter's RMS counts as ε₂ at least; as it is",
          told(eps=lambda g, w, o: (o["eps"][0], 0.0))),
    wrong(adafactor, "adafactor-other-eps", "ε₁ as the least moment or added as asked; the other",
          told(**_flipped("eps_at", "floor", "added"))),
    wrong(adafactor, "adafactor-other-rate", "the rate capped or as it is as asked; the other",
          told(**_flipped("rate", "capped", "given"))),
    wrong(adafactor, "adafactor-other-decay", "the decay with the rate or alone as asked; the other",
          told(**_flipped("decay", "with_rate", "alone"))),
    wrong(adafactor, "adafactor-decay-in-gradient", "the decay is beside the step; in the gradient", _coupled),
    wrong(adafactor, "adafactor-sign-lost", "g / √v; |g| / √v", _square_of_the_mean),
    wrong(adafactor, "adafactor-uphill", "θ − step; θ + step", _uphill),
]  # fmt: skip


# ---------------------------------------------------------------- Polyak's step
def _polyak(right: Any, g: Any, s: Any, w: Any, o: Any, *, gap: Any = None, divisor: Any = None,
            most: Any = min) -> Any:  # fmt: skip
    """A twin, with the loss's height, what divides it, and the limit as parts."""
    below = np.square(g).sum() + o["eps"]
    if below <= o["negligible"]:
        return w, s
    high = o["value"] - o["f_min"] if gap is None else gap(o)
    high = max(high, 0) if o["variant"] == "sps+" else high
    rate = most(high / (below if divisor is None else divisor(g, o)), o["lr"])
    return w - o["scaling"] * float(rate) * g, s


def _part(**parts: Any) -> Part:
    return lambda right, g, s, w, o: _polyak(right, g, s, w, o, **parts)


POLYAK = [
    swap(polyak_sgd, "polyak-each-by-itself", "the norm of all gradients; of each by itself", "update", WHOLE=False),
    wrong(polyak_sgd, "polyak-norm-not-squared", "‖g‖²; ‖g‖", _part(divisor=lambda g, o: length(g) + o["eps"])),
    wrong(polyak_sgd, "polyak-scaled-norm", "the norm of the gradient; of the gradient times the scaling",
          _part(divisor=lambda g, o: np.square(o["scaling"] * g).sum() + o["eps"])),
    wrong(polyak_sgd, "polyak-mean-for-sum", "the sum of squares; their mean",
          _part(divisor=lambda g, o: np.square(g).mean() + o["eps"])),
    wrong(polyak_sgd, "polyak-least-ignored", "loss − f_min; the loss", _part(gap=lambda o: o["value"])),
    wrong(polyak_sgd, "polyak-limit-ignored", "lr at most; as it comes", _part(most=lambda rate, lr: rate)),
    wrong(polyak_sgd, "polyak-limit-turned", "lr at most; lr at least", _part(most=max)),
    wrong(polyak_sgd, "polyak-rate-as-factor", "lr is a limit; a factor", _part(most=lambda rate, lr: rate * lr)),
    wrong(polyak_sgd, "polyak-eps-ignored", "‖g‖² + ε; ‖g‖²", told(eps=0.0)),
    wrong(polyak_sgd, "polyak-never-negative", "negative below f_min where asked; never", told(variant="sps+")),
    wrong(polyak_sgd, "polyak-negative", "0 below f_min where asked; negative", told(variant="sps")),
    wrong(polyak_sgd, "polyak-uphill", "θ − step; θ + step", _uphill),
]  # fmt: skip


# ---------------------------------------------------------------- L-BFGS
def _newton(change: Any) -> Part:
    return lambda q, pairs, gamma, right=lbfgs._newton: change(right, q, pairs, gamma)


def _first_loop_only(right: Any, q: Any, pairs: Any, gamma: Any) -> Any:
    for s, y, sy in reversed(pairs):
        q = q - (s * q).sum() / sy * y
    return gamma * q


def _scaled_late(right: Any, q: Any, pairs: Any, gamma: Any) -> Any:
    """γ on the whole result, and not between the loops."""
    return gamma * right(q, pairs, 1.0)


LBFGS = [
    swap(lbfgs, "lbfgs-each-by-itself", "all parameters as one vector; each by itself", "update", WHOLE=False),
    other(lbfgs, "lbfgs-steepest", "the inverse Hessian's direction; the gradient's",
          _newton=_newton(lambda right, q, pairs, gamma: q)),
    other(lbfgs, "lbfgs-scale-alone", "the pairs and γ; γ", _newton=_newton(lambda right, q, pairs, gamma: gamma * q)),
    other(lbfgs, "lbfgs-pairs-reversed", "from the newest pair to the oldest and back; the other way round",
          _newton=_newton(lambda right, q, pairs, gamma: right(q, pairs[::-1], gamma))),
    other(lbfgs, "lbfgs-pairs-exchanged", "s and y; y and s",
          _newton=_newton(lambda right, q, pairs, gamma: right(
              q, tuple(lbfgs.Pair(y, s, sy) for s, y, sy in pairs), gamma))),
    other(lbfgs, "lbfgs-newest-alone", "as many pairs as there are; the newest",
          _newton=_newton(lambda right, q, pairs, gamma: right(q, pairs[-1:], gamma))),
    other(lbfgs, "lbfgs-first-loop-only", "two loops; the first", _newton=_newton(_first_loop_only)),
    other(lbfgs, "lbfgs-scaled-late", "γ between the loops; after them", _newton=_newton(_scaled_late)),
    other(lbfgs, "lbfgs-not-scaled", "γ between the loops; 1",
          _newton=_newton(lambda right, q, pairs, gamma: right(q, pairs, 1.0))),
    wrong(lbfgs, "lbfgs-history-longer", "history_size pairs; one more",
          told(history_size=lambda g, w, o: o["history_size"] + 1)),
    wrong(lbfgs, "lbfgs-other-first", "the first step by the sum of sizes or the norm as asked; the other",
          told(**_flipped("first", "taxicab", "euclidean"))),
    wrong(lbfgs, "lbfgs-other-curvature", "pairs of negative curvature forgotten or not as asked; the other",
          told(**_flipped("curvature", "positive", "any"))),
    wrong(lbfgs, "lbfgs-always-scaled", "γ where asked; always", told(scaled=True)),
    wrong(lbfgs, "lbfgs-forgets", "pairs last; only the latest", lambda right, g, s, w, o: right(
        g, s._replace(pairs=()), w, **o)),
    wrong(lbfgs, "lbfgs-uphill", "θ − step; θ + step", _uphill),
]  # fmt: skip


# ---------------------------------------------------------------- its line search
def searching(id: str, says: str, **parts: Part) -> Fault:
    """Functions of the line search replaced: only training shows them."""
    return Fault(id, "lbfgs", says, "trajectory",
                 lambda: {(_line_search, part): function for part, function in parts.items()})  # fmt: skip


def _below(here: Any, start: Any) -> bool:
    return bool(here.value < start.value)


def _searched(right: Any, g: Any, s: Any, w: Any, o: Any) -> Any:
    """With lr = 1 wherever a search follows."""
    return right(g, s, w, **o | ({} if o["line_search"] == "off" else {"lr": 1.0}))


def _twice(right: Any, g: Any, s: Any, w: Any, o: Any) -> Any:
    """The step that was found, and once more."""
    moved, state = right(g, s, w, **o)
    return (moved if o["line_search"] == "off" else 2 * moved - w), state


SEARCH = [
    swap(lbfgs, "search-first-point", "a point that will do; the first one", "trajectory",
         search=lambda kind, objective, param, gradient, direction: np.ones_like(param, shape=())),
    searching("search-any-slope", "low and flat enough; low enough", _flat=lambda here, start: True),
    searching("search-weak-curvature", "a slope that is small; one that does not fall steeply",
              _flat=lambda here, start: bool(here.slope >= 0.9 * start.slope),
              )._replace(float64_only="a search that meets a steep rise has comparisons that rounding would decide"),
    searching("search-simple-decrease", "lower by a part of the slope; lower",
              _low=_below, _close=_below, _flat=lambda here, start: True),
    searching("search-half-flat", "|slope| ≤ 0.9 of the first; 0.1 of it",
              _flat=lambda here, start: bool(abs(here.slope) <= -0.1 * start.slope)),
    searching("search-by-halves", "a cubic's minimum; the middle",
              _cubic=lambda a, b, least, most: (least + most) / 2,
              _between=lambda low, high, third: (low.t + high.t) / 2),
    searching("search-parabola-alone", "a cubic through three values where there are three; a parabola",
              _between=lambda low, high, third, right=_line_search._between: right(low, high, None)),
    wrong(lbfgs, "search-rate-ignored", "begins at lr; at 1", _searched)._replace(column="trajectory"),
    wrong(lbfgs, "search-step-taken-twice", "θ + t d; θ + 2 t d", _twice)._replace(column="trajectory"),
]  # fmt: skip

FAULTS = [*LAMB_AND_LARS, *MUON, *ADAFACTOR, *POLYAK, *LBFGS, *SEARCH]
