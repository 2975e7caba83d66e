"""Mistakes in RMSprop, Adagrad, Adadelta, Lion, Rprop, ASGD, descent by signs, NovoGrad, SM3, and SGD by velocity.

Each takes the right rule and the right arguments, and changes what goes in or what comes out; where that does not
reach, a twin of the rule names the parts that can be wrong. g gradient, s state, w parameter, o all options.
"""

# ruff: noqa: ARG005 - each part takes what the right one takes, and leaves out what it gets wrong

import functools
from collections.abc import Callable
from types import ModuleType
from typing import Any

import numpy as np

from ...reference import operations
from ...reference.optimizers import (
    adadelta,
    adagrad,
    asgd,
    lion,
    novograd,
    rmsprop,
    rprop,
    sgd_velocity,
    sign_sgd,
    sm3,
)
from .planting import Fault, Patches, coarse, single

Part = Callable[..., Any]
FAMILY = (rmsprop, adagrad, adadelta, lion, rprop, asgd, sign_sgd, novograd, sm3, sgd_velocity)


def _name(of: ModuleType) -> str:
    return of.__name__.rpartition(".")[2]


def wrong(of: ModuleType, id: str, says: str, part: Part) -> Fault:
    """part(right, g, s, w, o) in place of right(g, s, w, **o)."""
    usual = {name: option.default for name, option in operations.options(of).items() if name != "lr"}
    right = of.update

    def update(g: Any, s: Any, w: Any, **options: Any) -> Any:
        moved, state = part(right, g, s, w, usual | options)
        return np.asarray(moved, w.dtype), type(state)(*(_like(x, w) for x in state))

    return Fault(id, _name(of), says, "update", lambda: {(of, "update"): update})


def _like(x: Any, w: Any) -> Any:
    return np.asarray(x, w.dtype) if isinstance(x, np.ndarray | np.floating) else x


def _other(**changes: Callable[[dict[str, Any]], Any]) -> Part:
    """The right rule with other options."""
    return lambda right, g, s, w, o: right(g, s, w, **o | {name: change(o) for name, change in changes.items()})


def _given(gradient: Callable[[Any, Any, Any], Any]) -> Part:
    """The right rule with another gradient."""
    return lambda right, g, s, w, o: right(np.asarray(gradient(g, w, o), w.dtype), s, w, **o)


def _out(change: Callable[..., Any]) -> Part:
    """change(due, state, g, s, w, o) of what the right rule gives."""
    return lambda right, g, s, w, o: change(*right(g, s, w, **o), g, s, w, o)


def _back(moved: Callable[[Any, Any, Any], Any]) -> Part:
    """The right state, and another parameter: from where it was, where it is due, and the options."""

    def part(right: Any, g: Any, s: Any, w: Any, o: Any) -> Any:
        due, state = right(g, s, w, **o)
        return moved(w, due, o), state

    return part


def _decayed(how: Callable[[Any, Any], Any]) -> Part:
    """Weight decay that is how(w, o) in the gradient."""
    return lambda right, g, s, w, o: right(
        np.asarray(g + how(w, o), w.dtype) if o["weight_decay"] else g, s, w, **o | {"weight_decay": 0.0}
    )


def _apart(right: Any, g: Any, s: Any, w: Any, o: Any) -> Any:
    """Weight decay beside the step, not in the gradient."""
    moved, state = right(g, s, w, **o | {"weight_decay": 0.0})
    return moved - o["lr"] * o["weight_decay"] * w, state


# ---------------------------------------------------------------- what can be wrong in any of them
def _shared(of: ModuleType) -> Fault:
    """One state for all parameters: each finds there what the one before has left."""
    right = of.update

    def plant() -> Patches:
        left: list[Any] = []

        def update(g: Any, s: Any, w: Any, **options: Any) -> Any:
            if left:
                s = type(s)(*(np.resize(x, w.shape) if np.ndim(x) else x for x in left.pop()))
            moved, state = right(g, s, w, **options)
            left.append(state)
            return moved, state

        return {(of, "update"): update}

    return Fault(f"D15-{_name(of)}-one-state", _name(of), "each parameter its own state; one for all", "update", plant)


def _reused(of: ModuleType) -> Fault:
    """The gradient of the parameter before."""
    right = of.update

    def plant() -> Patches:
        last: list[Any] = []

        def update(g: Any, s: Any, w: Any, **options: Any) -> Any:
            used = np.resize(last.pop(), w.shape) if last else g
            last.append(g)
            return right(used, s, w, **options)

        return {(of, "update"): update}

    says = "each parameter its own gradient; that of the one before"
    return Fault(f"D15-{_name(of)}-index-not-advanced", _name(of), says, "update", plant)


def _forgets(of: ModuleType) -> Fault:
    return wrong(of, f"{_name(of)}-forgets", "the state lasts; it starts anew in each step",
                 lambda right, g, s, w, o: right(g, of.init(w), w, **o))  # fmt: skip


def _uphill(of: ModuleType) -> Fault:
    return wrong(of, f"{_name(of)}-uphill", "downhill; uphill", _back(lambda w, due, o: w + (w - due)))


def _half(of: ModuleType) -> Fault:
    return Fault(f"{_name(of)}-float32-inside", _name(of), "float64 arithmetic; float32, cast back", "update",
                 lambda: {(of, "update"): coarse(of.update, single)}, "float32 is what it computes in")  # fmt: skip


# ---------------------------------------------------------------- RMSprop, part by part
RMSPROP: dict[str, Part] = {
    "square": lambda g: g * g,
    "v": lambda v, q, o: o["alpha"] * v + (1 - o["alpha"]) * q,
    "mean": lambda m, g, o: o["alpha"] * m + (1 - o["alpha"]) * g,
    "correct": lambda v, t, o: v / (1 - o["alpha"] ** t) if o["bias_correction"] else v,
    "spread": lambda v, m: v - m * m,
    "divided": lambda g, s, o: g / (np.sqrt(s) + o["eps"] if o["eps_at"] == "root" else np.sqrt(s + o["eps"])),
    "buffer": lambda b, d, o: o["momentum"] * b + d,
    "look": lambda b, d, before, o: d + o["momentum"] * b if o["nesterov"] else b,
}


def _rmsprop(id: str, says: str, **parts: Part) -> Fault:
    p = RMSPROP | parts

    def part(right: Any, g: Any, s: Any, w: Any, o: Any) -> Any:
        g = g + o["weight_decay"] * w
        t = s.t + 1
        v = p["v"](o["initial"] if s.v is None else s.v, p["square"](g), o)
        spread, mean = p["correct"](v, t, o), None
        if o["centered"]:
            mean = p["mean"](0 * g if s.mean is None else s.mean, g, o)
            spread = p["spread"](spread, p["correct"](mean, t, o))
        d = p["divided"](g, spread, o)
        if not o["momentum"]:
            return w - o["lr"] * d, rmsprop.State(t, v, mean, None)
        d = -o["lr"] * d if o["rate_in_buffer"] else d
        before = 0 * d if s.momentum is None else s.momentum
        b = p["buffer"](before, d, o)
        move = p["look"](b, d, before, o)
        return (w + move if o["rate_in_buffer"] else w - o["lr"] * move), rmsprop.State(t, v, mean, b)

    return wrong(rmsprop, id, says, part)


# ---------------------------------------------------------------- Adadelta, part by part
ADADELTA: dict[str, Part] = {
    "v": lambda v, g, o: o["rho"] * v + (1 - o["rho"]) * g * g,
    "step": lambda u, v, g, o: np.sqrt(u + o["eps"]) / np.sqrt(v + o["eps"]) * g,
    "u": lambda u, step, o: o["rho"] * u + (1 - o["rho"]) * step * step,
}


def _adadelta(id: str, says: str, **parts: Part) -> Fault:
    p = ADADELTA | parts

    def part(right: Any, g: Any, s: Any, w: Any, o: Any) -> Any:
        g = g + o["weight_decay"] * w
        v = p["v"](s.v, g, o)
        step = p["step"](s.u, v, g, o)
        return w - o["lr"] * step, adadelta.State(v, p["u"](s.u, step, o))

    return wrong(adadelta, id, says, part)


# ---------------------------------------------------------------- the others
def _adagrad_late(right: Any, g: Any, s: Any, w: Any, o: Any) -> Any:
    """The root of the sum before this gradient."""
    _, state = right(g, s, w, **o)
    before = s.sum if s.sum is not None else o["initial"] + 0 * g
    g = g + o["weight_decay"] * w
    root = np.sqrt(before) + o["eps"] if o["eps_at"] == "root" else np.sqrt(before + o["eps"])
    return w - o["lr"] / (1 + s.t * o["lr_decay"]) * g / root, state


def _adagrad_of_sizes(right: Any, g: Any, s: Any, w: Any, o: Any) -> Any:
    """The sum of |g|, under the same root."""
    g = g + o["weight_decay"] * w
    total = (o["initial"] if s.sum is None else s.sum) + np.abs(g)
    rate = o["lr"] / (1 + s.t * o["lr_decay"])
    return w - rate * g / (np.sqrt(total) + o["eps"]), adagrad.State(s.t + 1, total)


def _lion(direction: Part) -> Part:
    """direction(g, m, w, new m, o) for the sign of the mixture."""

    def part(right: Any, g: Any, s: Any, w: Any, o: Any) -> Any:
        _, state = right(g, s, w, **o)
        return w - o["lr"] * (direction(g, s.m, w, state.m, o) + o["weight_decay"] * w), state

    return part


def _mixed(g: Any, m: Any, o: Any) -> Any:
    return o["betas"][0] * m + (1 - o["betas"][0]) * g


def _rprop_steps(right: Any, g: Any, s: Any, w: Any, o: Any) -> Any:
    """No rest where the sign has changed."""
    _, state = right(g, s, w, **o)
    return w - np.sign(g) * state.size, state


def _rprop_remembers(right: Any, g: Any, s: Any, w: Any, o: Any) -> Any:
    moved, state = right(g, s, w, **o)
    return moved, state._replace(before=g)


def _rprop_rate(right: Any, g: Any, s: Any, w: Any, o: Any) -> Any:
    moved, state = right(g, s, w, **o)
    return w + (moved - w) * o["lr"], state


def _asgd_average(average: Part) -> Part:
    def part(right: Any, g: Any, s: Any, w: Any, o: Any) -> Any:
        moved, state = right(g, s, w, **o)
        before = s.average if s.average is not None else 0 * w
        return moved, state._replace(average=average(before, moved, w, s.t, o))

    return part


def _asgd_now(right: Any, g: Any, s: Any, w: Any, o: Any) -> Any:
    """The rate of this step, not that of the one before."""
    rate = o["lr"] / (1 + o["lambd"] * o["lr"] * s.t) ** o["alpha"]
    return right(g, s._replace(rate=np.asarray(rate, w.dtype)), w, **o)


def _novograd(norm: Part, joined: Part) -> Part:
    """norm(v, g, o) for v, joined(m, step, w, o) for m, step the divided gradient."""

    def part(right: Any, g: Any, s: Any, w: Any, o: Any) -> Any:
        v = norm(s.v, g, o)
        root = np.sqrt(v) + o["eps"] if o["eps_at"] == "root" else np.sqrt(v + o["eps"])
        m = joined(s.m, g / root, w, o)
        return w - o["lr"] * m, novograd.State(v, m)

    return part


def _norm(v: Any, g: Any, o: Any) -> Any:
    square = np.square(g).sum()
    return square if v is None else o["betas"][1] * v + (1 - o["betas"][1]) * square


def _joined(m: Any, step: Any, w: Any, o: Any) -> Any:
    return o["betas"][0] * m + step + o["weight_decay"] * w


def _sm3(least: Part, most: Part, divided: Part) -> Part:
    """least(covers) for the sum that a number starts from, most(total, axes) for a cover, divided(g, total, o)."""

    def part(right: Any, g: Any, s: Any, w: Any, o: Any) -> Any:
        total = (least(s.covers) if s.covers else 0) + np.square(g)
        m = o["momentum"] * s.m + (1 - o["momentum"]) * divided(g, total, o)
        axes = range(g.ndim)
        covers = tuple(most(total, tuple(a for a in axes if a != own), own) for own in axes)
        return w - o["lr"] * m, sm3.State(covers or (total,), m)

    return part


def _least(covers: Any) -> Any:
    return functools.reduce(np.minimum, covers)


def _most(total: Any, across: Any, own: int) -> Any:
    return total.max(axis=across, keepdims=True)


def _divided(g: Any, total: Any, o: Any) -> Any:
    return g / np.where(total > 0, np.sqrt(total + o["eps"]), 1)


def _sm3_whole(right: Any, g: Any, s: Any, w: Any, o: Any) -> Any:
    """Momentum that adds the whole step."""
    share = right(g, s, w, **o)[1].m - o["momentum"] * s.m
    m = o["momentum"] * s.m + share / (1 - o["momentum"])
    return w - o["lr"] * m, right(g, s, w, **o)[1]._replace(m=m)


def _velocity_outside(right: Any, g: Any, s: Any, w: Any, o: Any) -> Any:
    """The buffer of a rate of one, which the rate of this step then scales."""
    moved, state = right(g, s, w, **o | {"lr": 1.0})
    return w + o["lr"] * (moved - w), state


FAULTS = [
    *(make(of) for of in FAMILY for make in (_shared, _forgets) if of not in (sign_sgd, sm3)),
    *(make(of) for of in FAMILY for make in (_reused, _uphill, _half)),
    # RMSprop
    _rmsprop("E19-alpha-swapped", "α v + (1 − α) g²; (1 − α) v + α g²",
             v=lambda v, q, o: (1 - o["alpha"]) * v + o["alpha"] * q),
    _rmsprop("E19-one-minus-dropped", "(1 − α) g²; g²", v=lambda v, q, o: o["alpha"] * v + q),
    _rmsprop("E19-sum", "a running average; a sum", v=lambda v, q, o: v + q),
    _rmsprop("E19-newest-alone", "α v + (1 − α) g²; (1 − α) g²", v=lambda v, q, o: (1 - o["alpha"]) * q),
    _rmsprop("E31-rmsprop-absolute", "g²; |g|", square=np.abs),
    _rmsprop("E31-rmsprop-square-of-sum", "g² of each number; the square of their sum",
             square=lambda g: g.sum() * g.sum() + 0 * g),
    _rmsprop("rmsprop-of-the-average", "α v + (1 − α) g²; the square of α √v + (1 − α) |g|",
             v=lambda v, q, o: np.square(o["alpha"] * np.sqrt(v) + (1 - o["alpha"]) * np.sqrt(q))),
    _rmsprop("rmsprop-no-root", "g / √v; g / v", divided=lambda g, s, o: g / (s + o["eps"])),
    _rmsprop("D07-rmsprop-parentheses", "g / (√v + ε); g / √v + ε",
             divided=lambda g, s, o: g / np.sqrt(s + 1e-30) + o["eps"]),
    _rmsprop("rmsprop-eps-inside", "ε where it was asked for; inside the root always",
             divided=lambda g, s, o: g / np.sqrt(s + o["eps"])),
    _rmsprop("rmsprop-eps-outside", "ε where it was asked for; beside the root always",
             divided=lambda g, s, o: g / (np.sqrt(s) + o["eps"])),
    _rmsprop("rmsprop-eps-squared", "√(s + ε); √(s + ε²)",
             divided=lambda g, s, o: RMSPROP["divided"](g, s, o | {"eps": o["eps"] ** 2})),
    _rmsprop("rmsprop-eps-the-larger", "√s + ε; the larger of √s and ε",
             divided=lambda g, s, o: g / np.maximum(np.sqrt(s), o["eps"])),
    _rmsprop("rmsprop-centred-with-plus", "v − ḡ²; v + ḡ²", spread=lambda v, m: v + m * m),
    _rmsprop("rmsprop-centred-not-squared", "v − ḡ²; v − |ḡ|, held at 0",
             spread=lambda v, m: np.maximum(v - np.abs(m), 0)),
    _rmsprop("rmsprop-centred-ignored", "v − ḡ²; v", spread=lambda v, m: v),
    _rmsprop("rmsprop-centred-by-latest", "ḡ is an average; the latest g", mean=lambda m, g, o: (1 - o["alpha"]) * g),
    _rmsprop("rmsprop-centred-of-squares", "ḡ of g; of |g|",
             mean=lambda m, g, o: o["alpha"] * m + (1 - o["alpha"]) * np.abs(g)),
    _rmsprop("D12-rmsprop-counts-from-zero", "1 − αᵗ; 1 − αᵗ⁺¹",
             correct=lambda v, t, o: RMSPROP["correct"](v, t + 1, o)),
    _rmsprop("D14-rmsprop-correction-ignored", "v / (1 − αᵗ); v", correct=lambda v, t, o: v),
    _rmsprop("D14-rmsprop-correction-always", "v; v / (1 − αᵗ), asked or not",
             correct=lambda v, t, o: v / (1 - o["alpha"] ** t)),
    _rmsprop("rmsprop-one-minus-momentum", "μ b + d; μ b + (1 − μ) d",
             buffer=lambda b, d, o: o["momentum"] * b + (1 - o["momentum"]) * d),
    _rmsprop("rmsprop-no-momentum", "μ b + d; d", buffer=lambda b, d, o: d),
    _rmsprop("D19-rmsprop-nesterov-ignored", "d + μ b; b", look=lambda b, d, before, o: b),
    _rmsprop("rmsprop-nesterov-old-buffer", "d + μ bₜ; d + μ bₜ₋₁",
             look=lambda b, d, before, o: d + o["momentum"] * before if o["nesterov"] else b),
    wrong(rmsprop, "rmsprop-rate-outside", "the rate inside the buffer where asked for; outside always",
          _other(rate_in_buffer=lambda o: False)),
    wrong(rmsprop, "rmsprop-rate-inside", "the rate outside the buffer unless asked; inside always",
          _other(rate_in_buffer=lambda o: True)),
    wrong(rmsprop, "rmsprop-starts-at-one", "v₀ = 0 unless told; 1", _other(initial=lambda o: 1.0)),
    wrong(rmsprop, "rmsprop-starts-at-zero", "v₀ as told; 0", _other(initial=lambda o: 0.0)),
    wrong(rmsprop, "rmsprop-usual-alpha", "α as told; 0.99", _other(alpha=lambda o: 0.99)),
    wrong(rmsprop, "E20-rmsprop-double", "g + λ θ; g + 2 λ θ", _decayed(lambda w, o: 2 * o["weight_decay"] * w)),
    wrong(rmsprop, "E20-rmsprop-sign", "g + λ θ; g − λ θ", _decayed(lambda w, o: -o["weight_decay"] * w)),
    wrong(rmsprop, "D05-rmsprop-decoupled", "decay in the gradient; θ − lr λ θ", _apart),
    # Adagrad
    wrong(adagrad, "adagrad-average", "the sum of squares; an average of them",
          lambda right, g, s, w, o: right(g, s if s.sum is None else s._replace(sum=0.9 * s.sum), w, **o)),
    wrong(adagrad, "adagrad-sum-of-gradients", "Σ g²; Σ |g|",
          _adagrad_of_sizes),
    wrong(adagrad, "adagrad-old-sum", "the root of the sum with this gradient; without", _adagrad_late),
    wrong(adagrad, "adagrad-eps-outside", "ε where it was asked for; beside the root always",
          _other(eps_at=lambda o: "root")),
    wrong(adagrad, "adagrad-eps-inside", "ε where it was asked for; inside the root always",
          _other(eps_at=lambda o: "inside")),
    wrong(adagrad, "adagrad-starts-at-a-tenth", "G₀ = 0 unless told; 0.1", _other(initial=lambda o: 0.1)),
    wrong(adagrad, "adagrad-starts-at-zero", "G₀ as told; 0", _other(initial=lambda o: 0.0)),
    wrong(adagrad, "adagrad-rate-decays-from-one", "1 + (t − 1) decay; 1 + t decay", _other(
        lr=lambda o: o["lr"] / (1 + o["lr_decay"]))),
    wrong(adagrad, "D19-adagrad-rate-decay-ignored", "lr / (1 + (t − 1) decay); lr", _other(lr_decay=lambda o: 0.0)),
    wrong(adagrad, "adagrad-rate-decay-to-the-power", "1 / (1 + (t − 1) decay); decay to the power t − 1",
          lambda right, g, s, w, o: right(
              g, s, w, **o | {"lr": o["lr"] * (1 - o["lr_decay"]) ** s.t, "lr_decay": 0.0})),
    wrong(adagrad, "E20-adagrad-double", "g + λ θ; g + 2 λ θ", _decayed(lambda w, o: 2 * o["weight_decay"] * w)),
    wrong(adagrad, "D05-adagrad-decoupled", "decay in the gradient; θ − lr λ θ", _apart),
    # Adadelta
    _adadelta("adadelta-rho-swapped", "ρ v + (1 − ρ) g²; (1 − ρ) v + ρ g²",
              v=lambda v, g, o: (1 - o["rho"]) * v + o["rho"] * g * g),
    _adadelta("adadelta-one-minus-dropped", "(1 − ρ) d²; d²", u=lambda u, d, o: o["rho"] * u + d * d),
    _adadelta("adadelta-steps-with-rate", "u of the steps without the rate; with it",
              u=lambda u, d, o: ADADELTA["u"](u, o["lr"] * d, o)),
    _adadelta("adadelta-eps-outside", "√(u + ε) / √(v + ε); (√u + ε) / (√v + ε)",
              step=lambda u, v, g, o: (np.sqrt(u) + o["eps"]) / (np.sqrt(v) + o["eps"]) * g),
    _adadelta("adadelta-never-begins", "ε under both roots; under the lower one alone",
              step=lambda u, v, g, o: np.sqrt(u) / np.sqrt(v + o["eps"]) * g),
    _adadelta("adadelta-no-root", "√(u + ε) / √(v + ε); without roots",
              step=lambda u, v, g, o: (u + o["eps"]) / (v + o["eps"]) * g),
    wrong(adadelta, "adadelta-rate-ignored", "lr d; d, as in the paper", _other(lr=lambda o: 1.0)),
    wrong(adadelta, "adadelta-keras", "ρ and ε as told; 0.95 and 1e-7", _other(
        rho=lambda o: 0.95, eps=lambda o: 1e-7)),
    wrong(adadelta, "E20-adadelta-sign", "g + λ θ; g − λ θ", _decayed(lambda w, o: -o["weight_decay"] * w)),
    wrong(adadelta, "D05-adadelta-decoupled", "decay in the gradient; θ − lr λ θ", _apart),
    # Lion
    wrong(lion, "lion-one-beta", "β₁ for the step and β₂ for the average; β₂ for both", _other(
        betas=lambda o: (o["betas"][1], o["betas"][1]))),
    wrong(lion, "lion-betas-swapped", "β₁ for the step and β₂ for the average; the other way round", _other(
        betas=lambda o: o["betas"][::-1])),
    wrong(lion, "lion-sign-of-the-average", "sign of β₁ m + (1 − β₁) g; of the new m",
          _lion(lambda g, m, w, new, o: np.sign(new))),
    wrong(lion, "lion-sign-of-the-gradient", "sign of β₁ m + (1 − β₁) g; of g",
          _lion(lambda g, m, w, new, o: np.sign(g))),
    wrong(lion, "lion-one-minus-dropped", "β₁ m + (1 − β₁) g; β₁ m + g",
          _lion(lambda g, m, w, new, o: np.sign(o["betas"][0] * m + g))),
    wrong(lion, "lion-no-sign", "sign c; c", _lion(lambda g, m, w, new, o: _mixed(g, m, o))),
    wrong(lion, "lion-refined", "sign c; c itself where it is small",
          _lion(lambda g, m, w, new, o: np.clip(_mixed(g, m, o), -1, 1))),
    wrong(lion, "lion-sign-of-zero", "sign 0 = 0; 1",
          _lion(lambda g, m, w, new, o: np.where(_mixed(g, m, o) >= 0, 1, -1))),
    wrong(lion, "lion-threshold", "sign c; 0 for a c below 1e-6",
          _lion(lambda g, m, w, new, o: np.where(np.abs(_mixed(g, m, o)) < 1e-6, 0, np.sign(_mixed(g, m, o))))),
    wrong(lion, "D05-lion-coupled", "decay beside the step; in the gradient", _decayed(
        lambda w, o: o["weight_decay"] * w)),
    wrong(lion, "lion-decay-without-rate", "lr λ θ; λ θ",
          _out(lambda due, state, g, s, w, o: (due - (1 - o["lr"]) * o["weight_decay"] * w, state))),
    wrong(lion, "lion-decay-always", "decay as told; 0.001 unless told", _other(
        weight_decay=lambda o: o["weight_decay"] or 1e-3)),
    # Rprop
    wrong(rprop, "rprop-etas-swapped", "η⁺ where the sign stays; η⁻", _other(etas=lambda o: o["etas"][::-1])),
    wrong(rprop, "rprop-steps-at-once", "rest where the sign has changed; a step there", _rprop_steps),
    wrong(rprop, "rprop-remembers", "a change of sign counts once; the step after it counts again", _rprop_remembers),
    wrong(rprop, "rprop-by-size", "Δ sign g; Δ g", _out(
        lambda due, state, g, s, w, o: (w - state.size * state.before, state))),
    wrong(rprop, "rprop-rate-each-step", "the rate counts once; in each step", _rprop_rate),
    wrong(rprop, "rprop-no-bounds", "Δ within its bounds; as it comes", _other(step_sizes=lambda o: (0.0, 1e30))),
    wrong(rprop, "rprop-usual-bounds", "the bounds as told; 1e-6 and 50", _other(step_sizes=lambda o: (1e-6, 50.0))),
    wrong(rprop, "rprop-usual-etas", "η as told; 0.5 and 1.2", _other(etas=lambda o: (0.5, 1.2))),
    wrong(rprop, "rprop-first-bounded", "the first Δ bounded where told; always", _other(bounds=lambda o: "always")),
    wrong(rprop, "rprop-first-free", "the first Δ bounded where told; never", _other(bounds=lambda o: "changed")),
    wrong(rprop, "rprop-product-vanishes", "the signs of both gradients; that of their product, which may vanish",
          lambda right, g, s, w, o: right(g, s._replace(before=np.where(g * s.before == 0, 0, s.before)), w, **o)),
    # ASGD
    wrong(asgd, "asgd-rate-of-this-step", "the rate that the step before has set; this step's own", _asgd_now),
    wrong(asgd, "asgd-rate-constant", "a rate that falls; as it was", _other(alpha=lambda o: 0.0)),
    wrong(asgd, "asgd-usual-alpha", "α as told; 0.75", _other(alpha=lambda o: 0.75)),
    wrong(asgd, "asgd-lambda-alone", "λ decays and lets the rate fall; the fall alone",
          _out(lambda due, state, g, s, w, o: (due + o["lambd"] * (o["lr"] if s.rate is None else s.rate) * w, state))),
    wrong(asgd, "asgd-decay-sign", "θ (1 − λ η); θ (1 + λ η)", _given(lambda g, w, o: g - 2 * o["lambd"] * w)),
    wrong(asgd, "asgd-never-averages", "a ← a + (θ − a) / n; θ", _asgd_average(lambda a, moved, w, t, o: moved)),
    wrong(asgd, "asgd-averages-early", "the average starts at t₀ + 2; a step before", _other(t0=lambda o: o["t0"] - 1)),
    wrong(asgd, "asgd-averages-late", "the average starts at t₀ + 2; a step after", _other(t0=lambda o: o["t0"] + 1)),
    wrong(asgd, "asgd-average-of-old", "the average of the new parameter; of the old",
          _asgd_average(lambda a, moved, w, t, o: a + (w - a) / max(1, t - o["t0"]))),
    wrong(asgd, "asgd-power-of-product", "(1 + λ lr t)^α; 1 + λ lr t^α", _out(
        lambda due, state, g, s, w, o: (due, state._replace(
            rate=np.asarray(o["lr"] / (1 + o["lambd"] * o["lr"] * (s.t + 1) ** o["alpha"]))))),
    ),
    wrong(asgd, "E20-asgd-ignored", "g + λ θ; g", _other(weight_decay=lambda o: 0.0)),
    # descent by signs
    wrong(sign_sgd, "sign_sgd-no-sign", "lr sign g; lr g", _out(
        lambda due, state, g, s, w, o: (w - o["lr"] * (state.m if o["momentum"] else g), state))),
    wrong(sign_sgd, "sign_sgd-sign-of-zero", "sign 0 = 0; 1", _out(
        lambda due, state, g, s, w, o: (np.where(due == w, w - o["lr"], due), state))),
    wrong(sign_sgd, "sign_sgd-threshold", "sign g; 0 for a g below 1e-6",
          _given(lambda g, w, o: np.where(np.abs(g) < 1e-6, 0, g))),
    wrong(sign_sgd, "sign_sgd-average-of-signs", "the sign of the average; the average of the signs",
          _given(lambda g, w, o: np.sign(g) if o["momentum"] else g)),
    wrong(sign_sgd, "sign_sgd-one-minus-dropped", "μ m + (1 − μ) g; μ m + g",
          _given(lambda g, w, o: g / (1 - o["momentum"]))),
    wrong(sign_sgd, "D19-sign_sgd-momentum-ignored", "the sign of the average; of the gradient",
          lambda right, g, s, w, o: (right(g, s, w, lr=o["lr"])[0], right(g, s, w, **o)[1])),
    # NovoGrad
    wrong(novograd, "novograd-norm-of-each", "one norm for a parameter; one for each number", _novograd(
        lambda v, g, o: g * g if v is None else o["betas"][1] * v + (1 - o["betas"][1]) * g * g, _joined)),
    wrong(novograd, "novograd-mean", "‖g‖²; the mean of g²", _novograd(
        lambda v, g, o: _norm(v, g / np.sqrt(g.size), o), _joined)),
    wrong(novograd, "novograd-not-squared", "the average of ‖g‖²; of ‖g‖, squared", _novograd(
        lambda v, g, o: np.square(_norm(None if v is None else np.sqrt(v), np.sqrt(np.linalg.norm(g)), o)), _joined)),
    wrong(novograd, "novograd-starts-at-zero", "v₁ = ‖g‖²; (1 − β₂) ‖g‖²", _novograd(
        lambda v, g, o: _norm(0 if v is None else v, g, o), _joined)),
    wrong(novograd, "novograd-one-minus", "β₁ m + step; β₁ m + (1 − β₁) step", _novograd(
        _norm, lambda m, step, w, o: _joined(m, (1 - o["betas"][0]) * step, w, o))),
    wrong(novograd, "novograd-betas-swapped", "β₁ for m and β₂ for v; the other way round",
          _other(betas=lambda o: o["betas"][::-1])),
    wrong(novograd, "novograd-eps-elsewhere", "ε where it was asked for; on the other side of the root",
          _other(eps_at=lambda o: "inside" if o["eps_at"] == "root" else "root")),
    wrong(novograd, "novograd-decay-divided", "decay beside the divided gradient; in the gradient",
          _decayed(lambda w, o: o["weight_decay"] * w)),
    wrong(novograd, "D05-novograd-decoupled", "decay through the momentum; beside the step", _apart),
    # SM3
    wrong(sm3, "sm3-largest-cover", "the smallest of the covers; the largest", _sm3(
        lambda covers: functools.reduce(np.maximum, covers), _most, _divided)),
    wrong(sm3, "sm3-smallest-in-slice", "the largest of a slice; the smallest", _sm3(
        _least, lambda total, across, own: total.min(axis=across, keepdims=True), _divided)),
    wrong(sm3, "sm3-sum-of-slice", "the largest of a slice; its sum", _sm3(
        _least, lambda total, across, own: total.sum(axis=across, keepdims=True), _divided)),
    wrong(sm3, "sm3-first-axis-alone", "a cover for each axis; for the first", _sm3(
        lambda covers: covers[0], _most, _divided)),
    wrong(sm3, "sm3-own-axis", "the largest across the other axes; along its own", _sm3(
        _least, lambda total, across, own: total.max(axis=own, keepdims=True), _divided)),
    wrong(sm3, "sm3-no-root", "g / √s; g / s", _sm3(_least, _most, lambda g, total, o: g / (total + o["eps"] + 1e-30))),
    wrong(sm3, "sm3-eps-outside", "√(s + ε); √s + ε",
          _sm3(_least, _most, lambda g, total, o: g / np.maximum(np.sqrt(total) + o["eps"], 1e-30))),
    wrong(sm3, "sm3-eps-ignored", "√(s + ε); √s", _other(eps=lambda o: 0.0)),
    wrong(sm3, "sm3-one-minus-dropped", "μ m + (1 − μ) d; μ m + d", _sm3_whole),
    wrong(sm3, "sm3-no-momentum", "momentum as told; none", _other(momentum=lambda o: 0.0)),
    wrong(sm3, "sm3-forgets", "the state lasts; it starts anew in each step",
          lambda right, g, s, w, o: right(g, sm3.init(w), w, **o)),
    # SGD by velocity
    wrong(sgd_velocity, "sgd_velocity-rate-outside", "v = μ v − lr g; v = μ v − g, θ + lr v", _velocity_outside),
    wrong(sgd_velocity, "E18-velocity-one-minus", "μ v − lr g; μ v − (1 − μ) lr g",
          _given(lambda g, w, o: (1 - o["momentum"]) * g)),
    wrong(sgd_velocity, "E18-velocity-no-momentum", "μ v − lr g; −lr g", _other(
        momentum=lambda o: 0.0, nesterov=lambda o: False)),
    wrong(sgd_velocity, "D19-velocity-nesterov-ignored", "μ v − lr g on top; v", _other(nesterov=lambda o: False)),
    wrong(sgd_velocity, "sgd_velocity-rate-zero-stops", "a rate of zero leaves the velocity; it stops it",
          lambda right, g, s, w, o: right(g, s if o["lr"] else sgd_velocity.init(w), w, **o)),
    wrong(sgd_velocity, "E20-velocity-double", "g + λ θ; g + 2 λ θ", _decayed(lambda w, o: 2 * o["weight_decay"] * w)),
    wrong(sgd_velocity, "D05-velocity-decoupled", "decay in the velocity; θ − lr λ θ", _apart),
]  # fmt: skip
