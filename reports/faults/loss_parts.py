"""A loss in parts, so that a fault names only the part that it gets wrong.

term(p, t, options)     the terms of the loss
mean(terms, p)          what the mean makes of the terms
slope(p, t, options)    ∂term/∂p
count(p)                the mean's divisor, on the way back
upstream(slope, dloss)  what becomes of the gradient from above
given(p, t)             what is done to prediction and target beforehand
"""

# ruff: noqa: ARG005 - each part takes what the right one takes, and leaves out what it gets wrong

from collections.abc import Callable
from types import ModuleType
from typing import Any

import numpy as np

from ...reference.losses import (
    binary_cross_entropy,
    binary_cross_entropy_with_logits,
    cross_entropy,
    mean_squared_error,
)
from ..record import CheckName
from .planting import Fault, Patches, coarse, single, ten_bits

Part = Callable[..., Any]
LOSSES = (mean_squared_error, binary_cross_entropy, binary_cross_entropy_with_logits, cross_entropy)
BEYOND = {"weight", "ignore_index", "label_smoothing"}  # what the parts know nothing of: answered rightly
FUNCTIONS = {m: (m.forward, m.backward) for m in LOSSES}  # the right ones, whatever is planted


def term_of(of: ModuleType, p: Any, t: Any, options: dict[str, Any]) -> Any:
    """The right terms."""
    return FUNCTIONS[of][0](p, t, reduction="none", **options)[0]


def slope_of(of: ModuleType, p: Any, t: Any, options: dict[str, Any]) -> Any:
    """The right slopes."""
    forward, backward = FUNCTIONS[of]
    return backward(forward(p, t, reduction="none", **options)[1], None)


def times(slope: Any, dloss: Any) -> Any:
    """A gradient for each term, or one for all, on every slope of the term."""
    if dloss is None:
        return slope
    return slope * (dloss[..., None] if 0 < dloss.ndim < slope.ndim else dloss)


def right_parts(of: ModuleType) -> dict[str, Part]:
    return {
        "term": lambda p, t, o: term_of(of, p, t, o),
        "slope": lambda p, t, o: slope_of(of, p, t, o),
        "mean": lambda terms, p: terms.sum() / terms.size,
        "count": lambda p: len(p) if of is cross_entropy else p.size,
        "upstream": times,
        "given": lambda p, t: (p, t),
    }


def made(of: ModuleType, parts: dict[str, Part]) -> Patches:
    use = right_parts(of) | parts

    def forward(prediction: Any, target: Any, *, reduction: str = "mean", **options: Any) -> Any:
        if (of is cross_entropy and prediction.ndim > 2) or not BEYOND.isdisjoint(options):
            return FUNCTIONS[of][0](prediction, target, reduction=reduction, **options)
        p, t = use["given"](prediction, target)
        terms = use["term"](p, t, options)
        value = terms if reduction == "none" else terms.sum() if reduction == "sum" else use["mean"](terms, p)
        return np.asarray(value, prediction.dtype), (prediction, target, reduction, options)

    def backward(saved: Any, dloss: Any = None) -> Any:
        if hasattr(saved, "_fields"):
            return FUNCTIONS[of][1](saved, dloss)
        prediction, target, reduction, options = saved
        p, t = use["given"](prediction, target)
        slope = use["slope"](p, t, options)
        if reduction == "mean":
            slope = slope / np.asarray(use["count"](p), slope.dtype)
        return np.asarray(use["upstream"](slope, dloss), prediction.dtype)

    patches: Patches = {(of, "forward"): forward, (of, "backward"): backward}
    return patches


def wrong(of: ModuleType, id: str, says: str, column: CheckName = "gradient", **parts: Part) -> Fault:
    return Fault(id, name_of(of), says, column, lambda: made(of, parts))


def name_of(of: ModuleType) -> str:
    return of.__name__.rpartition(".")[2]


def everywhere(of: ModuleType, short: str) -> list[Fault]:
    """The mistakes that every loss can have."""

    def plant(cut: Part) -> Patches:
        return {(of, name): coarse(getattr(of, name), cut) for name in ("forward", "backward")}

    def stale() -> Patches:
        forward, backward = FUNCTIONS[of]
        kept: list[Any] = []

        def remembered(saved: Any, dloss: Any = None) -> Any:
            kept.append(backward(saved, dloss))
            return sum(k for k in kept if k.shape == kept[-1].shape)

        return {(of, "forward"): forward, (of, "backward"): remembered}

    whole = right_parts(of)["count"]
    return [
        wrong(of, f"E01-{short}-not-divided", "the mean's gradient has 1/N; it lacks it", count=lambda p: 1),
        wrong(of, f"E02-{short}-divided-twice", "1/N once; twice", count=lambda p: whole(p) ** 2),
        wrong(of, f"C05-{short}", "times the gradient from above; not", upstream=lambda slope, dloss: slope),
        wrong(of, f"C05-{short}-shared", "each term has its own gradient from above; all get their mean",
              upstream=lambda slope, dloss: slope if dloss is None else slope * dloss.mean()),
        wrong(of, f"C34-{short}-sign", "∂term/∂p; −∂term/∂p", slope=lambda p, t, o: -slope_of(of, p, t, o)),
        wrong(of, f"C34-{short}-loss-sign", "the loss; −loss", "loss", term=lambda p, t, o: -term_of(of, p, t, o)),
        wrong(of, f"E01-{short}-sum-for-mean", "the mean; the sum", "loss", mean=lambda terms, p: terms.sum()),
        wrong(of, f"{short}-gradient-clipped", "slopes as they are; clipped at ±½",
              slope=lambda p, t, o: np.clip(slope_of(of, p, t, o), -0.5, 0.5)),
        Fault(f"C09-{short}-not-zeroed", name_of(of),
              "each backward pass starts from zero; the last one's is still there",
              "trajectory", stale),
        Fault(f"{short}-float32-inside", name_of(of), "float64 arithmetic; float32, cast back", "loss",
              lambda: plant(single), "float32 is what it computes in"),
        Fault(f"{short}-ten-bits", name_of(of), "the whole mantissa; ten bits of it", "loss", lambda: plant(ten_bits)),
    ]  # fmt: skip
