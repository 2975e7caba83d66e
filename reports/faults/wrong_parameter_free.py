"""Mistakes in rules that find their own rate: DoG, DoWG, COCOB, schedule-free, Prodigy, D-Adaptation, MoMo, Mechanic.

Each either takes the right rule and changes what goes in or comes out, or is a twin of it with one part wrong.
g gradient, s state, w parameter, o all options.
"""

# ruff: noqa: ARG005 - each part takes what the right one takes, and leaves out what it gets wrong

from types import ModuleType
from typing import Any

import numpy as np

from ...reference.optimizers import (
    cocob,
    dadapt_adamw,
    dog,
    dowg,
    mechanic_sgd,
    momo,
    momo_adam,
    prodigy,
    schedule_free_adamw,
    schedule_free_sgd,
)
from ...reference.optimizers._lengths import length
from ...reference.optimizers._moments import correction, moment
from . import wrong_layerwise
from .planting import Fault, swap
from .wrong_layerwise import Part, other, told


def wrong(of: ModuleType, id: str, says: str, part: Part) -> Fault:
    """part(right, g, s, w, o) in place of right(g, s, w, **o); what it remembers is of the parameter's precision."""

    def kept(right: Any, g: Any, s: Any, w: Any, o: Any) -> Any:
        moved, state = part(right, g, s, w, o)
        kinds = np.ndarray | np.floating | float
        return moved, type(state)(*(np.asarray(x, w.dtype) if isinstance(x, kinds) else x for x in state))

    return wrong_layerwise.wrong(of, id, says, kept)


def _forgets(*what: str) -> Part:
    """The rule, that begins these parts of its state anew at each step."""

    def part(right: Any, g: Any, s: Any, w: Any, o: Any) -> Any:
        anew = {name: 0 * getattr(s, name) for name in what if getattr(s, name) is not None}
        return right(g, s._replace(**anew), w, **o)

    return part


def _uphill(right: Any, g: Any, s: Any, w: Any, o: Any) -> Any:
    moved, state = right(g, s, w, **o)
    return 2 * w - moved, state


def _decay_beside(right: Any, g: Any, s: Any, w: Any, o: Any) -> Any:
    """The decay beside the step, by the rate that was given."""
    moved, state = right(g, s, w, **o | {"weight_decay": 0.0})
    return moved - o["lr"] * o["weight_decay"] * w, state


# ---------------------------------------------------------------- DoWG and DoG
def _dowg(**parts: Part) -> Part:
    """A twin, with the distance, what is added to the weighted sum, and the step as parts."""

    def part(right: Any, g: Any, s: Any, w: Any, o: Any) -> Any:
        g = g + o["weight_decay"] * w
        first = o["eps"] if o["initial"] is None else o["initial"]
        before = first if s.distance is None else s.distance
        gone = parts.get("gone", lambda x: np.square(x).sum())(w - s.start)
        distance = parts.get("largest", max)(before, gone)
        weighted = s.weighted + parts.get("weight", lambda d: d)(distance) * np.square(g).sum()
        step = parts.get("step", lambda d, v, eps: d / (np.sqrt(v) + eps))(distance, weighted, o["eps"])
        return w - o["lr"] * float(step) * g, dowg.State(s.start, distance, weighted)

    return part


def _dog(**parts: Part) -> Part:
    """A twin, with the first distance, the later ones, and the step as parts."""

    def part(right: Any, g: Any, s: Any, w: Any, o: Any) -> Any:
        g = g + o["weight_decay"] * w
        by, before = o["initial_step"], s.distance
        if before is None:
            size = parts.get("size", length)(w) if by == "heuristic" else 0
            before = 0.0 if by == "learning_rate" else o["initial"] * (1 + size)
        distance = parts.get("largest", max)(before, parts.get("gone", length)(w - s.start))
        squares = s.squares + np.square(g).sum()
        step = parts.get("step", lambda r, G, eps: r / np.sqrt(G + eps))(distance, squares, o["eps"])
        if s.distance is None and by == "learning_rate":
            step = o["initial"]
        return w - o["lr"] * float(step) * g, dog.State(s.start, distance, squares)

    return part


DISTANCES = [
    swap(dowg, "dowg-each-by-itself", "the norm of all gradients; of each by itself", "update", WHOLE=False),
    wrong(dowg, "dowg-not-squared", "the distance squared; the distance", _dowg(gone=length)),
    wrong(dowg, "dowg-latest-distance", "the largest distance so far; the latest",
          _dowg(largest=lambda before, gone: gone if gone else before)),
    wrong(dowg, "dowg-unweighted", "gradients weighed by the distance; all alike", _dowg(weight=lambda d: 1.0)),
    wrong(dowg, "dowg-weighed-by-root", "gradients weighed by the distance squared; by the distance",
          _dowg(weight=np.sqrt)),
    wrong(dowg, "dowg-eps-inside", "√v + ε; √(v + ε)", _dowg(step=lambda d, v, eps: d / np.sqrt(v + eps))),
    wrong(dowg, "dowg-step-by-root", "r̄² in the step; r̄",
          _dowg(step=lambda d, v, eps: np.sqrt(d) / (np.sqrt(v) + eps))),
    wrong(dowg, "dowg-forgets-weights", "a sum over all steps; the latest alone", _forgets("weighted")),
    wrong(dowg, "dowg-always-from-eps", "a first distance as given; ε", told(initial=None)),
    wrong(dowg, "dowg-from-where-it-was", "the distance from the start; from the step before",
          lambda right, g, s, w, o: (lambda moved, state: (moved, state._replace(start=w)))(*right(g, s, w, **o))),
    wrong(dowg, "dowg-decay-beside", "the decay is part of the gradient; beside the step", _decay_beside),
    wrong(dowg, "dowg-uphill", "θ − step; θ + step", _uphill),
    swap(dog, "dog-each-by-itself", "the norm of all gradients; of each by itself", "update", WHOLE=False),
    wrong(dog, "dog-squared", "the distance; its square", _dog(gone=lambda x: np.square(x).sum())),
    wrong(dog, "dog-latest-distance", "the largest distance so far; the latest",
          _dog(largest=lambda before, gone: gone if gone else before)),
    wrong(dog, "dog-sum-of-norms", "√(G + ε); G + ε", _dog(step=lambda r, G, eps: r / (G + eps))),
    wrong(dog, "dog-eps-beside", "√(G + ε); √G + ε", _dog(step=lambda r, G, eps: r / (np.sqrt(G) + eps))),
    wrong(dog, "dog-forgets-squares", "a sum over all steps; the latest alone", _forgets("squares")),
    wrong(dog, "dog-heuristic-squared", "1 + ‖θ‖; 1 + ‖θ‖²", _dog(size=lambda w: np.square(w).sum())),
    wrong(dog, "dog-heuristic-for-all", "the first step as asked; the heuristic", told(initial_step="heuristic")),
    wrong(dog, "dog-distance-for-all", "the first step as asked; a distance", told(initial_step="distance")),
    wrong(dog, "dog-decay-beside", "the decay is part of the gradient; beside the step", _decay_beside),
    wrong(dog, "dog-uphill", "θ − step; θ + step", _uphill),
]  # fmt: skip


# ---------------------------------------------------------------- COCOB
def _cocob(**parts: Part) -> Part:
    """A twin, with what each sum takes, and the share that is bet, as parts."""

    def part(right: Any, g: Any, s: Any, w: Any, o: Any) -> Any:
        c = -o["lr"] * (g + o["weight_decay"] * w)
        L = np.maximum(o["eps"] if s.largest is None else s.largest, parts.get("size", np.abs)(c))
        G = s.total + parts.get("size", np.abs)(c)
        R = parts.get("won", lambda R: np.maximum(R, 0))(s.reward + (w - s.start) * c)
        C = s.coins + c
        share = parts.get("share", lambda C, L, G, alpha: C / (L * np.maximum(G + L, alpha * L)))(C, L, G, o["alpha"])
        place = parts.get("start", lambda start, w: start)(s.start, w) + share * parts.get("wealth", np.add)(L, R)
        return place, cocob.State(s.start, L, G, R, C)

    return part


COINS = [
    wrong(cocob, "cocob-step-from-here", "θ₁ and the bet; θₜ and the bet", _cocob(start=lambda start, w: w)),
    wrong(cocob, "cocob-debts", "what has been won, or 0; what has been won or lost", _cocob(won=lambda R: R)),
    wrong(cocob, "cocob-signed-sizes", "|c|; c", _cocob(size=lambda c: c)),
    wrong(cocob, "cocob-first-algorithm", "bets held back by α; as the paper's algorithm 1, without α",
          _cocob(share=lambda C, L, G, alpha: C / (L * (G + L)))),
    wrong(cocob, "cocob-alpha-alone", "the larger of G + L and α L; α L",
          _cocob(share=lambda C, L, G, alpha: C / (alpha * L * L))),
    wrong(cocob, "cocob-total-without-largest", "G + L; G",
          _cocob(share=lambda C, L, G, alpha: C / (L * np.maximum(G, alpha * L)))),
    wrong(cocob, "cocob-wealth-without-start", "L + R; R", _cocob(wealth=lambda L, R: R)),
    wrong(cocob, "cocob-forgets-largest", "the largest yet; the latest", _forgets("largest")),
    wrong(cocob, "cocob-forgets-coins", "a sum over all steps; the latest", _forgets("coins")),
    wrong(cocob, "cocob-decay-beside", "the decay is part of the gradient; beside the step", _decay_beside),
    wrong(cocob, "cocob-uphill", "θ₁ + the bet; θ₁ − the bet",
          lambda right, g, s, w, o: right(-g - 2 * o["weight_decay"] * w, s, w, **o)),
    wrong(cocob, "cocob-rate-ignored", "the gradient times the rate; the gradient", told(lr=1.0)),
]  # fmt: skip


# ---------------------------------------------------------------- schedule-free
def _share(**parts: Part) -> Part:
    """The share of the newest iterate, with its weight and the sum as parts."""

    def share(largest: Any, total: Any, power: float) -> Any:
        weight = parts.get("weight", lambda rate, power: rate**power)(largest, power)
        after = total + weight
        return np.asarray(
            parts.get("share", lambda w, all: w / all if all > 0 else w)(weight, after), total.dtype
        ), after

    return share


def _between(**parts: Part) -> Part:
    """The parameters after z has moved, with the average and what lies between as parts."""

    def between(y: Any, z: Any, moved: Any, c: Any, beta: float) -> Any:
        x = parts.get("average", lambda y, z, beta: (y - (1 - beta) * z) / beta)(y, z, beta)
        x = (1 - c) * x + c * parts.get("newest", lambda z, moved: moved)(z, moved)
        y = parts.get("between", lambda x, z, beta: beta * x + (1 - beta) * z)(x, moved, beta)
        return np.asarray(y, moved.dtype)

    return between


def _latest_rate(right: Any, g: Any, s: Any, w: Any, o: Any) -> Any:
    return right(g, s._replace(largest=0 * s.largest), w, **o)


AVERAGES = [
    *(
        fault
        for of, name in ((schedule_free_sgd, "schedule-free-sgd"), (schedule_free_adamw, "schedule-free-adamw"))
        for fault in (
            other(of, f"{name}-equal-weights", "each iterate weighs as its rate to the power; as 1",
                  share=_share(weight=lambda rate, power: 1.0)),
            other(of, f"{name}-power-ignored", "the rate to the power; the rate",
                  share=_share(weight=lambda rate, power: rate)),
            other(of, f"{name}-share-of-the-rest", "w / Σ w; w / (Σ w + w)",
                  share=_share(share=lambda w, all: w / (all + w) if all > 0 else w)),
            other(of, f"{name}-parameters-averaged", "the average of the iterates; of what lies between",
                  between=_between(average=lambda y, z, beta: y)),
            other(of, f"{name}-iterate-before", "the newest iterate in the average; the one before",
                  between=_between(newest=lambda z, moved: z)),
            other(of, f"{name}-average-as-parameters", "between the iterates and their average; the average",
                  between=_between(between=lambda x, z, beta: x)),
            other(of, f"{name}-beta-turned", "β of the average, 1 − β of the iterate; the other way round",
                  between=_between(between=lambda x, z, beta: (1 - beta) * x + beta * z)),
            wrong(of, f"{name}-latest-rate", "weights of the largest rate so far; of the latest", _latest_rate),
            wrong(of, f"{name}-forgets-weights", "a sum over all steps; the latest alone", _forgets("total")),
            wrong(of, f"{name}-uphill", "z − step; z + step", lambda right, g, s, w, o: right(
                g, s, w, **o | {"lr": -o["lr"]})),
        )
    ),
    other(schedule_free_sgd, "schedule-free-sgd-nothing-by-nothing", "no weight, no share; 0 / 0",
          share=_share(share=lambda w, all: w / all)),
    wrong(schedule_free_sgd, "schedule-free-sgd-decays-iterate", "the decay of the parameters; of the iterates",
          lambda right, g, s, w, o: right(g + o["weight_decay"] * (s.z - w), s, w, **o)),
    other(schedule_free_adamw, "schedule-free-adamw-not-corrected", "v̂; v",
          correction=lambda beta, t, like: np.ones((), like.dtype)),
    wrong(schedule_free_adamw, "schedule-free-adamw-coupled", "the decay beside the step; in the gradient",
          lambda right, g, s, w, o: right(g + o["weight_decay"] * w, s, w, **o | {"weight_decay": 0.0})),
    wrong(schedule_free_adamw, "schedule-free-adamw-step-from-two", "the first step is 1; 2",
          lambda right, g, s, w, o: (lambda moved, state: (moved, state._replace(t=s.t + 1)))(
              *right(g, s._replace(t=s.t + 1), w, **o))),
    wrong(schedule_free_adamw, "schedule-free-adamw-no-eps", "√v̂ + ε; √v̂ and next to nothing", told(eps=1e-12)),
]  # fmt: skip


# ---------------------------------------------------------------- Prodigy and D-Adaptation
def _rate(d: Any, t: int, g: Any, o: Any) -> Any:
    rate = d * o["lr"]
    if o["bias_correction"]:
        rate = rate * np.sqrt(correction(o["betas"][1], t, g)) / correction(o["betas"][0], t, g)
    return rate


def _prodigy(**parts: Part) -> Part:
    """A twin, with what the sums take, the estimate, and the ε as parts."""

    def part(right: Any, g: Any, s: Any, w: Any, o: Any) -> Any:
        t, (b1, b2), first = s.t + 1, o["betas"], o["initial"]
        d = first if s.d is None else float(s.d)
        b3 = parts.get("root", np.sqrt)(b2) if o["beta3"] is None else o["beta3"]
        rate = _rate(d, t, g, o)
        by = parts.get("by", lambda d: d)(d)
        m, v = moment(s.m, by * g, b1), moment(s.v, np.square(by * g), b2)
        total = (
            b3 * s.s + parts.get("share", lambda d, first: d / first)(d, first) * (d if o["safeguard"] else rate) * g
        )
        away = (g * parts.get("away", lambda start, w: start - w)(s.start, w)).sum()
        numerator = b3 * s.numerator + d / first * rate * away
        sizes = parts.get("sizes", lambda s: np.abs(s).sum())(total)
        new = parts.get("largest", max)(d, o["factor"] * numerator / sizes) if sizes else d
        step = m / (np.sqrt(v) + parts.get("beside", lambda old, new: new)(d, new) * o["eps"])
        decay = parts.get("decay", lambda rate, o: rate)(rate, o) * o["weight_decay"] * w
        return w - parts.get("rate", lambda rate, old, new: rate)(rate, d, new) * step - decay, prodigy.State(
            t, s.start, m, v, total, np.asarray(new), numerator
        )

    return part


def _dadapt(**parts: Part) -> Part:
    """A twin, with what the product takes, the estimate, and the step as parts."""

    def part(right: Any, g: Any, s: Any, w: Any, o: Any) -> Any:
        t, (b1, b2) = s.t + 1, o["betas"]
        d = o["initial"] if s.d is None else float(s.d)
        b = parts.get("root", np.sqrt)(b2)
        rate = _rate(d, t, g, o)
        v = moment(s.v, np.square(g), b2)
        total = b * s.s + (1 - b) * rate * g
        scale = np.sqrt(parts.get("scale", lambda before, after: before)(s.v, v)) + o["eps"]
        along = parts.get("along", lambda before, after: before)(s.s, total)
        numerator = b * s.numerator + (1 - b) * rate * (g * along / scale).sum()
        m = moment(s.m, parts.get("by", lambda rate: rate)(rate) * g, b1)
        sizes = parts.get("sizes", lambda s: np.abs(s).sum())(total)
        hat = parts.get("hat", lambda n, sizes, b: n / ((1 - b) * sizes))(numerator, sizes, b) if sizes else d
        step = m / (np.sqrt(v) + o["eps"])
        decay = parts.get("decay", lambda rate, o: rate)(rate, o) * o["weight_decay"] * w
        return w - step - decay, dadapt_adamw.State(
            t, m, v, total, np.asarray(parts.get("largest", max)(d, hat)), numerator
        )

    return part


ESTIMATES = [
    swap(prodigy, "prodigy-each-by-itself", "sums over all parameters; over each by itself", "update", WHOLE=False),
    wrong(prodigy, "prodigy-shrinks", "the largest estimate so far; the latest",
          _prodigy(largest=lambda old, new: new or old)),
    wrong(prodigy, "prodigy-never-grows", "an estimate that grows; the first", _prodigy(largest=lambda old, new: old)),
    wrong(prodigy, "prodigy-beta3-not-rooted", "√β₂ in the sums; β₂", _prodigy(root=lambda beta: beta)),
    wrong(prodigy, "prodigy-moments-of-gradient", "moments of d g; of g", _prodigy(by=lambda d: 1.0)),
    wrong(prodigy, "prodigy-toward-start", "θ₁ − θ; θ − θ₁", _prodigy(away=lambda start, w: w - start)),
    wrong(prodigy, "prodigy-euclidean", "Σ |s|; ‖s‖", _prodigy(sizes=length)),
    wrong(prodigy, "prodigy-sum-of-signs", "Σ |s|; |Σ s|", _prodigy(sizes=lambda s: np.abs(s.sum()))),
    wrong(prodigy, "prodigy-unweighted", "gradients weigh by d / d₁; all alike", _prodigy(share=lambda d, first: 1.0)),
    wrong(prodigy, "prodigy-paper-eps", "the new d beside ε; the old, as in the paper",
          _prodigy(beside=lambda old, new: old)),
    wrong(prodigy, "prodigy-plain-eps", "d ε; ε", _prodigy(beside=lambda old, new: 1.0)),
    wrong(prodigy, "prodigy-new-rate", "the step with the old d; with the new",
          _prodigy(rate=lambda rate, old, new: rate / old * new)),
    wrong(prodigy, "prodigy-decay-by-lr", "the decay times all of the rate; times lr",
          _prodigy(decay=lambda rate, o: o["lr"])),
    wrong(prodigy, "prodigy-factor-ignored", "the factor on the estimate; 1", told(factor=1.0)),
    wrong(prodigy, "prodigy-never-corrected", "the moments' correction where asked; never",
          told(bias_correction=False)),
    wrong(prodigy, "prodigy-no-safeguard", "d in s where asked; the rate", told(safeguard=False)),
    wrong(prodigy, "prodigy-uphill", "θ − step; θ + step", _uphill),
    swap(dadapt_adamw, "dadapt-each-by-itself", "sums over all parameters; over each by itself", "update", WHOLE=False),
    wrong(dadapt_adamw, "dadapt-shrinks", "the largest estimate so far; the latest",
          _dadapt(largest=lambda old, new: new or old)),
    wrong(dadapt_adamw, "dadapt-never-grows", "an estimate that grows; the first",
          _dadapt(largest=lambda old, new: old)),
    wrong(dadapt_adamw, "dadapt-not-rooted", "√β₂ in the sums; β₂", _dadapt(root=lambda beta: beta)),
    wrong(dadapt_adamw, "dadapt-sum-after", "g by the sum before; after", _dadapt(along=lambda before, after: after)),
    wrong(dadapt_adamw, "dadapt-moment-after", "the second moment before in the product; after",
          _dadapt(scale=lambda before, after: after)),
    wrong(dadapt_adamw, "dadapt-moment-of-gradient", "the first moment of γ g; of g", _dadapt(by=lambda rate: 1.0)),
    wrong(dadapt_adamw, "dadapt-euclidean", "Σ |s|; ‖s‖", _dadapt(sizes=length)),
    wrong(dadapt_adamw, "dadapt-not-divided", "n / ((1 − β) Σ |s|); n / Σ |s|",
          _dadapt(hat=lambda n, sizes, b: n / sizes)),
    wrong(dadapt_adamw, "dadapt-decay-by-lr", "the decay times all of the rate; times lr",
          _dadapt(decay=lambda rate, o: o["lr"])),
    wrong(dadapt_adamw, "dadapt-never-corrected", "the moments' correction where asked; never",
          told(bias_correction=False)),
    wrong(dadapt_adamw, "dadapt-uphill", "θ − step; θ + step", _uphill),
]  # fmt: skip


# ---------------------------------------------------------------- MoMo
def _momo(**parts: Part) -> Part:
    """A twin of both, with the averages, the model's height, the step and the bound as parts."""

    def part(right: Any, g: Any, s: Any, w: Any, o: Any) -> Any:
        adam = "betas" in o
        b1, rate, t = o["betas"][0] if adam else o["momentum"], o["lr"], s.t + 1 if adam else 1
        first = s.lower is None
        beta = b1 if adam or (first and parts.get("from_zero")) else 0.0 if first else b1
        loss = moment(s.loss, np.asarray(o["value"], w.dtype), parts.get("of_loss", lambda beta: beta)(beta))
        m, gamma = moment(s.m, g, beta), moment(s.gamma, (g * w).sum(), beta)
        of_m = parts.get("corrected", correction)(b1, t, g) if adam else 1.0
        v = moment(s.v, np.square(g), o["betas"][1]) if adam else None
        d = m / (np.sqrt(v / correction(o["betas"][1], t, g)) + o["eps"]) if adam else m
        grown = parts.get("grown", lambda lr, decay: 1 + lr * decay)(rate, o["weight_decay"])
        along = parts.get("along", lambda m, g, w: (m * w).sum())(m, g, w)
        square = parts.get("square", lambda m, d: (m * d).sum())(m, d)
        height, bound = grown * (loss - gamma) + along, o["lower_bound"]
        lower = bound if first else s.lower
        if o["adaptive"] and height < grown * of_m * lower and not parts.get("unreset"):
            lower = max(height / (2 * grown * of_m), bound)
        gap = parts.get("gap", lambda h, lower: max(h - lower, 0))(height, grown * of_m * lower)
        most = parts.get("most", lambda rate, of_m: rate / of_m)(rate, of_m)
        tau = float(parts.get("tau", min)(gap / square, most)) if square > o["negligible"] else 0.0
        if o["adaptive"]:
            lower = max((loss - gamma + along - parts.get("half", 0.5) * tau * square) / of_m, bound)
        moved = parts.get("moved", lambda w, step, grown, decay: (w - step) / grown)(
            w, tau * d, 1 + rate * o["weight_decay"], o["weight_decay"]
        )
        kept = {"m": m, "loss": loss, "gamma": gamma, "lower": np.asarray(lower)} | ({"t": t, "v": v} if adam else {})
        return moved, s._replace(**kept)

    return part


MODELS = [
    *(
        fault
        for of, name in ((momo, "momo"), (momo_adam, "momo-adam"))
        for fault in (
            swap(of, f"{name}-each-by-itself", "sums over all parameters; over each by itself", "update", WHOLE=False),
            wrong(of, f"{name}-latest-loss", "the average of the losses; the latest", _momo(of_loss=lambda beta: 0.0)),
            wrong(of, f"{name}-line-at-gradient", "the line along the average; along the gradient",
                  _momo(along=lambda m, g, w: (g * w).sum())),
            wrong(of, f"{name}-norm-not-squared", "‖d‖²; ‖d‖", _momo(square=lambda m, d: np.sqrt((m * d).sum()))),
            wrong(of, f"{name}-limit-ignored", "lr at most; as it comes", _momo(tau=lambda tau, most: tau)),
            wrong(of, f"{name}-always-longest", "as far as the model goes; lr", _momo(tau=lambda tau, most: most)),
            wrong(of, f"{name}-negative", "no step from below the bound; uphill",
                  _momo(gap=lambda h, lower: h - lower)),
            wrong(of, f"{name}-bound-ignored", "down to the bound; to zero", _momo(gap=lambda h, lower: max(h, 0))),
            wrong(of, f"{name}-bound-never-reset", "a bound too high is lowered; is kept", _momo(unreset=True)),
            wrong(of, f"{name}-whole-square", "τ ‖d‖² / 2 below; τ ‖d‖²", _momo(half=1.0)),
            wrong(of, f"{name}-bound-fixed", "an estimate where asked; never", told(adaptive=False)),
            wrong(of, f"{name}-decay-beside-step", "the decay divides the whole step; the parameters alone",
                  _momo(moved=lambda w, step, grown, decay: w / grown - step)),
            wrong(of, f"{name}-decay-outside-model", "the decay raises the model; it does not",
                  _momo(grown=lambda lr, decay: 1.0)),
            wrong(of, f"{name}-uphill", "θ − step; θ + step",
                  _momo(moved=lambda w, step, grown, decay: (w + step) / grown)),
        )
    ),
    wrong(momo, "momo-from-zero", "averages that begin with the first; at zero", _momo(from_zero=True)),
    wrong(momo_adam, "momo-adam-not-corrected", "ρ; 1", _momo(corrected=lambda beta, t, like: 1.0)),
    wrong(momo_adam, "momo-adam-rate-not-corrected", "lr / ρ at most; lr", _momo(most=lambda rate, of_m: rate)),
    wrong(momo_adam, "momo-adam-euclidean", "Σ d²/D; Σ d²", _momo(square=lambda m, d: np.square(m).sum())),
]  # fmt: skip


# ---------------------------------------------------------------- Mechanic
def _mechanic(**parts: Part) -> Part:
    """A twin, with what the way is worth, what is remembered of it, and the scale as parts."""

    def part(right: Any, g: Any, s: Any, w: Any, o: Any) -> Any:
        n, eps = o["memories"], o["eps"]
        betas = parts.get("betas", lambda n: 1 - 0.1 ** np.arange(1, n + 1))(n).astype(w.dtype)
        _, r, m, v, scale = s
        way = (s.start - w) / (scale.sum() + eps)
        pull = o["decay"] * scale.sum() * length(g) / (length(w) + eps)
        worth = ((g + parts.get("pull", lambda pull: pull)(pull) * w) * way).sum()
        before = m
        m = parts.get("largest", np.maximum)(betas * m, np.abs(worth) + eps)
        clipped = parts.get("clipped", lambda h, before, m: np.minimum(np.maximum(h, -before), before))(
            worth, before, m
        )
        r = betas * r + clipped * parts.get("bet", lambda scale: scale)(scale)
        v = parts.get("fading", np.square)(betas) * v + np.square(worth)
        wealth = parts.get("start", lambda o: o["initial"] / o["memories"])(o) * m
        wealth = wealth + parts.get("won", lambda r: np.maximum(r, 0))(r)
        scale = wealth / (np.sqrt(v) + eps)
        total = parts.get("total", lambda scale: scale.sum())(scale)
        moved = parts.get("moved", lambda start, way, step, total: start - total * (way + step))(
            s.start, way, o["lr"] * g, total
        )
        return moved, mechanic_sgd.State(s.start, r, m, v, scale)

    return part


SCALES = [
    swap(mechanic_sgd, "mechanic-each-by-itself", "sums over all parameters; over each by itself",
          "update", WHOLE=False),
    wrong(mechanic_sgd, "mechanic-unclipped", "h within ±m; as it is, as in the paper",
          _mechanic(clipped=lambda h, before, m: h)),
    wrong(mechanic_sgd, "mechanic-clipped-late", "h within ±m of the step before; of this one",
          _mechanic(clipped=lambda h, before, m: np.minimum(np.maximum(h, -m), m))),
    wrong(mechanic_sgd, "mechanic-debts", "what has been won, or 0; what has been won or lost",
          _mechanic(won=lambda r: r)),
    wrong(mechanic_sgd, "mechanic-one-memory", "a memory for each scale; the first for all",
          _mechanic(betas=lambda n: np.full(n, 0.9))),
    wrong(mechanic_sgd, "mechanic-memories-from-zero", "1 − 0.1ⁱ from i = 1; from 0",
          _mechanic(betas=lambda n: 1 - 0.1 ** np.arange(n))),
    wrong(mechanic_sgd, "mechanic-squares-fade-slowly", "β² v; β v", _mechanic(fading=lambda betas: betas)),
    wrong(mechanic_sgd, "mechanic-latest-size", "the largest size so far; the latest",
          _mechanic(largest=lambda before, now: now)),
    wrong(mechanic_sgd, "mechanic-bets-of-all", "each scale's own bet; their sum",
          _mechanic(bet=lambda scale: scale.sum())),
    wrong(mechanic_sgd, "mechanic-start-for-each", "the first wealth shared by all; for each",
          _mechanic(start=lambda o: o["initial"])),
    wrong(mechanic_sgd, "mechanic-mean-scale", "the sum of the scales; their mean",
          _mechanic(total=lambda scale: scale.mean())),
    wrong(mechanic_sgd, "mechanic-step-unscaled", "a scale of all the way; of the step before",
          _mechanic(moved=lambda start, way, step, total: start - total * way - step)),
    wrong(mechanic_sgd, "mechanic-pushes", "the decay beside the gradient; against it",
          _mechanic(pull=lambda pull: -pull)),
    wrong(mechanic_sgd, "mechanic-decay-ignored", "a decay where asked; none", told(decay=0.0)),
    wrong(mechanic_sgd, "mechanic-uphill", "θ₁ − way; θ₁ + way",
          _mechanic(moved=lambda start, way, step, total: start + total * (way + step))),
]  # fmt: skip

FAULTS = [*DISTANCES, *COINS, *AVERAGES, *ESTIMATES, *MODELS, *SCALES]
