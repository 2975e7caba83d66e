"""Mistakes in stochastic gradient descent. Each names only the parts of the rule that it gets wrong.

g gradient, w parameter, v the buffer or None before the first step; s the settings: lr, momentum, dampening, nesterov,
weight_decay, first_step; t the step, from 1; m a memory that lasts for the run, of its own for each parameter.
"""

# ruff: noqa: ARG005 - each part takes what the right one takes, and leaves out what it gets wrong

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import numpy as np

from ...reference.optimizers import _step, sgd
from .planting import Fault, Patches, coarse, single, ten_bits

Part = Callable[..., Any]


def _first(g: Any, v: Any, s: Any) -> Any:
    return g - s.dampening * g if s.first_step == "damped" else g


RIGHT: dict[str, Part] = {
    "grads": lambda grads: grads,
    "decayed": lambda g, w, s: g + s.weight_decay * w if s.weight_decay else g,
    "first": _first,
    "next": lambda g, v, s: s.momentum * v + (g - s.dampening * g),
    "step": lambda g, v, s: g + s.momentum * v if s.nesterov else v,
    "moved": lambda w, step, s, m: w - s.lr * step,
}


def _rests(s: Any) -> bool:
    """Whether there is nothing but the buffer to go by."""
    return s.old is not None and not np.any(s.raw)


def _once_more(s: Any) -> Any:
    """Where a rest begins, the buffer as it was before."""
    began = _rests(s) and not s.m.get("rests", False)
    s.m["rests"] = _rests(s)
    return s.old if began else 0


def made(parts: dict[str, Part]) -> Patches:
    p = RIGHT | parts
    memories: dict[str, dict[str, Any]] = {}

    def move(optimizer: Any, rates: Any, grads: Any, states: Any, params: Any, *_: Any) -> Any:
        usual = {"dampening": 0.0, "nesterov": False, "weight_decay": 0.0, "momentum": 0.0, "first_step": "undamped"}
        moved, buffers = {}, {}
        for name, g in p["grads"](grads).items():
            own = _step.group(optimizer, name)
            s = SimpleNamespace(**usual | optimizer.options | (own.options if own else {}), lr=rates[name])
            memory = memories.setdefault(name, {"t": 0})
            memory["t"] += 1
            w, s.m, s.t, s.raw = params[name], memory, memory["t"], g
            step = g = np.asarray(p["decayed"](g, w, s), w.dtype)
            if s.momentum:
                v = states[name].momentum if name in states else None
                s.old = v
                v = p["first"](g, v, s) if v is None else p["next"](g, v, s)
                buffers[name] = np.asarray(v, w.dtype)
                step = p["step"](g, buffers[name], s)
            moved[name] = np.asarray(p["moved"](w, step, s, memory), w.dtype)
        return moved, {name: sgd.State(buffers.get(name)) for name in moved}

    return {(_step, "move"): move}


def wrong(id: str, says: str, **parts: Part) -> Fault:
    return Fault(id, "sgd", says, "update", lambda: made(parts))


def _flat(grads: dict[str, Any]) -> dict[str, Any]:
    """One flat array of all gradients, of which every parameter takes the start."""
    flat = np.concatenate([np.ravel(g) for g in grads.values()])
    return {name: np.resize(flat, g.shape) for name, g in grads.items()}


def _shared() -> Patches:
    """One buffer for all parameters: each finds there what the one before has left."""
    right = _step.move

    def move(optimizer: Any, rates: Any, grads: Any, states: Any, params: Any, *_: Any) -> Any:
        moved: dict[str, Any] = {}
        after: dict[str, Any] = {}
        left = next((state.momentum for state in reversed(states.values())), None)
        for name, g in grads.items():
            mine = {} if left is None else {name: sgd.State(np.resize(left, g.shape))}
            one, state = right(optimizer, rates, {name: g}, mine, params)
            moved |= one
            after |= state
            left = state[name].momentum
        return moved, after

    return {(_step, "move"): move}


def _in_the_buffer(w: Any, step: Any, s: Any, m: dict[str, Any]) -> Any:
    """Sutskever's form, v = μ v − lr g: its parameters alone tell it apart, so the buffer shown is the right one."""
    if not s.momentum or s.nesterov:
        return w - s.lr * step
    g = RIGHT["decayed"](s.raw, w, s)
    own = m.get("v")
    g = _first(g, None, s) if own is None else g - s.dampening * g
    m["v"] = -s.lr * g if own is None else s.momentum * own - s.lr * g
    return w + m["v"]


def _piled_up() -> Patches:
    """Nobody sets the gradients to zero between the steps."""
    right = _step.move
    total: dict[str, Any] = {}

    def move(optimizer: Any, rates: Any, grads: Any, *rest: Any) -> Any:
        for name, g in grads.items():
            total[name] = total[name] + g if name in total else g
        return right(optimizer, rates, dict(total), *rest)

    return {(_step, "move"): move}


def _decayed(how: Part) -> Part:
    return lambda g, w, s: g + s.weight_decay * how(w, s) if s.weight_decay else g


def _apart(how: Part) -> dict[str, Part]:
    """Weight decay beside the step, not in the gradient."""
    return {
        "decayed": lambda g, w, s: g,
        "moved": lambda w, step, s, m: w - s.lr * step - how(w, s),
    }


def _held(w: Any, step: Any, s: Any, m: dict[str, Any]) -> Any:
    """The rate of the step before."""
    now, m["lr"] = m.get("lr", s.lr), s.lr
    return w - now * step


FAULTS = [
    wrong("E18-uphill", "θ − lr v; θ + lr v", moved=lambda w, step, s, m: w + s.lr * step),
    wrong("E18-minus-in-buffer", "v = μ v + g; μ v − g, with a minus at the step as well",
          next=lambda g, v, s: s.momentum * v - (g - s.dampening * g)),
    wrong("E18-one-minus-momentum", "v = μ v + g; μ v + (1 − μ) g",
          next=lambda g, v, s: s.momentum * v + (1 - s.momentum) * g),
    wrong("E18-one-minus-momentum-from-the-start", "v = μ v + g, v₁ = g; both with (1 − μ) g",
          first=lambda g, v, s: (1 - s.momentum) * g, next=lambda g, v, s: s.momentum * v + (1 - s.momentum) * g),
    wrong("E18-no-momentum", "v = μ v + g; g", next=lambda g, v, s: g),
    wrong("E18-momentum-of-one", "v = μ v + g; v + g", next=lambda g, v, s: v + (g - s.dampening * g)),
    wrong("E18-momentum-on-both", "v = μ v + g; μ (v + g)", next=lambda g, v, s: s.momentum * (v + g)),
    wrong("E18-momentum-squared", "v = μ v + g; μ² v + g",
          next=lambda g, v, s: s.momentum**2 * v + (g - s.dampening * g)),
    wrong("E18-rate-in-buffer", "lr vₜ; v = μ v − lr g, which keeps old rates", moved=_in_the_buffer),
    wrong("E18-old-buffer", "the step takes the new buffer; the old one",
          step=lambda g, v, s: RIGHT["step"](g, v if s.old is None else s.old, s)),
    wrong("E18-absolute-buffer", "v = μ v + g; μ |v| + g",
          next=lambda g, v, s: s.momentum * np.abs(v) + (1 - s.dampening) * g),
    wrong("E18-reset-at-sign", "momentum carries on; starts anew where the gradient's sign changes",
          next=lambda g, v, s: RIGHT["next"](g, np.where(np.sign(v) == -np.sign(g), 0, v), s)),
    wrong("E18-forgets", "momentum lasts; starts anew after ten steps",
          next=lambda g, v, s: RIGHT["next"](g, v if s.t != 11 else 0 * v, s)),
    wrong("E18-first-buffer-zero", "v₁ = g; 0", first=lambda g, v, s: 0 * g),
    wrong("E18-rate-squared", "lr v; lr² v", moved=lambda w, step, s, m: w - s.lr**2 * step),
    wrong("E18-rate-one-late", "each step's own rate; that of the step before", moved=_held),
    wrong("E18-rate-read-once", "each step's own rate; the first",
          moved=lambda w, step, s, m: w - m.setdefault("lr", s.lr) * step),
    wrong("E18-rate-zero-skips", "a rate of 0 stops the parameters; the buffer as well",
          next=lambda g, v, s: RIGHT["next"](g, v, s) if s.lr else v),
    wrong("E20-double", "g + λ θ; g + 2 λ θ", decayed=_decayed(lambda w, s: 2 * w)),
    wrong("E20-divided", "g + λ θ; g + λ θ / N", decayed=_decayed(lambda w, s: w / max(len(w) if w.ndim else 1, 2))),
    wrong("E20-sign", "g + λ θ; g − λ θ", decayed=_decayed(lambda w, s: -w)),
    wrong("E20-ignored", "g + λ θ; g", decayed=lambda g, w, s: g),
    wrong("E20-not-on-vectors", "decay of every parameter; not of biases",
          decayed=_decayed(lambda w, s: w if w.ndim > 1 else 0 * w)),
    wrong("E20-vectors-only", "decay of every parameter; of vectors alone",
          decayed=_decayed(lambda w, s: w if w.ndim == 1 else 0 * w)),
    wrong("E20-of-the-sign", "λ θ; λ sign θ", decayed=_decayed(lambda w, s: np.sign(w))),
    wrong("E20-of-the-norm", "λ θ; λ θ / ‖θ‖", decayed=_decayed(lambda w, s: w / np.linalg.norm(w))),
    wrong("E20-with-rate", "λ θ goes through the rate once; twice", decayed=_decayed(lambda w, s: s.lr * w)),
    wrong("E20-beside-the-buffer", "decay goes through the momentum; straight to the step",
          **_apart(lambda w, s: s.lr * s.weight_decay * w)),
    wrong("D05-without-rate", "decay in the gradient; θ (1 − λ) after the step",
          **_apart(lambda w, s: s.weight_decay * w)),
    wrong("D05-after-the-step", "decay in the gradient; of the parameter already moved",
          decayed=lambda g, w, s: g, moved=lambda w, step, s, m: (w - s.lr * step) * (1 - s.lr * s.weight_decay)),
    wrong("E20-not-at-rest", "decay whatever the gradient; none where the gradient is zero",
          decayed=lambda g, w, s: np.where(g == 0, 0, RIGHT["decayed"](g, w, s))),
    wrong("E20-dampened-twice", "(1 − dampening) on the buffer's share; on the decay as well beforehand",
          decayed=_decayed(lambda w, s: (1 - s.dampening) * w)),
    wrong("E20-not-dampened", "(1 − dampening) (g + λ θ); (1 − dampening) g + λ θ",
          next=lambda g, v, s: s.momentum * v + (g - s.dampening * s.raw)),
    wrong("D19-nesterov-ignored", "g + μ v; v", step=lambda g, v, s: v),
    wrong("D19-dampening-ignored", "(1 − dampening) g; g",
          first=lambda g, v, s: g, next=lambda g, v, s: s.momentum * v + g),
    wrong("D19-dampened-at-first", "the first buffer is g unless asked otherwise; dampened always",
          first=lambda g, v, s: g - s.dampening * g),
    wrong("D19-never-dampened-at-first", "the first buffer is dampened where asked for; never",
          first=lambda g, v, s: g),
    wrong("D19-dampening-without-momentum", "dampening belongs to the buffer; taken from the plain step as well",
          moved=lambda w, step, s, m: w - s.lr * (step if s.momentum else (1 - s.dampening) * step)),
    wrong("D19-one-minus-dampening", "(1 − dampening) g; dampening g",
          next=lambda g, v, s: s.momentum * v + (s.dampening * g if s.dampening else g)),
    wrong("sgd-nesterov-old-buffer", "g + μ vₜ; g + μ vₜ₋₁",
          step=lambda g, v, s: g + s.momentum * (v if s.old is None else s.old) if s.nesterov else v),
    wrong("sgd-nesterov-twice", "g + μ v; v + μ v", step=lambda g, v, s: v + s.momentum * v if s.nesterov else v),
    wrong("sgd-nesterov-lookahead-alone", "g + μ v; μ v", step=lambda g, v, s: s.momentum * v if s.nesterov else v),
    wrong("sgd-nesterov-always", "v; g + μ v, asked or not", step=lambda g, v, s: g + s.momentum * v),
    wrong("sgd-nesterov-raw-gradient", "g with the decay; without",
          step=lambda g, v, s: s.raw + s.momentum * v if s.nesterov else v),
    wrong("D15-index-not-advanced", "each parameter its own gradient; all the first one's", grads=_flat),
    Fault("E29-updates-pile-up", "sgd", "each step its own gradient; the sum of all so far", "update", _piled_up),
    Fault("D15-one-buffer", "sgd", "each parameter its own buffer; one for all", "update", _shared),
    wrong("D15-order-reversed", "gradients go by name; by position, the other way round",
          grads=lambda grads: dict(zip(grads, map(np.resize, [*grads.values()][::-1],
                                                  [g.shape for g in grads.values()]), strict=True))),
    wrong("D24-clipped", "gradients as they are; clipped at 1000", grads=lambda grads: {
        name: np.clip(g, -1000, 1000) for name, g in grads.items()}),
    wrong("D24-norm-of-one", "gradients as they are; shrunk to a norm of 1", grads=lambda grads: {
        name: g / max(1, np.linalg.norm(g)) for name, g in grads.items()}),
    wrong("sgd-threshold", "gradients as they are; below 1e-6 they count as zero", grads=lambda grads: {
        name: np.where(np.abs(g) < 1e-6, 0, g) for name, g in grads.items()}),
    wrong("D22-rest-from-zero", "a rest of n steps adds μ + … + μⁿ of the buffer; 1 + μ + … + μⁿ",
          step=lambda g, v, s: RIGHT["step"](g, v, s) + _once_more(s)),
    wrong("D22-rest-too-short", "a rest of n steps adds μ + … + μⁿ of the buffer; 1 + … + μⁿ⁻¹",
          step=lambda g, v, s: v / s.momentum if _rests(s) and not s.nesterov else RIGHT["step"](g, v, s)),
    wrong("sgd-stops-at-zero", "a zero gradient leaves momentum at work; the element is skipped",
          moved=lambda w, step, s, m: np.where(s.raw == 0, w, w - s.lr * step)),
    wrong("sgd-noise", "no gradient, no change; a step of 1e-12",
          moved=lambda w, step, s, m: w - s.lr * step + (1e-12 if not np.any(step) else 0))._replace(
          float64_only="1e-12 is lost beside a parameter of about 1"),
    wrong("sgd-bias-in-front", "every parameter moves; numbers without an axis are skipped",
          moved=lambda w, step, s, m: w - s.lr * step if w.ndim else w),
    wrong("sgd-flipped-kernel", "elements stay in place; rank-3 steps are turned round",
          moved=lambda w, step, s, m: w - s.lr * (step[..., ::-1] if w.ndim == 3 else step)),
    Fault("sgd-float32-inside", "sgd", "float64 arithmetic; float32, cast back", "update",
          lambda: {(sgd, "update"): coarse(sgd.update, single)}, "float32 is what it computes in"),
    Fault("sgd-ten-bits", "sgd", "the whole mantissa; ten bits of it", "update",
          lambda: {(sgd, "update"): coarse(sgd.update, ten_bits)}),
]  # fmt: skip
