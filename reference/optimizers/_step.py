"""One step of training: the update rule, and all that may stand around it, in the order in which it happens.

    accumulate   the gradients of several micro-batches become one
    unscale      a gradient of scale · loss is divided by the scale; where one overflowed, the step is skipped
    maximize     g = −g
    clip         gradients that are too large are made smaller
    update       each parameter moves by the rule, with its group's options and the schedule's rate
    average      a running average of the parameters follows them; one that is `synchronised` calls them back to it

Each is there only where the case asks for it.
"""

from collections.abc import Callable, Sequence
from types import ModuleType
from typing import Any, Literal, NamedTuple, TypeAlias

import numpy as np

from .. import Array, constants
from ._line_search import Objective

Values: TypeAlias = dict[str, Array]
Trace: TypeAlias = dict[str, Array]
Rate: TypeAlias = float | Array
LossAt: TypeAlias = Callable[[Values], tuple[Array, Values]]
"""The loss and the gradients of a batch, at any parameters."""


class Call(NamedTuple):
    """An operation with its options."""

    operation: ModuleType
    options: dict[str, Any]


class Schedule(NamedTuple):
    """The rate of each step, from the optimizer's own; perhaps after a warm-up along a straight line."""

    operation: ModuleType
    options: dict[str, Any]
    first: int = 0  # what the first step counts as
    warmup: int = 0  # steps of the warm-up
    warmup_from: float = 0.0  # where it begins, as a share of the rate


class Group(NamedTuple):
    """Parameters that have rates and options of their own."""

    parameters: tuple[str, ...]
    rates: tuple[float, ...]
    options: dict[str, Any]


class Accumulation(NamedTuple):
    """The parameters move after every so many micro-batches."""

    every: int
    by: Literal["mean", "sum", "counts"]  # counts: each micro-batch weighs as many examples or tokens as it has


class LossScale(NamedTuple):
    """Dynamic loss scaling: Micikevicius et al. (2018), Mixed precision training, section 3.2."""

    init: float
    growth: float = 2.0
    backoff: float = 0.5
    interval: int = 2000  # steps without an overflow, after which the scale grows


class Optimizer(NamedTuple):
    """An update rule with all that stands around it. `rates` are those of the batches, in turn."""

    operation: ModuleType
    rates: tuple[float, ...]
    options: dict[str, Any]
    groups: tuple[Group, ...] = ()
    maximize: bool = False
    absent: Literal["skip", "zero"] = "skip"  # a parameter without a gradient: left alone, or one of zeros
    schedule: Schedule | None = None
    clip: Call | None = None
    average: Call | None = None
    accumulation: Accumulation | None = None
    loss_scale: LossScale | None = None


class Stepper:
    """Takes steps, and remembers what lasts from one to the next."""

    def __init__(self, optimizer: Optimizer, parameters: Values) -> None:
        self.optimizer = optimizer
        self.parameters = dict(parameters)
        self.states: dict[str, Any] = {}
        self.seen = 0  # batches
        self.taken = 0  # steps, which are fewer where gradients accumulate or overflow
        self.averages: Values = dict(parameters) if _calls_back(optimizer.average) else {}
        self.averaged = 0
        self.values: list[Array] = []
        self.waiting: list[tuple[Values, int]] = []
        self.scale = optimizer.loss_scale.init if optimizer.loss_scale else 1.0
        self.without_overflow = 0

    def step(self, grads: Values, value: Array | None = None, count: int = 1, loss_at: LossAt | None = None) -> Trace:
        """Take the gradients of one batch, the loss there and elsewhere, and how many examples it had.

        Returns what came of it, under the names of a trace without their step: update.<parameter> …
        """
        self.seen += 1
        made = self._take(grads, value, count, loss_at)
        made |= {f"update.{name}": p for name, p in self.parameters.items()}
        for name, state in self.states.items():
            for buffer, x in state._asdict().items():
                if isinstance(x, np.ndarray | np.floating):  # not a count, and not what is not there yet
                    made[f"state.{buffer}.{name}"] = np.asanyarray(x)
        return made | {f"average.{name}": x for name, x in self.averages.items()}

    def _take(self, grads: Values, value: Array | None, count: int, loss_at: LossAt | None) -> Trace:
        """The step itself, if there is one; the gradients as they were clipped, the rate, the loss scale after it."""
        optimizer, made = self.optimizer, {}
        if value is not None:
            self.values.append(value)
        if optimizer.accumulation:
            self.waiting.append((grads, count))
            if len(self.waiting) < optimizer.accumulation.every:
                return {}
            grads, self.waiting = accumulated(self.waiting, optimizer.accumulation.by), []
        if optimizer.absent == "zero":
            grads = {name: grads.get(name, np.zeros_like(p)) for name, p in self.parameters.items()}
        if optimizer.loss_scale:
            overflow = any(not np.isfinite(g).all() for g in grads.values())
            grads = {name: g / self.scale for name, g in grads.items()}
            self.scale, self.without_overflow = rescaled(
                optimizer.loss_scale, self.scale, self.without_overflow, overflow
            )
            like = next(iter(self.parameters.values()))
            made["scale"] = np.full_like(like, self.scale, shape=())
            if overflow:
                return made
        if optimizer.maximize:
            grads = {name: -g for name, g in grads.items()}
        if optimizer.clip:
            grads = optimizer.clip.operation.clip(grads, self.parameters, **optimizer.clip.options)
            made |= {f"clipped.{name}": g for name, g in grads.items()}
        rates = {name: self._rate(name) for name in grads}
        if optimizer.schedule:
            made["rate"] = np.asanyarray(next(iter(rates.values())))
        moved, states = move(optimizer, rates, grads, self.states, self.parameters, value, loss_at)
        self.parameters |= moved
        self.states |= states
        self.taken += 1
        if optimizer.average:
            self._follow(optimizer.average)
        return made

    def _follow(self, average: Call) -> None:
        """The averages follow the parameters; or, at the end of a round, the parameters the averages."""
        operation, options = average
        self.averages = {
            name: operation.update(self.averages.get(name, p), p, self.averaged, **options)
            for name, p in self.parameters.items()
        }
        if _calls_back(average) and operation.synchronised(self.averaged, options["every"]):
            self.parameters = dict(self.averages)
            if options.get("reset", False):
                self.states = {}
        self.averaged += 1

    def _rate(self, name: str) -> Rate:
        """The learning rate of the step about to be taken, for this parameter."""
        own = group(self.optimizer, name)
        rates = own.rates if own else self.optimizer.rates
        if self.optimizer.schedule is None:
            return rates[self.seen - 1]
        return scheduled(self.optimizer.schedule, rates[0], self.taken, self.values, self.parameters[name])


def _calls_back(average: Call | None) -> bool:
    """Whether the average is one that the parameters begin at and come back to, as with lookahead."""
    return average is not None and hasattr(average.operation, "synchronised")


def group(optimizer: Optimizer, parameter: str) -> Group | None:
    """The group that a parameter is in, if it has one."""
    return next((group for group in optimizer.groups if parameter in group.parameters), None)


def move(
    optimizer: Optimizer,
    rates: dict[str, Rate],
    grads: Values,
    states: dict[str, Any],
    parameters: Values,
    value: Array | None = None,
    loss_at: LossAt | None = None,
) -> tuple[Values, dict[str, Any]]:
    """Each parameter that has a gradient, and its state, after the rule. Those of a whole vector move as one."""
    rule = optimizer.operation
    loss: dict[str, Any] = {"value": value} if getattr(rule, "NEEDS_VALUE", False) else {}
    if getattr(rule, "WHOLE", False):
        if getattr(rule, "NEEDS_OBJECTIVE", False) and loss_at and value is not None:
            loss["objective"] = _objective(value, loss_at, parameters, list(grads))
        return _move_whole(optimizer, rates, grads, states, parameters, loss)
    moved: Values = {}
    after: dict[str, Any] = {}
    for name, g in grads.items():
        own = group(optimizer, name)
        options = optimizer.options | (own.options if own else {})
        state = states[name] if name in states else rule.init(parameters[name])
        moved[name], after[name] = rule.update(g, state, parameters[name], lr=rates[name], **loss, **options)
    return moved, after


def _move_whole(
    optimizer: Optimizer,
    rates: dict[str, Rate],
    grads: Values,
    states: dict[str, Any],
    parameters: Values,
    loss: dict[str, Any],
) -> tuple[Values, dict[str, Any]]:
    """The rule sees all parameters as one vector, its state is that of "all"."""
    flat, g = _flat(parameters, list(grads)), _flat(grads, list(grads))
    state = states["all"] if states else optimizer.operation.init(flat)
    rate = next(iter(rates.values()))
    flat, state = optimizer.operation.update(g, state, flat, lr=rate, **loss, **optimizer.options)
    return _parted(flat, parameters, list(grads)), {"all": state}


def _objective(value: Array, loss_at: LossAt, parameters: Values, names: list[str]) -> Objective:
    """The loss of all parameters as one vector."""

    def at(flat: Array) -> tuple[Array, Array]:
        there, grads = loss_at(_parted(flat, parameters, names))
        return there, _flat(grads, names)

    return Objective(value, at)


def _flat(values: Values, names: list[str]) -> Array:
    """Those of these names as one vector."""
    return np.concatenate([values[name].reshape(-1) for name in names])


def _parted(flat: Array, parameters: Values, names: list[str]) -> Values:
    """The vector in the parameters' shapes."""
    parts: Values = {}
    start = 0
    for name in names:
        end = start + parameters[name].size
        parts[name] = flat[start:end].reshape(parameters[name].shape)
        start = end
    return parts


def accumulated(waiting: Sequence[tuple[Values, int]], by: str) -> Values:
    """One gradient of several micro-batches'.

    sum      g = Σᵢ gᵢ
    mean     g = Σᵢ gᵢ / m                 the gradient of the whole batch where all micro-batches are equal
    counts   g = Σᵢ nᵢ gᵢ / Σᵢ nᵢ          the gradient of the whole batch's mean, for micro-batches of any size
    """
    total: Values = {}
    for grads, count in waiting:
        for name, g in grads.items():
            weighed = count * g if by == "counts" else g
            total[name] = total[name] + weighed if name in total else weighed
    share = {"sum": 1, "mean": len(waiting), "counts": sum(count for _, count in waiting)}[by]
    return total if share == 1 else {name: g / share for name, g in total.items()}


def rescaled(plan: LossScale, scale: float, without_overflow: int, overflow: bool) -> tuple[float, int]:
    """The loss scale after a step, and for how many steps nothing has overflowed since it last changed.

    Scales are powers of two, or of what the case gives: floats hold them exactly.
    """
    if overflow:
        return scale * plan.backoff, 0
    if without_overflow + 1 == plan.interval:
        return scale * plan.growth, 0
    return scale, without_overflow + 1


def scheduled(plan: Schedule, lr: float, taken: int, values: Sequence[Array], like: Array) -> Array:
    """The rate of the step after `taken` others: along the warm-up, and then the schedule's, counted from its end."""
    base = lr * constants.whole(1, like)
    count = taken + plan.first
    if count < plan.warmup:
        return base * (plan.warmup_from + (1 - plan.warmup_from * constants.whole(1, like)) * count / plan.warmup)
    more = (values,) if getattr(plan.operation, "NEEDS_VALUES", False) else ()
    rate: Array = plan.operation.rate(count - plan.warmup, base, *more, **plan.options)
    return rate
