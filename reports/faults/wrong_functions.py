"""Mistakes in element by element functions, gated units and shares.

A slope is of the input x and the output y, a value of x alone; the rest of the pass stays right.
"""

# ruff: noqa: ARG005 - each part takes what the right one takes, and leaves out what it gets wrong

from types import ModuleType
from typing import Any

import numpy as np
from scipy.special import erf as error_function
from scipy.special import expit

from ...reference.activations import (
    abs,
    atan,
    celu,
    cos,
    cosh,
    elu,
    erf,
    exp,
    expm1,
    geglu,
    gelu,
    glu,
    hard_shrink,
    hard_sigmoid,
    hard_swish,
    hard_tanh,
    leaky_relu,
    log,
    log1p,
    log_sigmoid,
    log_softmax,
    mish,
    reciprocal,
    relu6,
    rrelu,
    rsqrt,
    selu,
    silu,
    sin,
    sinh,
    soft_shrink,
    softmax,
    softmin,
    softplus,
    softsign,
    sqrt,
    square,
    squareplus,
    swiglu,
    tanh_shrink,
    threshold,
)
from ...reference.layers import prelu
from .planting import Fault, Part, wrong


def _name(of: ModuleType) -> str:
    return of.__name__.rpartition(".")[2]


def _slope(of: ModuleType, id: str, says: str, slope: Part) -> Fault:
    """dy times slope(x, y, **options)."""

    def forward(right: Part, x: Any, **options: Any) -> Any:
        y, _ = right(x, **options)
        return y, (x, y, options)

    def backward(right: Part, saved: Any, dy: Any) -> Any:
        x, y, options = saved
        return dy * np.asarray(slope(x, y, **options)).astype(x.dtype)

    return wrong(of, id, says, forward=forward, backward=backward)


def _changed(of: ModuleType, id: str, says: str, change: Part) -> Fault:
    """change(the right dx, x, dy)."""

    def forward(right: Part, x: Any, **options: Any) -> Any:
        y, saved = right(x, **options)
        return y, (x, saved)

    def backward(right: Part, saved: Any, dy: Any) -> Any:
        x, own = saved
        return change(right(own, dy), x, dy)

    return wrong(of, id, says, forward=forward, backward=backward)


def _value(of: ModuleType, id: str, says: str, value: Part) -> Fault:
    """value(x, **options), beside the right gradient."""

    def forward(right: Part, x: Any, **options: Any) -> Any:
        return value(x, **options).astype(x.dtype), right(x, **options)[1]

    return wrong(of, id, says, "loss", forward=forward)


def _ones(of: ModuleType) -> Fault:
    return wrong(of, f"C05-{_name(of)}", "dy times the slope; the slope",
                 backward=lambda right, saved, dy: right(saved, np.ones_like(dy)))  # fmt: skip


def _usual(of: ModuleType) -> list[Fault]:
    """What happens to every smooth function."""
    name = _name(of)

    def moved(right: Part, x: Any, **options: Any) -> Any:
        y, _ = right(x, **options)
        return y, right(y, **options)[1]

    return [
        _ones(of),
        _slope(of, f"{name}-no-slope", "dy times the slope; dy", lambda x, y, **o: np.ones_like(x)),
        wrong(of, f"{name}-slope-at-output", "the slope at x; at y", forward=moved),
    ]


SMOOTH = (
    abs, atan, celu, cos, cosh, elu, erf, exp, expm1, gelu, leaky_relu, log, log1p, log_sigmoid, mish, reciprocal,
    rsqrt, rrelu, selu, silu, sin, sinh, softplus, softsign, sqrt, square, squareplus, tanh_shrink,
)  # fmt: skip
KINKED = (hard_shrink, hard_sigmoid, hard_swish, hard_tanh, relu6, soft_shrink, threshold)
AT_OUTPUT_ALIKE = {"abs-slope-at-output", "leaky_relu-slope-at-output", "rrelu-slope-at-output"}
"""The output has the sign of the input, or the slope is even: no mistake, or one at 0 alone."""

FUNCTIONS = [
    _slope(exp, "exp-power-rule", "(e^x)' = e^x; x e^(x−1)", lambda x, y: x * np.exp(x - 1)),
    _value(exp, "exp-two", "e^x; 2^x", np.exp2),
    _value(exp, "exp-clipped", "e^x; of x clipped at 1", lambda x: np.exp(np.minimum(x, 1))),
    _slope(expm1, "B10-expm1", "e^x; y + 1 of the rounded output", lambda x, y: y + 1),
    _slope(expm1, "expm1-own-slope", "e^x; y, as for e^x", lambda x, y: y),
    _value(expm1, "expm1-naive", "e^x − 1 with its digits; as it is written", lambda x: np.exp(x) - 1),
    _slope(log, "log-slope-of-output", "1 / x; 1 / y", lambda x, y: 1 / y),
    _slope(log, "log-slope-epsilon", "1 / x; 1 / (x + 1e-6)", lambda x, y: 1 / (x + 1e-6)),
    _value(log, "log-epsilon", "ln x; ln(x + 1e-6)", lambda x: np.log(x + 1e-6)),
    _value(log, "log-ten", "ln x; log₁₀ x", np.log10),
    _slope(log1p, "log1p-slope-of-log", "1 / (1 + x); 1 / x", lambda x, y: 1 / x),
    _value(log1p, "log1p-naive", "ln(1 + x) with its digits; as it is written", lambda x: np.log(1 + x)),
    _slope(sqrt, "sqrt-half", "1 / (2√x); 1 / √x", lambda x, y: 1 / y),
    _slope(sqrt, "sqrt-slope-of-input", "1 / (2√x); 1 / (2x)", lambda x, y: 1 / (2 * x)),
    _slope(sqrt, "sqrt-epsilon", "∞ at 0; 1 / (2√x + 1e-6)", lambda x, y: 1 / (2 * y + 1e-6)),
    _slope(rsqrt, "rsqrt-sign", "−y³ / 2; y³ / 2", lambda x, y: y**3 / 2),
    _slope(rsqrt, "rsqrt-square", "−y³ / 2; −y² / 2", lambda x, y: -y * y / 2),
    _slope(rsqrt, "rsqrt-half", "−y³ / 2; −y³", lambda x, y: -(y**3)),
    _slope(reciprocal, "reciprocal-sign", "−1 / x²; 1 / x²", lambda x, y: y * y),
    _slope(reciprocal, "reciprocal-once", "−1 / x²; −1 / x", lambda x, y: -y),
    _slope(reciprocal, "reciprocal-log", "−1 / x²; ln |x|", lambda x, y: np.log(np.abs(x))),
    _slope(square, "square-two", "2x; x", lambda x, y: x),
    _slope(square, "square-absolute", "2x; 2|x|", lambda x, y: 2 * np.abs(x)),
    _value(square, "square-cube", "x²; x³", lambda x: x**3),
    _slope(abs, "abs-one-at-zero", "the slope at 0 is the one chosen; 1",
           lambda x, y, **o: np.where(x >= 0, 1, -1)),
    _slope(abs, "abs-sign-bit", "−0 is 0; the sign bit tells them apart", lambda x, y, **o: np.copysign(1, x)),
    _slope(abs, "abs-smooth", "the sign of x; x / √(x² + 1e-2)", lambda x, y, **o: x / np.sqrt(x * x + 0.01)),
    _slope(sin, "sin-sign", "cos x; −cos x", lambda x, y: -np.cos(x)),
    _slope(sin, "sin-itself", "cos x; sin x", lambda x, y: y),
    _value(sin, "sin-degrees", "x in radians; in degrees", lambda x: np.sin(np.radians(x))),
    _slope(cos, "cos-sign", "−sin x; sin x", lambda x, y: np.sin(x)),
    _slope(cos, "cos-root", "−sin x; −√(1 − cos² x)", lambda x, y: -np.sqrt(1 - y * y)),
    _slope(sinh, "sinh-itself", "cosh x; sinh x", lambda x, y: y),
    _slope(sinh, "sinh-sign", "cosh x; −cosh x", lambda x, y: -np.cosh(x)),
    _value(sinh, "sinh-naive", "no cancellation; (e^x − e^−x) / 2", lambda x: (np.exp(x) - np.exp(-x)) / 2),
    _slope(cosh, "cosh-sign", "sinh x; −sinh x, as for cos", lambda x, y: -np.sinh(x)),
    _slope(cosh, "cosh-root", "sinh x; √(cosh² x − 1)", lambda x, y: np.sqrt(y * y - 1)),
    _slope(atan, "atan-slope-of-output", "1 / (1 + x²); 1 / (1 + y²)", lambda x, y: 1 / (1 + y * y)),
    _slope(atan, "atan-root", "1 / (1 + x²); its root", lambda x, y: 1 / np.sqrt(1 + x * x)),
    _slope(atan, "atan-minus", "1 / (1 + x²); 1 / (1 − x²), artanh's", lambda x, y: 1 / (1 - x * x)),
    _slope(erf, "erf-factor", "2/√π e^−x²; e^−x²", lambda x, y: np.exp(-x * x)),
    _slope(erf, "erf-density", "2/√π e^−x²; the normal density", lambda x, y: np.exp(-x * x / 2) / np.sqrt(2 * np.pi)),
    _value(erf, "erf-tanh", "erf x; tanh(1.202 x), near it", lambda x: np.tanh(1.202 * x)),
]  # fmt: skip


def _below(slope: Part) -> Part:
    """1 above 0; below, what the slope says of x, y and alpha."""
    return lambda x, y, alpha=1.0, **o: np.where(x > 0, 1, slope(x, y, alpha))


def _overflows(dx: Any, x: Any, dy: Any) -> Any:
    return dx + dy * ((x <= 0) * np.exp(x) - np.exp(np.where(x <= 0, x, -np.inf)))


def _none_at_zero(dx: Any, x: Any, dy: Any) -> Any:
    return np.where(x == 0, 0, dx)


LINEAR_UNITS = [
    _slope(elu, "C15-elu", "α e^x = α + y; 1 + y", _below(lambda x, y, a: y + 1)),
    _slope(elu, "C15-elu-slope", "α e^x; e^x", _below(lambda x, y, a: np.exp(x))),
    _changed(elu, "C13-elu", "1 far above 0; 0 · ∞ of the other branch is added", _overflows),
    _slope(elu, "elu-own-value", "α e^x; y", _below(lambda x, y, a: y)),
    _value(elu, "elu-no-less-one", "α (e^x − 1); α e^x",
           lambda x, alpha=1.0, **o: np.where(x > 0, x, alpha * np.exp(x))),
    _slope(selu, "C15-selu", "λ α e^x; λ e^x",
           lambda x, y, **o: 1.0507009873554805 * np.where(x > 0, 1, np.exp(x))),
    _changed(selu, "C13-selu", "λ far above 0; 0 · ∞ of the other branch is added", _overflows),
    _slope(selu, "selu-no-scale", "λ times elu's slope; elu's slope",
           lambda x, y, **o: np.where(x > 0, 1, 1.6732632423543772 * np.exp(x))),
    _value(selu, "selu-four-digits", "λ and α; 1.0507 and 1.6733",
           lambda x, **o: 1.0507 * np.where(x > 0, x, 1.6733 * np.expm1(x))),
    _slope(celu, "C15-celu", "e^(x/α); e^x", _below(lambda x, y, a: np.exp(x))),
    _slope(celu, "celu-slope-of-elu", "e^(x/α); α e^(x/α)", _below(lambda x, y, a: a * np.exp(x / a))),
    _value(celu, "celu-elu", "α (e^(x/α) − 1); α (e^x − 1)",
           lambda x, alpha=1.0: np.where(x > 0, x, alpha * np.expm1(x))),
    _changed(celu, "C13-celu", "1 far above 0; 0 · ∞ of the other branch is added", _overflows),
    _slope(leaky_relu, "leaky_relu-none-below", "the leak below 0; 0", lambda x, y, **o: x > 0),
    _slope(leaky_relu, "leaky_relu-usual-leak", "the leak that is asked for; 0.01",
           lambda x, y, **o: np.where(x > 0, 1, 0.01)),
    _slope(leaky_relu, "leaky_relu-sign", "the leak; less the leak",
           lambda x, y, negative_slope=0.01, **o: np.where(x > 0, 1, -negative_slope)),
    _value(leaky_relu, "leaky_relu-divided", "x times the leak; over it",
           lambda x, negative_slope=0.01, **o: np.where(x > 0, x, x / negative_slope)),
    _slope(rrelu, "rrelu-lower", "the mean of the two slopes; the lower",
           lambda x, y, lower=1 / 8, upper=1 / 3: np.where(x > 0, 1, lower)),
    _slope(rrelu, "rrelu-none-below", "the mean slope below 0; 0", lambda x, y, **o: x > 0),
    _value(rrelu, "rrelu-upper", "the mean of the two slopes; the upper",
           lambda x, lower=1 / 8, upper=1 / 3: np.where(x > 0, x, upper * x)),
    _value(rrelu, "rrelu-sum", "half the sum of the slopes; the sum",
           lambda x, lower=1 / 8, upper=1 / 3: np.where(x > 0, x, (lower + upper) * x)),
]  # fmt: skip

SOFT_UNITS = [
    _changed(softplus, "C01-softplus", "½ at 0; 0, of two ties", _none_at_zero),
    _slope(softplus, "softplus-slope-beta-twice", "σ(β x); β σ(β x)",
           lambda x, y, beta=1.0, **o: beta * expit(beta * x)),
    _slope(softplus, "softplus-slope-no-beta", "σ(β x); σ(x)", lambda x, y, **o: expit(x)),
    _slope(softplus, "softplus-slope-sign", "σ(β x); σ(−β x)", lambda x, y, beta=1.0, **o: expit(-beta * x)),
    _value(softplus, "softplus-naive", "no overflow, no cancellation; ln(1 + e^βx) / β",
           lambda x, beta=1.0, **o: np.log(1 + np.exp(beta * x)) / beta),
    _value(softplus, "softplus-not-divided", "ln(1 + e^βx) / β; not over β",
           lambda x, beta=1.0, **o: np.logaddexp(beta * x, 0)),
    wrong(softplus, "softplus-threshold-of-input", "β x is compared with the threshold; x", "loss",
          forward=lambda right, x, *, beta=1.0, threshold=20.0, **o: right(
              x, beta=beta, threshold=beta * threshold, **o)),
    _changed(log_sigmoid, "C01-log_sigmoid", "½ at 0; 0, of two ties", _none_at_zero),
    _slope(log_sigmoid, "B10-log_sigmoid", "σ(−x); 1 − σ(x)", lambda x, y: 1 - expit(x)),
    _slope(log_sigmoid, "log_sigmoid-slope-sign", "σ(−x); σ(x)", lambda x, y: expit(x)),
    _value(log_sigmoid, "log_sigmoid-naive", "its digits far out; ln of σ", lambda x: np.log(expit(x))),
    _slope(squareplus, "B10-squareplus", "y / r; (1 + x / r) / 2",
           lambda x, y, b=4.0: (1 + x / np.sqrt(x * x + b)) / 2),
    _slope(squareplus, "squareplus-half", "(1 + x / r) / 2; 1 + x / r", lambda x, y, b=4.0: 2 * y / np.sqrt(x * x + b)),
    _value(squareplus, "squareplus-naive", "no cancellation; (x + √(x² + b)) / 2",
           lambda x, b=4.0: (x + np.sqrt(x * x + b)) / 2),
    _value(squareplus, "squareplus-b-squared", "x² + b; x² + b²",
           lambda x, b=4.0: (x + np.sqrt(x * x + b * b)) / 2),
    _slope(softsign, "softsign-not-squared", "1 / (1 + |x|)²; 1 / (1 + |x|)", lambda x, y: 1 / (1 + np.abs(x))),
    _slope(softsign, "softsign-not-absolute", "1 / (1 + |x|)²; 1 / (1 + x)²", lambda x, y: 1 / np.square(1 + x)),
    _slope(softsign, "softsign-atan", "1 / (1 + |x|)²; 1 / (1 + x²)", lambda x, y: 1 / (1 + x * x)),
    _slope(silu, "C12-silu", "σ(x); y / x, which is 0/0 at 0", lambda x, y: (s := y / x) * (1 + x * (1 - s))),
    _slope(silu, "silu-one-term", "σ + x σ'; σ", lambda x, y: expit(x)),
    _slope(silu, "silu-slope-of-sigmoid", "σ + x σ'; σ'", lambda x, y: expit(x) * expit(-x)),
    _slope(silu, "silu-no-input", "σ + x σ'; σ + σ'", lambda x, y: expit(x) * (1 + expit(-x))),
    _value(silu, "silu-hard", "x σ(x); x clip(x / 6 + ½)", lambda x: x * np.clip(x / 6 + 0.5, 0, 1)),
    _slope(gelu, "gelu-one-term", "Φ + x φ; Φ", lambda x, y, **o: (1 + error_function(x / np.sqrt(2))) / 2),
    _slope(gelu, "gelu-no-input", "Φ + x φ; Φ + φ",
           lambda x, y, **o: (1 + error_function(x / np.sqrt(2))) / 2 + np.exp(-x * x / 2) / np.sqrt(2 * np.pi)),
    _value(gelu, "gelu-sigmoid", "x Φ(x); x σ(1.702 x)", lambda x, **o: x * expit(1.702 * x)),
    _value(gelu, "gelu-naive", "its digits far below 0; x (1 + erf(x/√2)) / 2",
           lambda x, **o: x * (1 + error_function(x / np.sqrt(2))) / 2),
    wrong(gelu, "gelu-always-tanh", "x Φ(x); its approximation", "loss",
          forward=lambda right, x, **o: right(x, approximate="tanh")),
    wrong(gelu, "gelu-slope-of-exact", "the approximation has its own slope; the exact one's",
          forward=lambda right, x, **o: (right(x, **o)[0], right(x)[1])),
    _slope(mish, "mish-one-term", "t + x t'; t", lambda x, y: np.tanh(np.logaddexp(x, 0))),
    _slope(mish, "mish-no-inner", "t + x σ (1 − t²); σ left out",
           lambda x, y: (t := np.tanh(np.logaddexp(x, 0))) + x * (1 - t * t)),
    _value(mish, "mish-naive", "no overflow; tanh ln(1 + e^x)", lambda x: x * np.tanh(np.log(1 + np.exp(x)))),
    _slope(tanh_shrink, "tanh_shrink-not-squared", "tanh² x; tanh x", lambda x, y: np.tanh(x)),
    _slope(tanh_shrink, "tanh_shrink-slope-of-tanh", "tanh² x; 1 − tanh² x", lambda x, y: 1 - np.tanh(x) ** 2),
    _value(tanh_shrink, "tanh_shrink-sign", "x − tanh x; tanh x − x", lambda x: np.tanh(x) - x),
]  # fmt: skip

HARD_UNITS = [
    _slope(relu6, "relu6-no-cap", "no slope above 6; 1", lambda x, y, **o: x > 0),
    _slope(relu6, "relu6-kinks-inside", "the slopes at 0 and 6 are the ones chosen; 1",
           lambda x, y, **o: (x >= 0) & (x <= 6)),
    _value(relu6, "relu6-one", "no more than 6; than 1", lambda x, **o: np.clip(x, 0, 1)),
    _slope(hard_tanh, "hard_tanh-unit-limits", "the limits that are asked for; ±1", lambda x, y, **o: np.abs(x) < 1),
    _slope(hard_tanh, "hard_tanh-kinks-inside", "the slopes at the limits are the ones chosen; 1",
           lambda x, y, min_val=-1.0, max_val=1.0, **o: (x >= min_val) & (x <= max_val)),
    _slope(hard_tanh, "hard_tanh-upper-alone", "no slope outside; 1 below",
           lambda x, y, max_val=1.0, **o: x < max_val),
    _value(hard_tanh, "hard_tanh-upper-both", "both limits; ± the upper",
           lambda x, max_val=1.0, **o: np.clip(x, -max_val, max_val)),
    _slope(hard_sigmoid, "hard_sigmoid-six", "1/6; 1", lambda x, y, **o: np.abs(x) < 3),
    _slope(hard_sigmoid, "hard_sigmoid-fifth", "1/6; 0.2", lambda x, y, **o: 0.2 * (np.abs(x) < 3)),
    _slope(hard_sigmoid, "hard_sigmoid-no-mask", "no slope outside; 1/6", lambda x, y, **o: np.full_like(x, 1 / 6)),
    _value(hard_sigmoid, "hard_sigmoid-theano", "x / 6 + ½; 0.2 x + ½", lambda x, **o: np.clip(0.2 * x + 0.5, 0, 1)),
    _slope(hard_swish, "hard_swish-one-term", "(2x + 3) / 6; (x + 3) / 6, the gate alone",
           lambda x, y, **o: np.clip(x / 6 + 0.5, 0, 1)),
    _slope(hard_swish, "hard_swish-no-mask", "0 or 1 outside; (2x + 3) / 6 everywhere",
           lambda x, y, **o: (2 * x + 3) / 6),
    _slope(hard_swish, "hard_swish-none-above", "1 above 3; 0",
           lambda x, y, **o: np.where(np.abs(x) < 3, (2 * x + 3) / 6, 0)),
    _slope(hard_shrink, "hard_shrink-no-mask", "no slope inside; 1", lambda x, y, **o: np.ones_like(x)),
    _slope(hard_shrink, "hard_shrink-one-sided", "|x| > λ; x > λ", lambda x, y, lambd=0.5: x > lambd),
    _value(hard_shrink, "hard_shrink-soft", "x outside; x less λ",
           lambda x, lambd=0.5: np.sign(x) * np.maximum(np.abs(x) - lambd, 0)),
    _value(hard_shrink, "hard_shrink-open", "0 at λ itself; λ", lambda x, lambd=0.5: np.where(np.abs(x) < lambd, 0, x)),
    _slope(soft_shrink, "soft_shrink-no-mask", "no slope inside; 1", lambda x, y, **o: np.ones_like(x)),
    _slope(soft_shrink, "soft_shrink-one-sided", "|x| > λ; x > λ", lambda x, y, lambd=0.5, **o: x > lambd),
    _value(soft_shrink, "soft_shrink-same-shift", "x + λ below; x − λ on both sides",
           lambda x, lambd=0.5, **o: np.where(np.abs(x) <= lambd, 0, x - lambd)),
    _value(soft_shrink, "soft_shrink-hard", "x less λ; x",
           lambda x, lambd=0.5, **o: np.where(np.abs(x) <= lambd, 0, x)),
    _slope(threshold, "threshold-of-relu", "x above the threshold; above 0", lambda x, y, **o: x > 0),
    _slope(threshold, "threshold-at-itself", "no slope at the threshold; 1",
           lambda x, y, threshold=0.0, **o: x >= threshold),
    _value(threshold, "threshold-zero", "the value where it is replaced; 0",
           lambda x, threshold=0.0, **o: np.where(x > threshold, x, 0)),
    _value(threshold, "threshold-itself", "the value where it is replaced; the threshold",
           lambda x, threshold=0.0, **o: np.maximum(x, threshold)),
]  # fmt: skip


# ---------------------------------------------------------------- gated units: x is two halves
def _halves(dx: Any, axis: int) -> Any:
    return np.split(dx, 2, axis)


def _exchanged(right: Part, saved: Any, dy: Any) -> Any:
    return np.concatenate(_halves(right(saved, dy), saved.axis)[::-1], saved.axis)


def _glu(da: Part, db: Part) -> Part:
    """Each of the dy, a, b and σ(b)."""

    def backward(right: Part, saved: Any, dy: Any) -> Any:
        known = (dy, saved.a, saved.b, saved.gate)
        return np.concatenate([da(*known), db(*known)], saved.axis)

    return backward


def _gate_last(right: Part, x: Any, *, axis: int = -1, gate: str = "first", **options: Any) -> Any:
    return right(x, axis=axis, gate="second" if gate == "first" else "first", **options)


def _other_half_first(right: Part, x: Any, *, axis: int = -1) -> Any:
    a, b = _halves(x, axis)
    return b * expit(a).astype(x.dtype), right(x, axis=axis)[1]


def _last_axis(right: Part, x: Any, **options: Any) -> Any:
    """Along the last axis whatever was asked; where that cannot be halved, as asked."""
    return right(x, **(options | {"axis": -1}))


def _opened_once(right: Part, saved: Any, dy: Any) -> Any:
    """The gated half gets no gradient through its gate."""
    return right(saved._replace(b=np.ones_like(saved.b)), dy)


def _gate_alone(right: Part, saved: Any, dy: Any) -> Any:
    return right(saved._replace(opened=np.zeros_like(saved.opened)), dy)


def _gated(of: ModuleType) -> list[Fault]:
    name = _name(of)
    return [
        _ones(of),
        wrong(of, f"{name}-other-half", "the half that is asked for is the gate; the other", "loss",
              forward=_gate_last),
        wrong(of, f"{name}-halves-exchanged", "da, then db; db, then da", backward=_exchanged),
        wrong(of, f"{name}-gate-times-one", "da is dy b times the slope; without b", backward=_opened_once),
        wrong(of, f"{name}-gate-alone", "the open half has a gradient; none", backward=_gate_alone),
    ]  # fmt: skip


GATED = [
    _ones(glu),
    wrong(glu, "B10-glu", "σ(b) σ(−b); σ (1 − σ) of the rounded gate",
          backward=_glu(lambda dy, a, b, g: dy * g, lambda dy, a, b, g: dy * a * (g * (1 - g)))),
    wrong(glu, "glu-other-half", "a σ(b); b σ(a)", "loss", forward=_other_half_first),
    wrong(glu, "glu-halves-exchanged", "da, then db; db, then da", backward=_exchanged),
    wrong(glu, "glu-no-slope", "db has the slope of σ; none",
          backward=_glu(lambda dy, a, b, g: dy * g, lambda dy, a, b, g: dy * a * g)),
    wrong(glu, "glu-open", "da = dy σ(b); dy",
          backward=_glu(lambda dy, a, b, g: dy, lambda dy, a, b, g: dy * a * g * expit(-b))),
    *_gated(swiglu),
    *_gated(geglu),
    wrong(swiglu, "swiglu-slope-of-sigmoid", "the slope of silu; of σ",
          backward=lambda right, s, dy: right(s._replace(gate=s.gate._replace(y=0 * s.gate.y)), dy)),
    wrong(geglu, "geglu-always-exact", "the approximation where it is asked for; never", "loss",
          forward=lambda right, x, **o: right(x, **(o | {"approximate": "none"}))),
]  # fmt: skip


# ---------------------------------------------------------------- shares
def _overflowing(x: Any, *, axis: int = -1, **options: Any) -> Any:
    return (e := np.exp(x)) / e.sum(axis=axis, keepdims=True)


def _of_all(x: Any, **options: Any) -> Any:
    return (e := np.exp(x - x.max(initial=-np.inf))) / e.sum()


def _small_epsilon(x: Any, *, axis: int = -1, **options: Any) -> Any:
    e = np.exp(x - x.max(axis=axis, keepdims=True))
    return e / (e.sum(axis=axis, keepdims=True) + 1e-6)


def _rounded(right: Part, x: Any, **options: Any) -> Any:
    return right(x, **(options | {"tails": "rounded"}))


def _log_share(dx: Part) -> Part:
    """dx(dy, p, Σ dy)."""
    return lambda right, s, dy: dx(dy, s.p, dy.sum(axis=s.axis, keepdims=True))


def _rows_alone(right: Part, saved: Any, dy: Any) -> Any:
    """The mean of the row is taken away, as if every share were the same."""
    return saved.y * (dy - dy.mean(axis=saved.axis, keepdims=True))


def _diagonal(sign: int) -> Part:
    return lambda right, s, dy: sign * s.y * (1 - s.y) * dy


SHARES = [
    _ones(softmax),
    wrong(softmax, "B10-softmax", "what is lost of the largest share is taken from the others; from 1",
          forward=_rounded),
    wrong(softmax, "softmax-diagonal", "every input moves every share; its own alone", backward=_diagonal(1)),
    wrong(softmax, "softmax-no-sum", "y (dy − Σ y dy); y dy", backward=lambda right, s, dy: s.y * dy),
    wrong(softmax, "softmax-mean", "Σ y dy is taken away; the mean of dy", backward=_rows_alone),
    wrong(softmax, "softmax-cross-entropy", "y (dy − Σ y dy); y − dy, as if dy were the target",
          backward=lambda right, s, dy: s.y - dy),
    wrong(softmax, "softmax-sign", "y (dy − Σ y dy); y (dy + Σ y dy)",
          backward=lambda right, s, dy: s.y * (dy + (s.y * dy).sum(axis=s.axis, keepdims=True))),
    wrong(softmax, "softmax-last-axis", "the axis that is asked for; the last", "loss", forward=_last_axis),
    _value(softmax, "softmax-overflow", "the largest is taken away first; not", _overflowing),
    _value(softmax, "softmax-all", "shares of one axis; of everything", _of_all),
    _value(softmax, "softmax-epsilon", "the sum; the sum and 1e-6", _small_epsilon),
    wrong(softmin, "B10-softmin", "what is lost of the largest share is taken from the others; from 1",
          forward=_rounded),
    wrong(softmin, "softmin-sign", "−softmax'; softmax'", backward=lambda right, saved, dy: -right(saved, dy)),
    wrong(softmin, "softmin-diagonal", "every input moves every share; its own alone", backward=_diagonal(-1)),
    _value(softmin, "softmin-softmax", "shares of −x; of x", lambda x, axis=-1, **o: _overflowing(x, axis=axis)),
    _value(softmin, "softmin-less-from-one", "shares of −x; 1 less those of x",
           lambda x, axis=-1, **o: 1 - _overflowing(x, axis=axis)),
    wrong(log_softmax, "C18-log_softmax", "dy − p Σ dy; dy + p", backward=_log_share(lambda dy, p, total: dy + p)),
    wrong(log_softmax, "C18-log_softmax-one", "dy − p Σ dy; dy − p, as if dy added up to 1",
          backward=_log_share(lambda dy, p, total: dy - p)),
    wrong(log_softmax, "C18-log_softmax-own", "dy − p Σ dy; dy − p dy",
          backward=_log_share(lambda dy, p, total: dy - p * dy)),
    wrong(log_softmax, "log_softmax-no-share", "dy − p Σ dy; dy − Σ dy / n",
          backward=lambda right, s, dy: dy - dy.mean(axis=s.axis, keepdims=True)),
    wrong(log_softmax, "B10-log_softmax", "1 − p from the others; from the rounded p",
          backward=_log_share(lambda dy, p, total: dy - p * total)),
    _value(log_softmax, "log_softmax-of-softmax", "its digits in the tails; ln of the rounded shares",
           lambda x, **o: np.log(softmax.forward(x, **o)[0])),
    wrong(log_softmax, "log_softmax-last-axis", "the axis that is asked for; the last", "loss", forward=_last_axis),
    _value(log_softmax, "log_softmax-epsilon", "ln p; ln(p + 1e-6)",
           lambda x, **o: np.log(softmax.forward(x, **o)[0] + 1e-6)),
]  # fmt: skip


# ---------------------------------------------------------------- the learned slope
def _prelu(each: Part) -> Part:
    """The gradient of the slope is made of each(saved, dy), number by number; that of x stays right."""

    def backward(right: Part, saved: Any, dy: Any) -> Any:
        dx, _ = right(saved, dy)
        return dx, prelu.Params(_to_slope(each(saved, dy), saved.along))

    return backward


def _to_slope(each: Any, along: Any) -> Any:
    """Summed over all but the channels, or over everything."""
    channels = along.size > 1 or (each.ndim > 1 and each.shape[1] == along.size)
    others = tuple(a for a in range(each.ndim) if a != 1) if channels else None
    return each.sum(axis=others).reshape(-1)


def _below_zero(saved: Any, dy: Any) -> Any:
    return np.where(saved.x > 0, 0, dy * saved.x)


def _all_channels(right: Part, saved: Any, dy: Any) -> Any:
    dx, dp = right(saved, dy)
    return dx, prelu.Params(np.full_like(dp.slope, dp.slope.sum()))


def _rows_mean(right: Part, saved: Any, dy: Any) -> Any:
    dx, dp = right(saved, dy)
    return dx, prelu.Params(dp.slope / len(dy))


PRELU = [
    wrong(prelu, "C16-prelu-side", "dα = Σ dy min(x, 0); Σ dy max(x, 0)",
          backward=_prelu(lambda s, dy: np.where(s.x > 0, dy * s.x, 0))),
    wrong(prelu, "C16-prelu-both-sides", "dα = Σ dy min(x, 0); Σ dy x", backward=_prelu(lambda s, dy: dy * s.x)),
    wrong(prelu, "C16-prelu-sign", "dα = Σ dy min(x, 0); Σ dy |min(x, 0)|",
          backward=_prelu(lambda s, dy: -_below_zero(s, dy))),
    wrong(prelu, "C16-prelu-times-slope", "dα = Σ dy min(x, 0); α times as much",
          backward=_prelu(lambda s, dy: s.along * _below_zero(s, dy))),
    wrong(prelu, "C16-prelu-all-channels", "each channel's own sum; the sum of all", backward=_all_channels),
    wrong(prelu, "C16-prelu-mean", "a sum over rows; a mean", backward=_rows_mean),
    wrong(prelu, "C27-prelu-untracked", "the slope has a gradient; none",
          backward=lambda right, saved, dy: (lambda dx, dp: (dx, prelu.Params(0 * dp.slope)))(*right(saved, dy))),
    wrong(prelu, "prelu-none-below", "dx = α dy below 0; 0",
          backward=lambda right, saved, dy: (np.where(saved.x > 0, dy, 0), right(saved, dy)[1])),
]  # fmt: skip

FAULTS = [
    *(fault for of in SMOOTH for fault in _usual(of) if fault.id not in AT_OUTPUT_ALIKE),
    *(_ones(of) for of in KINKED),
    *FUNCTIONS, *LINEAR_UNITS, *SOFT_UNITS, *HARD_UNITS, *GATED, *SHARES, *PRELU,
]  # fmt: skip
