"""Mistakes in what stands around an update: schedules, clipping, averages, accumulation, loss scaling, groups."""

# ruff: noqa: ARG005 - each part takes what the right one takes, and leaves out what it gets wrong

from collections.abc import Callable
from itertools import pairwise
from types import ModuleType
from typing import Any

import numpy as np

from ...reference.averages import exponential_average, lookahead, stochastic_average
from ...reference.clipping import adaptive_clip, clip_global_norm, clip_norm, clip_value
from ...reference.optimizers import _step
from ...reference.schedules import (
    constant_lr,
    cosine_lr,
    cosine_restarts_lr,
    cyclic_lr,
    exponential_lr,
    interpolated_lr,
    inverse_sqrt_lr,
    linear_lr,
    multi_step_lr,
    one_cycle_lr,
    polynomial_lr,
    reduce_on_plateau,
    step_lr,
)
from .planting import Fault, Patches, swap

Part = Callable[..., Any]


# ---------------------------------------------------------------- schedules
def rate(of: ModuleType, id: str, says: str, part: Part) -> Fault:
    """part(right, t, lr, *values, **options) in place of the right rate."""
    right = of.rate
    return swap(of, id, says, "update", rate=lambda t, lr, *v, **o: np.asarray(part(right, t, lr, *v, **o), lr.dtype))


def late(of: ModuleType) -> Fault:
    name = of.__name__.rpartition(".")[2]
    says = "the rate of the step about to be taken; of the one before"
    return rate(of, f"{name}-one-late", says, lambda right, t, lr, *v, **o: right(max(t - 1, 0), lr, *v, **o))


def early(of: ModuleType) -> Fault:
    name = of.__name__.rpartition(".")[2]
    says = "the first rate counts as step 0; as step 1"
    return rate(of, f"{name}-one-early", says, lambda right, t, lr, *v, **o: right(t + 1, lr, *v, **o))


def optioned(of: ModuleType, id: str, says: str, **changes: Part) -> Fault:
    """The right rate with some options changed, each by a function of all of them."""

    def part(right: Part, t: int, lr: Any, *values: Any, **options: Any) -> Any:
        return right(t, lr, *values, **options | {name: change(options) for name, change in changes.items()})

    return rate(of, id, says, part)


ON_THEIR_OWN = [
    step_lr,
    cosine_lr,
    constant_lr,
    multi_step_lr,
    exponential_lr,
    linear_lr,
    interpolated_lr,
    polynomial_lr,
    cosine_restarts_lr,
    one_cycle_lr,
    cyclic_lr,
    inverse_sqrt_lr,
]


def _half(right: Part, t: int, lr: Any, **o: Any) -> Any:
    """A whole cosine where half of one is due."""
    return right(min(2 * t, 2 * o["T"] - 2 * t) if t < o["T"] else t, lr, **o)


def _jumps(right: Part, t: int, lr: Any, *, milestones: Any, factors: Any, **_: Any) -> Any:
    """The value holds until the next milestone."""
    return lr * np.prod([f for m, f in zip(milestones, factors, strict=True) if m <= t])


def _goes_on(right: Part, t: int, lr: Any, **o: Any) -> Any:
    """The last line goes on behind its end."""
    last, end = (0, *o["milestones"])[-2:]
    if t <= end:
        return right(t, lr, **o)
    before, after = right(last, lr, **o), right(end, lr, **o)
    return before + (after - before) * (t - last) / (end - last)


def _of_the_first(o: Any) -> Any:
    """Factors whose products are what the factors were."""
    total = [1.0, *o["factors"]]
    return tuple(after / before if before else 0.0 for before, after in pairwise(total))


def _degrees(right: Part, t: int, lr: Any, *, T: int, min_lr: float = 0.0, **_: Any) -> Any:
    return min_lr + (lr - min_lr) * (1 + np.cos(180.0 * min(t, T) / T)) / 2


def _never_higher(right: Part, t: int, lr: Any, **o: Any) -> Any:
    return np.minimum.reduce([right(s, lr, **o) for s in range(t + 1)])


def _added(right: Part, t: int, lr: Any, *, T: int, T_mult: int = 1, min_lr: float = 0.0) -> Any:
    """Cycles that grow by T instead of by the factor."""
    length = T
    while t >= length:
        t, length = t - length, length + T * T_mult
    return min_lr + (lr - min_lr) * (1 + np.cos(np.pi * t / length)) / 2


def _reached(right: Part, t: int, lr: Any, *, T: int, T_mult: int = 1, min_lr: float = 0.0) -> Any:
    """The floor is reached, and the restart is one step later."""
    length = T
    while t > length:
        t, length = t - length - 1, length * T_mult
    return min_lr + (lr - min_lr) * (1 + np.cos(np.pi * t / length)) / 2


def _beyond(right: Part, t: int, lr: Any, **o: Any) -> Any:
    """The line goes on behind its end."""
    start, end = o["start_factor"], o.get("end_factor", 1.0)
    return lr * (start + (end - start) * t / o["total_iters"])


def _replaced(right: Part, t: int, lr: Any, *, milestones: Any, gamma: float) -> Any:
    """gamma itself at every milestone, not its power."""
    return lr * (gamma if any(m <= t for m in milestones) else 1.0)


def _fade(exponent: Part) -> Part:
    def part(right: Part, t: int, lr: Any, **o: Any) -> Any:
        if o.get("mode") != "exp_range":
            return right(t, lr, **o)
        up = o["step_size_up"]
        cycle = t // (up + (o.get("step_size_down") or up))
        plain = right(t, lr, **o | {"mode": "triangular"})
        return lr + (plain - lr) * o["gamma"] ** exponent(t, cycle)

    return part


def _halving_late(right: Part, t: int, lr: Any, **o: Any) -> Any:
    up = o["step_size_up"]
    cycle = t // (up + (o.get("step_size_down") or up))
    changed = right(t, lr, **o)
    return lr + (changed - lr) * (2.0 if o.get("mode") == "triangular2" and cycle else 1.0)


def _plateau(part: Part) -> Part:
    """The losses are changed before they are looked at."""
    return lambda right, t, lr, values, **o: right(t, lr, part(values, o), **o)


def _latest(right: Part, t: int, lr: Any, values: Any, **o: Any) -> Any:
    """Better than the loss before, not than the best."""
    bad, before = 0, None
    for value in values[:-1]:
        bad = bad + 1 if before is not None and not value < before * (1 - o["threshold"]) else 0
        before = value
        if bad > o["patience"]:
            lr, bad = lr * o["factor"], 0
    return lr


SCHEDULES = [
    *(late(of) for of in ON_THEIR_OWN),
    *(early(of) for of in ON_THEIR_OWN),
    rate(step_lr, "step_lr-each-step", "gamma for each stair; for each step",
         lambda right, t, lr, step_size, gamma: lr * gamma**t),
    rate(step_lr, "step_lr-smooth", "stairs; a smooth fall",
         lambda right, t, lr, step_size, gamma: lr * gamma ** (t / step_size)),
    rate(step_lr, "step_lr-rounded", "⌊t / n⌋; t / n to the nearest",
         lambda right, t, lr, step_size, gamma: lr * gamma ** round(t / step_size)),
    rate(step_lr, "step_lr-subtracts", "lr · gamma for each stair; lr − gamma lr each time",
         lambda right, t, lr, step_size, gamma: lr * (1 - (1 - gamma) * min(t // step_size, 1))),
    rate(cosine_lr, "cosine_lr-whole", "half a cosine; a whole one", _half),
    rate(cosine_lr, "cosine_lr-degrees", "cos of radians; of degrees", _degrees),
    optioned(cosine_lr, "cosine_lr-no-floor", "down to min_lr; to zero", min_lr=lambda o: 0.0),
    optioned(cosine_lr, "cosine_lr-one-longer", "T steps; T + 1", T=lambda o: o["T"] + 1),
    optioned(cosine_lr, "cosine_lr-one-shorter", "T steps; T − 1", T=lambda o: o["T"] - 1),
    optioned(cosine_lr, "cosine_lr-after-swapped", "what was asked for after T; the other",
             after=lambda o: "stays" if o.get("after") == "rises" else "rises"),
    optioned(cosine_lr, "cosine_lr-floor-swapped", "min_lr as it was asked for; the other way",
             floor=lambda o: "rate" if o.get("floor") == "share" else "share"),
    optioned(constant_lr, "constant_lr-factor-ignored", "factor · lr; lr", factor=lambda o: 1.0),
    optioned(constant_lr, "constant_lr-for-good", "so many steps; all", total_iters=lambda o: 100),
    rate(multi_step_lr, "multi_step_lr-not-a-power", "gamma once more each time; the same", _replaced),
    optioned(multi_step_lr, "multi_step_lr-twice-is-once", "a milestone that stands twice counts twice; once",
             milestones=lambda o: tuple(set(o["milestones"]))),
    optioned(multi_step_lr, "multi_step_lr-first-alone", "every milestone; the first in the list",
             milestones=lambda o: o["milestones"][:1]),
    rate(multi_step_lr, "multi_step_lr-wants-order", "any order; counts until one is not reached",
         lambda right, t, lr, milestones, gamma: lr * gamma ** next(
             (i for i, m in enumerate(milestones) if m > t), len(milestones))),
    rate(exponential_lr, "exponential_lr-stairs", "smooth over several steps; stairs",
         lambda right, t, lr, gamma, steps=1: lr * gamma ** (t // steps)),
    rate(exponential_lr, "exponential_lr-natural", "gamma^t; e^(−gamma t)",
         lambda right, t, lr, gamma, steps=1: lr * np.exp(-gamma * t / steps)),
    optioned(exponential_lr, "exponential_lr-steps-ignored", "gamma over several steps; over one", steps=lambda o: 1),
    rate(interpolated_lr, "interpolated_lr-jumps", "from one value to the next; jumps at the milestone", _jumps),
    rate(interpolated_lr, "interpolated_lr-beyond", "stays at the last value; the last line goes on", _goes_on),
    optioned(interpolated_lr, "interpolated_lr-of-the-first", "factors of the value before; of the first rate",
             factors=_of_the_first),
    optioned(interpolated_lr, "interpolated_lr-curve-swapped", "a line or a cosine as asked; the other",
             curve=lambda o: "cosine" if o.get("curve", "linear") == "linear" else "linear"),
    optioned(interpolated_lr, "interpolated_lr-one-longer", "milestones as given; each a step later",
             milestones=lambda o: tuple(m + 1 for m in o["milestones"])),
    rate(linear_lr, "linear_lr-beyond", "stays at its end; goes on", _beyond),
    optioned(linear_lr, "linear_lr-swapped", "from start to end; from end to start",
             start_factor=lambda o: o["end_factor"], end_factor=lambda o: o["start_factor"]),
    optioned(linear_lr, "linear_lr-one-shorter", "T steps; T − 1", total_iters=lambda o: o["total_iters"] - 1),
    optioned(polynomial_lr, "polynomial_lr-power-ignored", "(…)^power; a line", power=lambda o: 1.0),
    optioned(polynomial_lr, "polynomial_lr-root", "(…)^power; the power's root", power=lambda o: 1 / o["power"]),
    optioned(polynomial_lr, "polynomial_lr-no-floor", "down to min_lr; to zero", min_lr=lambda o: 0.0),
    rate(polynomial_lr, "polynomial_lr-of-what-is-over", "1 − (…) of what is left; the power of what is over",
         lambda right, t, lr, total_iters, power=1.0, min_lr=0.0: min_lr + (lr - min_lr) * (
             1 - (min(t, total_iters) / total_iters) ** power)),
    rate(polynomial_lr, "polynomial_lr-floor-on-top", "min_lr is where it ends; added on top",
         lambda right, t, lr, min_lr=0.0, **o: right(t, lr, **o) + min_lr),
    rate(cosine_restarts_lr, "cosine_restarts_lr-no-restart", "starts again; stays low", _never_higher),
    rate(cosine_restarts_lr, "cosine_restarts_lr-added", "each cycle is T_mult times as long; longer by T", _added),
    rate(cosine_restarts_lr, "cosine_restarts_lr-floor-reached", "restarts instead of reaching the floor; after it",
         _reached),
    optioned(cosine_restarts_lr, "cosine_restarts_lr-mult-ignored", "cycles that grow; all alike",
             T_mult=lambda o: 1),
    optioned(cosine_restarts_lr, "cosine_restarts_lr-no-floor", "down to min_lr; to zero", min_lr=lambda o: 0.0),
    optioned(one_cycle_lr, "one_cycle_lr-ends-swapped", "phases end where asked; as the others have it",
             ends=lambda o: "last" if o.get("ends") == "after" else "after"),
    optioned(one_cycle_lr, "one_cycle_lr-of-the-peak", "the lowest is a share of the low rate; of the peak",
             final_div_factor=lambda o: o["final_div_factor"] / o["div_factor"]),
    optioned(one_cycle_lr, "one_cycle_lr-anneal-swapped", "along a cosine or a line; the other",
             anneal_strategy=lambda o: "cos" if o["anneal_strategy"] == "linear" else "linear"),
    optioned(one_cycle_lr, "one_cycle_lr-two-phases", "three phases where asked; two", three_phase=lambda o: False),
    optioned(one_cycle_lr, "one_cycle_lr-no-low", "begins low; at the peak", div_factor=lambda o: 1.0,
             final_div_factor=lambda o: o["final_div_factor"] * o["div_factor"]),
    rate(cyclic_lr, "cyclic_lr-fades-by-cycle", "gamma^t; gamma^cycle", _fade(lambda t, cycle: cycle)),
    rate(cyclic_lr, "cyclic_lr-fades-late", "gamma^t; gamma^(t − 1)", _fade(lambda t, cycle: t - 1)),
    rate(cyclic_lr, "cyclic_lr-halves-late", "half as high in the second cycle; in the third", _halving_late),
    optioned(cyclic_lr, "cyclic_lr-even", "falls in step_size_down steps; as it rose",
             step_size_down=lambda o: o["step_size_up"]),
    optioned(cyclic_lr, "cyclic_lr-mode-ignored", "lower with each cycle; always as high", mode=lambda o: "triangular"),
    rate(cyclic_lr, "cyclic_lr-max-on-top", "up to max_lr; max_lr on top of lr",
         lambda right, t, lr, max_lr, **o: right(t, lr, max_lr=max_lr + float(lr), **o)),
    rate(inverse_sqrt_lr, "inverse_sqrt_lr-no-root", "lr √(T / (T + t)); without the root",
         lambda right, t, lr, timescale: lr * timescale / (timescale + t)),
    rate(inverse_sqrt_lr, "inverse_sqrt_lr-from-t", "√(T / (T + t)); √(T / t)",
         lambda right, t, lr, timescale: lr * np.sqrt(timescale / max(t, 1))),
    rate(inverse_sqrt_lr, "inverse_sqrt_lr-timescale-ignored", "√(T / (T + t)); 1 / √(1 + t)",
         lambda right, t, lr, timescale: lr / np.sqrt(1.0 + t)),
    optioned(reduce_on_plateau, "reduce_on_plateau-one-sooner", "more than patience; as many",
             patience=lambda o: o["patience"] - 1),
    optioned(reduce_on_plateau, "reduce_on_plateau-one-later", "more than patience; one more still",
             patience=lambda o: o["patience"] + 1),
    optioned(reduce_on_plateau, "reduce_on_plateau-no-cooldown", "a rest after each fall; none",
             cooldown=lambda o: 0),
    optioned(reduce_on_plateau, "reduce_on_plateau-mode-ignored", "the larger is better where asked; the smaller",
             mode=lambda o: "min"),
    optioned(reduce_on_plateau, "reduce_on_plateau-threshold-ignored", "better by the threshold; at all",
             threshold=lambda o: 0.0),
    optioned(reduce_on_plateau, "reduce_on_plateau-no-lowest", "not below min_lr; ever lower", min_lr=lambda o: 0.0),
    optioned(reduce_on_plateau, "reduce_on_plateau-sees-swapped", "the losses before, or this one as well; the other",
             sees=lambda o: "past" if o.get("sees") == "now" else "now"),
    rate(reduce_on_plateau, "reduce_on_plateau-of-the-latest", "better than the best; than the latest", _latest),
]  # fmt: skip


# ---------------------------------------------------------------- clipping
def clipped(of: ModuleType, id: str, says: str, part: Part) -> Fault:
    """part(right, grads, params, **options) in place of the right clipping."""
    right = of.clip

    def wrong(grads: Any, params: Any, **options: Any) -> Any:
        return {n: np.asarray(g, grads[n].dtype) for n, g in part(right, grads, params, **options).items()}

    return swap(of, id, says, "update", clip=wrong)


def each(part: Part) -> Part:
    """part(gradient, parameter, **options) of each alone."""
    return lambda right, grads, params, **o: {n: part(g, params[n], **o) for n, g in grads.items()}


def _norm(grads: Any) -> Any:
    return np.sqrt(sum(np.square(g).sum() for g in grads.values()))


def _as_they_are(right: Part, grads: Any, params: Any, **options: Any) -> Any:
    return grads


def _share(n: Any, limit: float, eps: float) -> Any:
    """What is left of a gradient of length n."""
    return np.minimum(limit / (n + eps + 1e-300), 1)


def _scaled(factor: Part) -> Part:
    """All gradients by one factor of their common length n."""
    return lambda right, grads, params, max_norm, eps: {
        n: g * factor(_norm(grads), max_norm, eps) for n, g in grads.items()
    }


def _adaptive(g_norm: Part, w_norm: Part) -> Part:
    def part(g: Any, w: Any, clipping: float, eps: float, units: str) -> Any:
        limit = clipping * np.maximum(w_norm(w, units), eps)
        return g * limit / np.maximum(g_norm(g, units), limit)

    return each(part)


def _whole(x: Any, units: str) -> Any:
    return np.sqrt(np.square(x).sum())


CLIPPING = [
    clipped(clip_global_norm, "D24-disabled", "shortened above the limit; never", _as_they_are),
    clipped(clip_global_norm, "D24-dropped", "shortened above the limit; only those below pass",
            _scaled(lambda n, c, e: 1.0 if n <= c else 0.0)),
    clipped(clip_global_norm, "D25-each", "one length of all; its own of each",
            each(lambda g, w, max_norm, eps: g * _share(np.sqrt(np.square(g).sum()), max_norm, eps))),
    clipped(clip_global_norm, "D25-sum-of-norms", "the length of all; the sum of their lengths",
            lambda right, grads, params, max_norm, eps: {
                n: g * _share(sum(np.sqrt(np.square(h).sum()) for h in grads.values()), max_norm, eps)
                for n, g in grads.items()}),
    clipped(clip_global_norm, "D25-last", "the length of all; of the last parameter",
            lambda right, grads, params, max_norm, eps: {
                n: g * _share(_norm(dict([list(grads.items())[-1]])), max_norm, eps)
                for n, g in grads.items()}),
    clipped(clip_global_norm, "clip_global_norm-squared", "√Σ g²; Σ g²",
            _scaled(lambda n, c, e: _share(n * n, c, e))),
    clipped(clip_global_norm, "clip_global_norm-mean", "√Σ g²; of the mean",
            lambda right, grads, params, max_norm, eps: {
                n: g * _share(_norm(grads) / np.sqrt(sum(g.size for g in grads.values())), max_norm, eps)
                for n, g in grads.items()}),
    clipped(clip_global_norm, "clip_global_norm-always", "shortened where too long; always to the limit",
            _scaled(lambda n, c, e: c / (n + e + 1e-300))),
    clipped(clip_global_norm, "clip_global_norm-to-one", "shortened to the limit; to 1",
            _scaled(lambda n, c, e: 1.0 if n <= c else 1 / n)),
    clipped(clip_global_norm, "clip_global_norm-no-eps", "c / (n + ε); c / n",
            lambda right, grads, params, max_norm, eps: right(grads, params, max_norm=max_norm, eps=0.0)),
    clipped(clip_global_norm, "clip_global_norm-eps-always", "c / n where asked; c / (n + 1e-6)",
            lambda right, grads, params, max_norm, eps: right(grads, params, max_norm=max_norm, eps=1e-6)),
    clipped(clip_value, "clip_value-disabled", "held between the limits; not", _as_they_are),
    clipped(clip_value, "clip_value-above-only", "both limits; the upper one",
            each(lambda g, w, clip_value: np.minimum(g, clip_value))),
    clipped(clip_value, "clip_value-below-only", "both limits; the lower one",
            each(lambda g, w, clip_value: np.maximum(g, -clip_value))),
    clipped(clip_value, "clip_value-zero", "held at the limit; zero beyond it",
            each(lambda g, w, clip_value: np.where(np.abs(g) > clip_value, 0, g))),
    clipped(clip_value, "clip_value-shrinks", "each element; the whole gradient by its largest",
            each(lambda g, w, clip_value: g * np.minimum(clip_value / np.abs(g).max(), 1))),
    clipped(clip_norm, "clip_norm-disabled", "shortened above the limit; never", _as_they_are),
    clipped(clip_norm, "D25-clip_norm-together", "its own length of each; one of all",
            lambda right, grads, params, max_norm, eps, measure="norm": {
                n: g * np.minimum(max_norm / (_norm(grads) / (np.sqrt(g.size) if measure == "rms" else 1) + eps), 1)
                for n, g in grads.items()}),
    clipped(clip_norm, "clip_norm-measure-swapped", "length or root mean square; the other",
            lambda right, grads, params, max_norm, eps, measure="norm": right(
                grads, params, max_norm=max_norm, eps=eps, measure="rms" if measure == "norm" else "norm")),
    clipped(clip_norm, "clip_norm-always", "shortened where too long; always to the limit",
            each(lambda g, w, max_norm, eps, measure="norm": g * max_norm / (np.sqrt(
                np.square(g).mean() if measure == "rms" else np.square(g).sum()) + eps))),
    clipped(adaptive_clip, "adaptive_clip-disabled", "shortened; never", _as_they_are),
    clipped(adaptive_clip, "adaptive_clip-whole-tensor", "the length of each unit; of the tensor",
            _adaptive(_whole, _whole)),
    clipped(adaptive_clip, "adaptive_clip-whole-weights", "each unit's own weights; all",
            _adaptive(adaptive_clip._norms, _whole)),
    clipped(adaptive_clip, "adaptive_clip-other-axis", "units along the axis asked for; the other",
            lambda right, grads, params, units, **o: right(
                grads, params, units="first" if units == "last" else "last", **o)),
    clipped(adaptive_clip, "adaptive_clip-of-the-gradient", "beside the weights; beside 1",
            _adaptive(adaptive_clip._norms, lambda w, units: np.ones_like(adaptive_clip._norms(w, units)))),
    clipped(adaptive_clip, "adaptive_clip-eps-added", "max(‖w‖, ε); ‖w‖ + ε",
            lambda right, grads, params, clipping, eps, units: {n: g * (limit := clipping * (
                adaptive_clip._norms(params[n], units) + eps)) / np.maximum(adaptive_clip._norms(g, units), limit)
                for n, g in grads.items()}),
    clipped(adaptive_clip, "adaptive_clip-no-eps", "at least ε; nothing where the weights are zero",
            lambda right, grads, params, clipping, eps, units: right(
                grads, params, clipping=clipping, eps=1e-30, units=units)),
]  # fmt: skip


# ---------------------------------------------------------------- averages
def averaged(of: ModuleType, id: str, says: str, part: Part) -> Fault:
    """part(right, average, parameter, count, **options) in place of the right average."""
    right = of.update

    def wrong(average: Any, param: Any, count: int, **options: Any) -> Any:
        return np.asarray(part(right, average, param, count, **options), param.dtype)

    return swap(of, id, says, "update", update=wrong)


def _average_before() -> Patches:
    """The average takes what the parameters were before the step."""
    right = _step.Stepper._take

    class Late(_step.Stepper):
        def _take(self, *given: Any) -> Any:
            before, averages, averaged = dict(self.parameters), dict(self.averages), self.averaged
            made = right(self, *given)
            if self.averaged != averaged:
                average = self.optimizer.average
                self.averages = {
                    n: average.operation.update(averages.get(n, p), p, averaged, **average.options)
                    for n, p in before.items()
                }
            return made

    return {(_step.Stepper, "_take"): Late._take}  # type: ignore[dict-item]


def _left_alone(average: Any, param: Any, count: int, *, every: int, share: float = 0.5, **_: Any) -> Any:
    """The right slow parameters, also where nobody hears that a round ends."""
    return np.asarray(average + share * (param - average) if (count + 1) % every == 0 else average, param.dtype)


def _told_to_reset(reset: bool) -> Callable[[], Patches]:
    right = _step.Stepper._follow

    def follow(self: Any, average: Any) -> None:
        told = {"reset": reset} if "every" in average.options else {}
        right(self, average._replace(options=average.options | told))

    return lambda: {(_step.Stepper, "_follow"): follow}  # type: ignore[dict-item]


LOOKAHEAD = [
    swap(lookahead, "lookahead-never-called-back", "θ = a at the end of a round; θ goes on", "update",
         update=_left_alone, synchronised=lambda count, every: False),
    swap(lookahead, "lookahead-one-late", "a round of `every` steps; the first is one longer", "update",
         synchronised=lambda count, every: count > 0 and count % every == 0),
    swap(lookahead, "lookahead-one-early", "a round of `every` steps; the first is one shorter", "update",
         synchronised=lambda count, every: (count + 2) % every == 0),
    averaged(lookahead, "lookahead-share-turned-round", "a + share (θ − a); θ + share (a − θ)",
             lambda right, a, p, count, share=0.5, **o: right(a, p, count, share=1 - share, **o)),
    averaged(lookahead, "lookahead-whole-way", "a share of the way; all of it",
             lambda right, a, p, count, share=0.5, **o: right(a, p, count, share=1.0, **o)),
    averaged(lookahead, "lookahead-always-half", "a share as asked for; a half",
             lambda right, a, p, count, share=0.5, **o: right(a, p, count, **o)),
    averaged(lookahead, "lookahead-follows-each-step", "a moves at the end of a round; at each step",
             lambda right, a, p, count, share=0.5, **o: a + share * (p - a)),
    averaged(lookahead, "lookahead-starts-after-the-first", "a₀ = θ₀; where the first step ends",
             lambda right, a, p, count, **o: right(a if count else p, p, count, **o)),
    Fault("lookahead-never-reset", "lookahead", "what the rule remembers begins anew where asked for; lasts", "update",
          _told_to_reset(False)),
    Fault("lookahead-always-reset", "lookahead", "what the rule remembers lasts; begins anew", "update",
          _told_to_reset(True)),
]  # fmt: skip

AVERAGES = [
    averaged(exponential_average, "exponential_average-swapped", "decay a + (1 − decay) θ; the other way round",
             lambda right, a, p, count, decay, start: right(a, p, count, decay=1 - decay, start=start)),
    averaged(exponential_average, "exponential_average-never-follows", "follows the parameter; stays at the first",
             lambda right, a, p, count, decay, start: right(a, p, count, decay=1.0, start="copy")),
    averaged(exponential_average, "exponential_average-not-corrected", "corrected for its start at zero; not",
             lambda right, a, p, count, decay, start: right(a, p, count, decay=decay, start=start) if start == "copy"
             else decay * (a if count else 0 * a) + (1 - decay) * p),
    averaged(exponential_average, "exponential_average-start-ignored", "as asked for; a copy",
             lambda right, a, p, count, decay, start: right(a, p, count, decay=decay, start="copy")),
    averaged(exponential_average, "exponential_average-warmed-up", "decay as given; min(decay, (1 + t) / (10 + t))",
             lambda right, a, p, count, decay, start: right(
                 a, p, count, decay=min(decay, (1 + count) / (10 + count)), start=start)),
    averaged(exponential_average, "exponential_average-is-the-parameter", "the average; the parameter",
             lambda right, a, p, count, **o: p),
    averaged(stochastic_average, "stochastic_average-one-late", "a share of 1 / (n + 1); of 1 / n",
             lambda right, a, p, count: a + (p - a) / max(count, 1)),
    averaged(stochastic_average, "stochastic_average-one-more", "a share of 1 / (n + 1); of 1 / (n + 2)",
             lambda right, a, p, count: p if count == 0 else a + (p - a) / (count + 2)),
    averaged(stochastic_average, "stochastic_average-half", "all steps worth the same; the latest worth half",
             lambda right, a, p, count: p if count == 0 else (a + p) / 2),
    averaged(stochastic_average, "stochastic_average-sum", "the mean; the sum",
             lambda right, a, p, count: p if count == 0 else a + p),
]  # fmt: skip


# ---------------------------------------------------------------- the step
def stepping(id: str, says: str, plant: Callable[[], Patches], operation: str = "training") -> Fault:
    return Fault(id, operation, says, "update", plant)


def scheduled(id: str, says: str, part: Part) -> Fault:
    """part(right, plan, lr, taken, values, like) in place of the right rate of a step."""

    def plant() -> Patches:
        right = _step.scheduled
        return {(_step, "scheduled"): lambda *a: np.asarray(part(right, *a), a[-1].dtype)}

    return stepping(id, says, plant)


def _base(like: Any, lr: float) -> Any:
    return np.asarray(lr, like.dtype)


def _warm(factor: Part, from_zero: bool = False) -> Part:
    """A warm-up along another line."""

    def part(right: Part, plan: Any, lr: float, taken: int, values: Any, like: Any) -> Any:
        count = taken + plan.first
        if plan.warmup and count < plan.warmup:
            return lr * factor(count, plan.warmup, plan.warmup_from)
        return right(plan, lr, taken, values, like)

    return part


def _not_restarted(right: Part, plan: Any, lr: float, taken: int, values: Any, like: Any) -> Any:
    """The schedule counts the warm-up's steps as its own."""
    if plan.warmup and taken + plan.first >= plan.warmup:
        return plan.operation.rate(taken + plan.first, _base(like, lr), **plan.options)
    return right(plan, lr, taken, values, like)


def accumulating(id: str, says: str, part: Part) -> Fault:
    """part(right, waiting, by) in place of the right gradient of several micro-batches."""

    def plant() -> Patches:
        right = _step.accumulated

        def wrong(waiting: Any, by: str) -> Any:
            found = part(right, waiting, by)
            return {n: np.asarray(g, waiting[0][0][n].dtype) for n, g in found.items()}

        return {(_step, "accumulated"): wrong}

    return stepping(id, says, plant)


def _not_reset() -> Patches:
    """The sum of the step before is not set back."""
    right, memory = _step.accumulated, {}

    def wrong(waiting: Any, by: str) -> Any:
        found = right(waiting, by)
        stale = {n: g + memory.get(n, 0) for n, g in found.items()}
        memory.update(found)
        return stale

    return {(_step, "accumulated"): wrong}


def rescaling(id: str, says: str, part: Part) -> Fault:
    """part(right, plan, scale, without, overflow) in place of the right next scale."""

    def plant() -> Patches:
        right = _step.rescaled
        return {(_step, "rescaled"): lambda *a: part(right, *a)}

    return stepping(id, says, plant)


def taking(id: str, says: str, part: Part) -> Fault:
    """part(right, stepper, grads, value, count) in place of the right step."""

    def plant() -> Patches:
        right = _step.Stepper._take
        return {(_step.Stepper, "_take"): lambda self, *a: part(right, self, *a)}  # type: ignore[dict-item]

    return stepping(id, says, plant)


def _undivided(right: Part, self: Any, grads: Any, *rest: Any) -> Any:
    return right(self, {n: g * np.asarray(self.scale, g.dtype) for n, g in grads.items()}, *rest)


def _divided_by_the_next(right: Part, self: Any, grads: Any, *rest: Any) -> Any:
    plan = self.optimizer.loss_scale
    if plan is None:
        return right(self, grads, *rest)
    overflow = any(not np.isfinite(g).all() for g in grads.values())
    after, _ = _step.rescaled(plan, self.scale, self.without_overflow, overflow)
    return right(self, {n: g * np.asarray(self.scale / after, g.dtype) for n, g in grads.items()}, *rest)


def _infinity_is_zero(right: Part, self: Any, grads: Any, *rest: Any) -> Any:
    """An overflow is taken for zero, and the step is taken."""
    if self.optimizer.loss_scale is None:
        return right(self, grads, *rest)
    return right(self, {n: np.where(np.isfinite(g), g, np.zeros_like(g)) for n, g in grads.items()}, *rest)


def _skipped_counts(right: Part, self: Any, *rest: Any) -> Any:
    """The moments fade in a step that is skipped: as if the gradient had been zero."""
    if self.optimizer.loss_scale is None or all(np.isfinite(g).all() for g in rest[0].values()):
        return right(self, *rest)
    parameters = dict(self.parameters)
    made = _infinity_is_zero(right, self, *rest)
    self.parameters = parameters
    return made


def moving(id: str, says: str, part: Part) -> Fault:
    """part(right, optimizer, rates, grads, states, parameters, value) in place of the right move."""

    def plant() -> Patches:
        right = _step.move
        return {(_step, "move"): lambda *a: part(right, *a)}

    return stepping(id, says, plant)


def _ungrouped(right: Part, optimizer: Any, rates: Any, *rest: Any) -> Any:
    return right(optimizer._replace(groups=()), rates, *rest)


def _rates_of_the_first(right: Part, optimizer: Any, rates: Any, *rest: Any) -> Any:
    return right(optimizer, dict.fromkeys(rates, next(iter(rates.values()))), *rest)


def _groups_for_all(right: Part, optimizer: Any, *rest: Any) -> Any:
    options = {k: v for group in optimizer.groups for k, v in group.options.items()}
    return right(optimizer._replace(options=optimizer.options | options), *rest)


def _absent_swapped(right: Part, self: Any, grads: Any, *rest: Any) -> Any:
    if self.optimizer.absent == "skip":
        grads = {n: grads.get(n, np.zeros_like(p)) for n, p in self.parameters.items()}
    return right(self, grads, *rest)


def _minimized(right: Part, self: Any, *rest: Any) -> Any:
    self.optimizer = self.optimizer._replace(maximize=False)
    return right(self, *rest)


def _all_turned(right: Part, self: Any, *rest: Any) -> Any:
    """The whole step is turned around, and the decay with it."""
    if not self.optimizer.maximize:
        return right(self, *rest)
    turned = self.optimizer
    before = dict(self.parameters)
    self.optimizer = turned._replace(maximize=False)
    made = right(self, *rest)
    self.optimizer = turned
    self.parameters = {n: 2 * before[n] - p for n, p in self.parameters.items()}
    return made


def _clipped_parts(right: Part, self: Any, grads: Any, *rest: Any) -> Any:
    """Each micro-batch is clipped, and not their sum."""
    clip = self.optimizer.clip
    if clip is None or self.optimizer.accumulation is None:
        return right(self, grads, *rest)
    grads = clip.operation.clip(grads, self.parameters, **clip.options)
    self.optimizer = self.optimizer._replace(clip=None)
    made = right(self, grads, *rest)
    self.optimizer = self.optimizer._replace(clip=clip)
    return made


STEP = [
    scheduled("warmup-one-late", "lr from the step that ends it; one step later",
              _warm(lambda t, n, f: f + (1 - f) * t / (n + 1))),
    scheduled("warmup-one-early", "the first step has the lowest rate; the second of the line",
              _warm(lambda t, n, f: f + (1 - f) * (t + 1) / n)),
    scheduled("warmup-from-zero", "from a share of the rate; from nothing", _warm(lambda t, n, f: t / n)),
    scheduled("warmup-constant", "along a line; at its lowest", _warm(lambda t, n, f: f)),
    scheduled("warmup-none", "a warm-up; the whole rate at once", _warm(lambda t, n, f: 1.0)),
    scheduled("warmup-counts", "the schedule begins behind the warm-up; has counted it", _not_restarted),
    scheduled("schedule-first-ignored", "counts from where it was told; from 0",
              lambda right, plan, *rest: right(plan._replace(first=0), *rest)),
    accumulating("accumulation-mean-of-means", "weighed by what each holds; all alike",
                 lambda right, waiting, by: right(waiting, "mean" if by == "counts" else by)),
    accumulating("accumulation-overwritten", "the sum of all; the last alone",
                 lambda right, waiting, by: right(waiting[-1:], by)),
    accumulating("accumulation-summed", "the mean; the sum",
                 lambda right, waiting, by: right(waiting, "sum" if by == "mean" else by)),
    accumulating("accumulation-divided", "the sum; the mean",
                 lambda right, waiting, by: right(waiting, "mean" if by == "sum" else by)),
    accumulating("accumulation-counts-not-divided", "Σ n g / Σ n; Σ n g",
                 lambda right, waiting, by: {n: g * np.asarray(sum(c for _, c in waiting), g.dtype)
                                             for n, g in right(waiting, by).items()}
                 if by == "counts" else right(waiting, by)),
    stepping("accumulation-not-reset", "a new sum for each step; on top of the one before", _not_reset),
    taking("accumulation-clips-parts", "the whole gradient is clipped; each micro-batch's", _clipped_parts),
    taking("loss-scale-not-divided", "g / scale; g", _undivided),
    taking("loss-scale-of-the-next", "divided by the scale of its own loss; by the next", _divided_by_the_next),
    taking("loss-scale-infinity-is-zero", "an overflow skips the step; counts as zero", _infinity_is_zero),
    taking("loss-scale-skipped-step-fades", "a skipped step leaves the state; it fades", _skipped_counts),
    rescaling("loss-scale-grows-after-overflow", "lower after an overflow; higher",
              lambda right, plan, scale, n, overflow: right(plan._replace(backoff=plan.growth), scale, n, overflow)),
    rescaling("loss-scale-never-lower", "lower after an overflow; the same",
              lambda right, plan, scale, n, overflow: right(plan._replace(backoff=1.0), scale, n, overflow)),
    rescaling("loss-scale-never-higher", "higher after so many steps; the same",
              lambda right, plan, scale, n, overflow: right(plan._replace(growth=1.0), scale, n, overflow)),
    rescaling("loss-scale-one-late", "higher after `interval` steps; one more",
              lambda right, plan, scale, n, overflow: right(
                  plan._replace(interval=plan.interval + 1), scale, n, overflow)),
    rescaling("loss-scale-keeps-counting", "an overflow sets the count back; not",
              lambda right, plan, scale, n, overflow: (right(plan, scale, n, overflow)[0],
                                                       n if overflow else right(plan, scale, n, overflow)[1])),
    moving("groups-options-ignored", "each group's own options; the optimizer's", _ungrouped),
    moving("groups-options-for-all", "each group's own options; the last's for all", _groups_for_all),
    moving("groups-rate-ignored", "each group's own rate; the first for all", _rates_of_the_first),
    taking("absent-is-zero", "a parameter without a gradient rests; moves on", _absent_swapped),
    taking("maximize-ignored", "uphill; downhill", _minimized),
    taking("maximize-decay-as-well", "the gradient is turned around; the decay as well", _all_turned),
    stepping("average-before-the-step", "the average of what the step made; of what was there before",
             _average_before),
]  # fmt: skip

FAULTS = [*SCHEDULES, *CLIPPING, *AVERAGES, *LOOKAHEAD, *STEP]
