"""Mistakes in the activations. Each is an output or a gradient of its own, made of the input x and the output y."""

# ruff: noqa: ARG005 - each part takes what the right one takes, and leaves out what it gets wrong

from collections.abc import Callable
from types import ModuleType
from typing import Any

import numpy as np
from scipy.special import expit

from ...reference.activations import identity, relu, sigmoid, tanh
from ..record import CheckName
from .planting import Fault, Patches, coarse, single, ten_bits

Part = Callable[..., Any]
RIGHT: dict[ModuleType, Part] = {m: m.forward for m in (identity, relu, sigmoid, tanh)}


def wrong(of: ModuleType, id: str, says: str, column: CheckName = "gradient", *, y: Part | None = None,
          dx: Part | None = None) -> Fault:  # fmt: skip
    """y(x) instead of the right output; dx(x, y, dy) instead of the right gradient."""

    def plant() -> Patches:
        right = of.backward

        def forward(x: Any, **options: Any) -> Any:
            output, saved = RIGHT[of](x, **options)
            return (output if y is None else y(x).astype(x.dtype)), (x, output, saved)

        def backward(saved: Any, dy: Any) -> Any:
            x, output, own = saved
            return right(own, dy) if dx is None else dx(x, output, dy)

        return {(of, "forward"): forward, (of, "backward"): backward}

    return Fault(id, _name(of), says, column, plant)


def remembers(of: ModuleType) -> Fault:
    """The activation keeps its last forward pass in itself."""

    def plant() -> Patches:
        last: list[Any] = []
        right = of.backward

        def forward(x: Any, **options: Any) -> Any:
            output, saved = RIGHT[of](x, **options)
            last[:] = [saved]
            return output, saved

        return {(of, "forward"): forward, (of, "backward"): lambda saved, dy: right(last[0], dy)}

    says = "each use keeps its own values; those of the last use serve all"
    return Fault(f"C09-{_name(of)}-remembers-last", _name(of), says, "gradient", plant)


def imprecise(of: ModuleType) -> list[Fault]:
    def plant(cut: Part) -> Patches:
        return {(of, name): coarse(getattr(of, name), cut) for name in ("forward", "backward")}

    name = _name(of)
    return [
        Fault(f"{name}-float32-inside", name, "float64 arithmetic; float32, cast back", "loss", lambda: plant(single),
              "float32 is what it computes in"),
        Fault(f"{name}-ten-bits", name, "the whole mantissa; ten bits of it", "loss", lambda: plant(ten_bits)),
    ]  # fmt: skip


def _name(of: ModuleType) -> str:
    return of.__name__.rpartition(".")[2]


IDENTITY = [
    wrong(identity, "C05-identity", "dx = dy; 1", dx=lambda x, y, dy: np.ones_like(dy)),
    wrong(identity, "identity-sign", "dx = dy; −dy", dx=lambda x, y, dy: -dy),
    wrong(identity, "identity-detached", "dx = dy; 0", dx=lambda x, y, dy: np.zeros_like(dy)),
    wrong(identity, "identity-divided", "dx = dy; dy / N", dx=lambda x, y, dy: dy / len(dy)),
    wrong(identity, "identity-last-axis-reversed", "dx = dy; its columns the other way round",
          dx=lambda x, y, dy: dy[..., ::-1]),
    *imprecise(identity),
]  # fmt: skip

RELU = [
    wrong(relu, "relu-slope-one-at-zero", "the slope at 0 is the one chosen; 1",
          dx=lambda x, y, dy: np.where(x >= 0, dy, 0)),
    wrong(relu, "relu-slope-half-at-zero", "the slope at 0 is the one chosen; ½",
          dx=lambda x, y, dy: dy * np.heaviside(x, np.asarray(0.5, x.dtype))),
    wrong(relu, "relu-sign-bit", "−0 is 0; the sign bit tells them apart",
          dx=lambda x, y, dy: np.where(np.signbit(x), 0, dy)),
    wrong(relu, "relu-mask-inverted", "dy where x > 0; where x < 0", dx=lambda x, y, dy: np.where(x < 0, dy, 0)),
    wrong(relu, "relu-mask-of-gradient", "dy where x > 0; where dy > 0", dx=lambda x, y, dy: np.where(dy > 0, dy, 0)),
    wrong(relu, "relu-guided", "dy where x > 0; where x and dy are above 0",
          dx=lambda x, y, dy: np.where((x > 0) & (dy > 0), dy, 0)),
    wrong(relu, "relu-no-mask", "dy where x > 0; everywhere", dx=lambda x, y, dy: dy),
    wrong(relu, "relu-mask-of-first-row", "each row has its own mask; the first row's serves all",
          dx=lambda x, y, dy: np.where(x[:1] > 0, dy, 0)),
    wrong(relu, "relu-leak", "0 below 0; 0.01 dy", dx=lambda x, y, dy: np.where(x > 0, dy, 0.01 * dy)),
    wrong(relu, "relu-times-output", "dy where x > 0; y dy", dx=lambda x, y, dy: y * dy),
    wrong(relu, "C05-relu", "dy where x > 0; 1", dx=lambda x, y, dy: (x > 0).astype(dy.dtype)),
    wrong(relu, "relu-leaky-output", "max(x, 0); max(x, 0.01 x)", "loss", y=lambda x: np.maximum(x, 0.01 * x)),
    wrong(relu, "relu-absolute", "max(x, 0); |x|", "loss", y=np.abs),
    wrong(relu, "relu-capped", "max(x, 0); no more than 6", "loss", y=lambda x: np.clip(x, 0, 6)),
    wrong(relu, "relu-nan-is-zero", "NaN stays NaN; becomes 0", "loss", y=lambda x: np.where(x > 0, x, 0)),
    *imprecise(relu),
]  # fmt: skip

SIGMOID = [
    wrong(sigmoid, "E09-slope-of-input", "σ (1 − σ); x (1 − x)", dx=lambda x, y, dy: dy * x * (1 - x)),
    wrong(sigmoid, "E12-no-slope", "dy σ (1 − σ); dy, as if the loss were cross-entropy of logits",
          dx=lambda x, y, dy: dy),
    wrong(sigmoid, "B10-sigmoid", "σ(x) σ(−x) where it is asked for; y (1 − y) of the rounded output",
          dx=lambda x, y, dy: dy * (y * (1 - y))),
    wrong(sigmoid, "C05-sigmoid", "dy σ (1 − σ); σ (1 − σ)", dx=lambda x, y, dy: y * (1 - y)),
    wrong(sigmoid, "C12-ratio", "σ(x); silu(x) / x, which is 0/0 at 0", "loss", y=lambda x: x * expit(x) / x),
    wrong(sigmoid, "sigmoid-slope-of-tanh", "σ (1 − σ); 1 − σ²", dx=lambda x, y, dy: dy * (1 - y * y)),
    wrong(sigmoid, "sigmoid-slope-of-slope", "y (1 − y); of σ(y) once more",
          dx=lambda x, y, dy: dy * expit(y) * (1 - expit(y))),
    wrong(sigmoid, "sigmoid-slope-squared", "the slope once; twice", dx=lambda x, y, dy: dy * (y * (1 - y)) ** 2),
    wrong(sigmoid, "sigmoid-slope-plus", "σ (1 − σ); σ (1 + σ)", dx=lambda x, y, dy: dy * y * (1 + y)),
    wrong(sigmoid, "sigmoid-one-factor", "σ (1 − σ); 1 − σ", dx=lambda x, y, dy: dy * (1 - y)),
    wrong(sigmoid, "sigmoid-slope-floor", "slopes as they are; at least 1e-6, so that nothing vanishes",
          dx=lambda x, y, dy: dy * np.maximum(y * (1 - y), 1e-6)),
    wrong(sigmoid, "sigmoid-naive", "no overflow; e^x / (1 + e^x)", "loss", y=lambda x: np.exp(x) / (1 + np.exp(x))),
    wrong(sigmoid, "sigmoid-hard", "σ(x); clip(x / 6 + ½)", "loss", y=lambda x: np.clip(x / 6 + 0.5, 0, 1)),
    wrong(sigmoid, "sigmoid-sign", "σ(x); σ(−x)", "loss", y=lambda x: expit(-x)),
    wrong(sigmoid, "sigmoid-clipped", "σ(x); of x clipped at ±15", "loss", y=lambda x: expit(np.clip(x, -15, 15))),
    remembers(sigmoid),
    *imprecise(sigmoid),
]  # fmt: skip

TANH = [
    wrong(tanh, "E11-slope-of-sigmoid", "1 − y²; y (1 − y)", dx=lambda x, y, dy: dy * y * (1 - y)),
    wrong(tanh, "E09-tanh-slope-of-input", "1 − y²; 1 − x²", dx=lambda x, y, dy: dy * (1 - x * x)),
    wrong(tanh, "B10-tanh", "1 / cosh² x where it is asked for; 1 − y² of the rounded output",
          dx=lambda x, y, dy: dy * (1 - y * y)),
    wrong(tanh, "C05-tanh", "dy (1 − y²); 1 − y²", dx=lambda x, y, dy: 1 - y * y),
    wrong(tanh, "tanh-no-slope", "dy (1 − y²); dy", dx=lambda x, y, dy: dy),
    wrong(tanh, "tanh-not-squared", "1 − y²; 1 − y", dx=lambda x, y, dy: dy * (1 - y)),
    wrong(tanh, "tanh-slope-plus", "1 − y²; 1 + y²", dx=lambda x, y, dy: dy * (1 + y * y)),
    wrong(tanh, "tanh-slope-doubled", "1 − y²; 2 (1 − y²)", dx=lambda x, y, dy: dy * (2 * (1 - y * y))),
    wrong(tanh, "tanh-slope-of-tanh-of-output", "1 − y²; 1 − tanh² y", dx=lambda x, y, dy: dy * (1 - np.tanh(y) ** 2)),
    wrong(tanh, "tanh-naive", "no overflow, no cancellation; (e^x − e^−x) / (e^x + e^−x)", "loss",
          y=lambda x: (np.exp(x) - np.exp(-x)) / (np.exp(x) + np.exp(-x))),
    wrong(tanh, "tanh-half", "tanh x = 2 σ(2x) − 1; 2 σ(x) − 1", "loss", y=lambda x: 2 * expit(x) - 1),
    wrong(tanh, "tanh-series", "tanh x; x − x³/3 below 0.2", "loss",
          y=lambda x: np.where(np.abs(x) < 0.2, x - x**3 / 3, np.tanh(x))),
    remembers(tanh),
    *imprecise(tanh),
]  # fmt: skip

FAULTS = [*IDENTITY, *RELU, *SIGMOID, *TANH]
