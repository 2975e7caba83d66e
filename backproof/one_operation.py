"""One operation of one's own: a function that carries the adapter which has it judged.

    @backproof.implements("gelu")
    def gelu(x):
        y, slope = ...
        return y, lambda dy: dy * slope

Each case is computed by the reference with this one operation in the place of its own. All else is right, so a mistake
shows where it is made, and in what is computed from it.
"""

import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache, partial, wraps
from types import ModuleType
from typing import Any, TypeAlias, TypeVar

import numpy as np

from .adapters.base import Adapter, Description, Trace, Unsupported
from .adapters.worker import CARRIED
from .cases.problem import Check, Problem
from .cases.solving import network_of, optimizer_of
from .reference import Array, operations, program
from .reference.arithmetic import low_precision
from .reference.arithmetic.array import Quantity, wrap
from .reference.arithmetic.precision import PRECISIONS
from .reference.operations import Kind
from .reference.optimizers._step import Optimizer
from .reference.program import Penalty

BARE = ("float64", "float32")
"""Precisions that NumPy computes in: what is given has them. In others, see `implements`."""
NEEDS = ("NEEDS_VALUE", "NEEDS_VALUES", "NEEDS_OBJECTIVE", "WHOLE")
"""What a rule may say of itself."""

T = TypeVar("T")
Values: TypeAlias = dict[str, Any]


def implements(operation: str) -> Callable[[T], T]:
    """Say that a function, or an object with `forward` and `backward`, computes an operation of the catalogue.

        layer, activation   f(x, [further inputs], [parameters], [buffers], *, options) -> (y, backward)
                            backward(dy) -> its gradients
        loss                f(prediction, target, [further inputs], *, options) -> (loss, backward)
                            backward(dloss) -> its gradients, or that of the prediction alone
        penalty             f(w, *, options) -> (penalty, backward)        backward(dpenalty) -> dw
        optimizer           f(gradient, state, param, *, lr, options) -> (param, state)     state is None at first
        schedule            f(t, lr, *, options) -> the rate after t steps
        clipping            f(grads, params, *, options) -> grads, each a dict by parameter
        average             f(average, param, count, *, options) -> average

    Gradients: one for each array that the function takes, in the order of its own arguments (buffers not counted): an
    array, a tuple, or a dict by argument. None stands for what has no gradient, and those at the end may be left out.

    Arguments go by the names that the reference has (`backproof explain` shows its code); arrays that are required may
    have other names, and are then told apart by their order. The function is told each option that it takes. What it
    does not take, an input or an option at another value than the usual one, makes a case unsupported.

    Instead of a function: a class, module or object with forward(x, **options) -> (y, saved) and backward(saved, dy),
    which may also take parameters as one tuple p and give (dx, dp) as the reference does, and for an optimizer one with
    init(param) -> state and update as above. A layer with buffers returns them as they are after the step, in a tuple
    or a dict, as a third value, behind y and backward. Of a state, those fields of a NamedTuple or dict are compared
    that bear the reference's names.

    Shapes: as the reference's docstring of the operation says; each gradient has that of its array, dloss that of the
    loss. All arrays have the precision of the case. In bfloat16 and float16, which NumPy has not, they come as float32
    that hold such numbers, and what is returned is rounded.

    Raises ValueError for an unknown operation, TypeError where the arguments cannot be those of the operation.
    """
    try:
        reference = operations.find(operation, *operations.KINDS)
    except operations.UnknownOperation as error:
        raise ValueError(str(error)) from None

    def decorate(thing: T) -> T:
        carrier: Any = thing
        adapter = OneOperation(operation, reference, thing)
        try:
            setattr(carrier, CARRIED, adapter)
        except (AttributeError, TypeError):  # of a function written in C
            if not callable(thing):
                raise TypeError(f"{adapter.name}: put what implements {operation} into a class or a function") from None
            carrier = wraps(thing)(partial(thing))
            setattr(carrier, CARRIED, adapter)
        return carrier  # type: ignore[no-any-return]

    return decorate


class OneOperation(Adapter):
    """An operation of somebody's own, all others the reference's."""

    def __init__(self, operation: str, reference: ModuleType, thing: Any) -> None:
        self.operation, self.reference = operation, reference
        self.name = str(getattr(thing, "__name__", type(thing).__name__)).rpartition(".")[2]
        self.kind: Kind = operations.kind(operation, *operations.KINDS)
        self._fields: set[str] = set()  # of the state that came back last
        part = next(part for part in operations.PARTS if hasattr(reference, part))
        own = _Arguments(self.name, reference, part, _function(self.name, thing, part))
        if part == "forward":
            make = partial(_network_part, self.kind, reference, own)
        elif self.kind == "optimizers":
            make = partial(_optimizer, reference, own, getattr(thing, "init", None), self._fields)
        else:
            make = partial(_plain, part, reference, own)
        self._stand_in: Callable[[tuple[str, ...]], ModuleType] = cache(make)

    def describe(self) -> Description:
        """See `Adapter`."""
        return Description(self.name, "alone", list(PRECISIONS), {"rest": "reference"})

    def gradients(self, problem: Problem) -> Trace:
        """See `Adapter`."""
        return self._solve(problem, "gradients")

    def updates(self, problem: Problem) -> Trace:
        """See `Adapter`."""
        return self._solve(problem, "updates")

    def training(self, problem: Problem) -> Trace:
        """See `Adapter`."""
        return self._solve(problem, "training")

    def lacking(self, problem: Problem) -> list[str]:  # noqa: ARG002 - the same of every problem
        """State that the reference keeps and this does not, or under other names."""
        if self.kind != "optimizers":
            return []
        return [f"state.*.{field}.*" for field in self.reference.State._fields if field not in self._fields]

    def _solve(self, problem: Problem, check: Check) -> Trace:
        self._ask_only_what_uses_it(problem, check)
        if problem.precision in BARE:
            return self._computed(problem, check, np.asarray)
        found = self._computed(problem, check, lambda x: low_precision.array(x, problem.precision))
        dtype = PRECISIONS[problem.precision].dtype
        return {name: np.asarray(x).astype(dtype) for name, x in found.items()}

    def _ask_only_what_uses_it(self, problem: Problem, check: Check) -> None:
        network = {head.op for head in (*problem.network, problem.loss, *problem.penalties) if head}
        rule = problem.optimizer
        step = {head.op for head in (rule, rule.schedule, rule.clip, rule.average) if head} if rule else set()
        used = {"gradients": network, "updates": step, "training": network | step}[check]
        if self.operation not in used:
            raise Unsupported(f"{self.name} is {self.operation} alone, which has no part in this")

    def _computed(self, problem: Problem, check: Check, array: Callable[[Array], Array]) -> Trace:
        """What `cases.solving.solve` does, with the one operation in the place of the reference's."""

        def floats(values: dict[str, Array]) -> dict[str, Array]:
            return {name: x if x.dtype.kind in "iub" else array(x) for name, x in values.items()}

        def mine(operation: ModuleType) -> ModuleType:
            return stand_in if operation is self.reference else operation

        layers, loss = network_of(problem)
        outputs = {layer.name for layer in layers}
        targets = problem.loss.targets if problem.loss else {}
        stand_in = self._stand_in(tuple(slot for slot, name in targets.items() if name in outputs))
        layers = [layer._replace(operation=mine(layer.operation)) for layer in layers]
        loss = loss and loss._replace(operation=mine(loss.operation))
        penalties = [
            Penalty(mine(operations.find(p.op, "penalties")), p.parameter, p.options) for p in problem.penalties
        ]
        parameters, inputs, buffers = floats(problem.parameters), floats(problem.inputs), floats(problem.buffers)
        if check == "gradients":
            upstream = None if problem.upstream is None else array(problem.upstream)
            return program.gradients(layers, loss, parameters, inputs | buffers, upstream, penalties)
        assert problem.optimizer is not None
        if check == "updates":
            dtype = next(iter(problem.parameters.values())).dtype
            values = array(np.array(problem.optimizer.values, dtype)) if problem.optimizer.values else None
            given = [floats(step) for step in problem.gradients]
            rule = _around(optimizer_of(problem.optimizer, problem.optimizer.rates), mine)
            return program.updates(rule, parameters, given, values, problem.optimizer.counts or None)
        assert problem.training is not None
        assert loss is not None
        rule = _around(optimizer_of(problem.optimizer, problem.training.step_rates), mine)
        return program.training(
            layers, loss, rule, parameters, inputs, problem.training.batches, buffers, penalties
        )  # fmt: skip


def _around(rule: Optimizer, mine: Callable[[ModuleType], ModuleType]) -> Optimizer:
    """The optimizer with one operation exchanged, be it the rule or something around it."""
    calls = {name: getattr(rule, name) for name in ("schedule", "clip", "average")}
    exchanged = {name: call and call._replace(operation=mine(call.operation)) for name, call in calls.items()}
    return rule._replace(operation=mine(rule.operation), **exchanged)


# ---------------------------------------------------------------- what the program finds in place of the module
def _network_part(kind: Kind, reference: ModuleType, own: "_Arguments", flowing: tuple[str, ...]) -> ModuleType:
    """forward and backward. flowing: the slots of a loss that are layers, and so must get a gradient."""
    inputs, parameters = tuple(operations.inputs(reference)), tuple(operations.parameters(reference))
    buffers = operations.buffers(reference)

    @wraps(reference.forward)
    def forward(*arrays: Any, **given: Any) -> tuple[Array, Any]:
        rules = _rules((arrays, given))
        y, pullback, after = _answer(own.name, own(*arrays, **given), buffers)
        shapes = {n: np.shape(x) for n, x in own.values(arrays, given).items() if n in inputs and not own.spread}
        y = _returned(y, rules)
        return y, (pullback, y, shapes, rules, _returned(after, rules))

    def backward(saved: Any, dy: Array | None = None) -> Any:
        pullback, y, shapes, rules, _ = saved
        made = own.gradients(pullback(_given(np.ones_like(y) if dy is None else dy)))
        made = {name: None if gradient is None else _returned(gradient, rules) for name, gradient in made.items()}
        if own.spread:
            return made[inputs[0]]
        for name, shape in shapes.items():
            if made.get(name) is not None and made[name].shape != shape:
                raise ValueError(f"{own.name}: {name} has shape {shape}, and its gradient {made[name].shape}")
        if lost := [slot for slot in flowing if made.get(slot) is None]:
            raise Unsupported(f"{own.name} gives no gradient of the {lost[0]}")
        if kind == "penalties":
            return made[inputs[0]]
        dx = tuple(made.get(name) for name in inputs)
        return (dx, reference.Params(*map(made.get, parameters))) if parameters else dx

    module = _like(reference, forward=forward, backward=backward)
    if buffers:
        module.buffers = lambda saved: reference.Buffers(*saved[-1])  # type: ignore[attr-defined]
    return module


def _optimizer(
    reference: ModuleType,
    own: "_Arguments",
    init: Callable[[Array], Any] | None,
    fields: set[str],
    _: tuple[str, ...],
) -> ModuleType:
    """init and update, around a state that may be anything. The names of its fields are noted in `fields`."""

    def first(param: Array) -> _State:
        return _State(init(_given(param)) if init else None, None)

    def update(gradient: Array, state: _State, param: Array, **given: Any) -> tuple[Array, _State]:
        answer = own(gradient, state.own, param, **given)
        if not isinstance(answer, tuple) or len(answer) != 2:
            raise TypeError(f"{own.name} must return the parameter and the state; got {answer!r:.60}")
        after = _State(answer[1], _rules(param))
        fields.clear()
        fields.update(after.fields())
        return _returned(answer[0], after.rules), after

    return _like(reference, init=first, update=update)


@dataclass(frozen=True)
class _State:
    """Whatever somebody keeps from step to step, as the program looks at a state."""

    own: Any
    rules: Any

    def fields(self) -> Values:
        """By name, where it has names."""
        named: Values = self.own if isinstance(self.own, dict) else getattr(self.own, "_asdict", dict)()
        return named

    def _asdict(self) -> Values:
        arrays = {name: x for name, x in self.fields().items() if isinstance(x, np.ndarray | np.floating)}
        return {name: _returned(x, self.rules) for name, x in arrays.items()}


def _plain(part: str, reference: ModuleType, own: "_Arguments", _: tuple[str, ...]) -> ModuleType:
    """A schedule, a clipping, an average: one function that returns numbers."""

    def function(*arrays: Any, **given: Any) -> Any:
        return _returned(own(*arrays, **given), _rules((arrays, given)))

    return _like(reference, **{part: function})


def _like(reference: ModuleType, **functions: Callable[..., Any]) -> ModuleType:
    """A module with these functions, and what else the program looks for in an operation."""
    module = ModuleType(reference.__name__)
    names = ("Params", "Buffers", "synchronised", *NEEDS)
    kept = {name: getattr(reference, name) for name in names if hasattr(reference, name)}
    vars(module).update(kept | functions)
    return module


def _answer(name: str, answer: Any, buffers: tuple[str, ...]) -> tuple[Any, Callable[[Any], Any], tuple[Any, ...]]:
    """y, the pullback, and the buffers after the step. Raises TypeError for anything else."""
    if not isinstance(answer, tuple) or len(answer) != 2 + bool(buffers) or not callable(answer[1]):
        also = f", then {' and '.join(buffers)} after the step" if buffers else ""
        raise TypeError(f"{name} must return y and a function from dy to the gradients{also}; got {answer!r:.60}")
    after = answer[2] if buffers else ()
    return answer[0], answer[1], tuple(after[b] for b in buffers) if isinstance(after, dict) else tuple(after)


# ---------------------------------------------------------------- whose argument is which
def _function(name: str, thing: Any, part: str) -> Callable[..., Any]:
    """What is to be called: the thing itself, or a part of it; forward and backward as one function."""
    found = getattr(thing, part, None)
    if found is None:
        if not callable(thing) or isinstance(thing, type):
            raise TypeError(f"{name} has no {part}: a function, or a class with {part}, can implement this")
        return thing  # type: ignore[no-any-return]
    if part != "forward":
        return found  # type: ignore[no-any-return]
    backward, buffers = getattr(thing, "backward", None), getattr(thing, "buffers", None)
    if backward is None:
        raise TypeError(f"{name} has a forward and no backward: backward(saved, dy) gives the gradients")

    @wraps(found)
    def both(*arrays: Any, **options: Any) -> tuple[Any, ...]:
        y, saved = found(*arrays, **options)
        return (y, partial(backward, saved), *([buffers(saved)] if buffers else []))

    return both


class _Arguments:
    """A function of somebody's own, called as the reference's would be."""

    def __init__(self, name: str, reference: ModuleType, part: str, function: Callable[..., Any]) -> None:
        self.name, self.function = name, function
        self.theirs = inspect.signature(getattr(reference, part), eval_str=True)
        self.signature = inspect.signature(function)
        own, theirs = self.signature.parameters, self.theirs.parameters
        self.spread = any(p.kind is p.VAR_POSITIONAL for p in theirs.values())  # any number of inputs, as one tuple
        self.rest = next((n for n, p in own.items() if p.kind is p.VAR_KEYWORD), "")
        self.options = {n: p.default for n, p in theirs.items() if p.kind is p.KEYWORD_ONLY}
        inside = {"p": operations.parameters(reference), "running": operations.buffers(reference)}
        given = [n for n in theirs if n not in self.options]
        self.tuples = [n for n in inside if n in given and n not in own]  # that the function takes one by one
        arrays = [n for n in given if n not in inside]
        arrays += [n for t in inside if t in given for n in (inside[t] if t in self.tuples else [t])]
        self.own = self._matched(arrays, own)  # the reference's name of each argument taken -> the function's own
        self.parameters = tuple(inside["p"])
        buffers = {"running", *inside["running"]}
        self.order = sorted((n for n in arrays if n in self.own and n not in buffers),
                            key=lambda n: list(own).index(self.own[n]))  # fmt: skip

    def _matched(self, arrays: list[str], own: Mapping[str, inspect.Parameter]) -> dict[str, str]:
        """Arguments by name, and then arrays that are required by their order.

        Raises TypeError for an argument of the function that nothing is given for.
        """
        known = {*arrays, *self.options}
        matched = {n: n for n in own if n in known}
        rest = (inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD)
        kinds = rest[1:] if self.spread else rest
        free = [n for n, p in own.items() if n not in known and p.default is p.empty and p.kind not in kinds]
        places = [n for n in arrays if n not in matched]
        matched |= zip(places, free, strict=False)
        if len(free) > len(places):
            there_are = f"arrays {', '.join(arrays)}" + (f"; options {', '.join(self.options)}" if self.options else "")
            raise TypeError(
                f"{self.name}: nothing is given for the argument {free[len(places)]!r}. There are: {there_are}"
            )
        return matched

    def values(self, arrays: tuple[Any, ...], given: Values) -> Values:
        """Everything given, by the reference's names."""
        values = dict(self.theirs.bind(*arrays, **given).arguments)
        for name in self.tuples:
            values |= values.pop(name)._asdict()
        return values

    def __call__(self, *arrays: Any, **given: Any) -> Any:
        """What the function returns. Raises Unsupported for what it does not take."""
        usual = {n: default for n, default in self.options.items() if default is not inspect.Parameter.empty}
        arguments: Values = {}
        rest: Values = {}
        for name, value in (usual | self.values(arrays, given)).items():
            option = name in self.options
            if name in self.own:
                if option or value is not None or self._required(self.own[name]):
                    arguments[self.own[name]] = _given(value)
            elif option and self.rest:
                rest[name] = _given(value)
            elif option and (name not in usual or value != usual[name]):
                raise Unsupported(f"{self.name} takes no option {name!r}")
            elif not option and value is not None:
                raise Unsupported(f"{self.name} takes no {name}")
        arguments |= {name: None for name in self.own.values() if self._required(name) and name not in arguments}
        arguments |= {self.rest: rest} if rest else {}
        bound = inspect.BoundArguments(self.signature, arguments)
        return self.function(*bound.args, **bound.kwargs)

    def gradients(self, found: Any) -> Values:
        """What a pullback returned, by the reference's names."""
        if self.spread:
            return {self.order[0]: tuple(found)}
        if isinstance(found, dict):
            theirs = {self.own[name]: name for name in self.order}
            if strangers := set(found) - set(theirs):
                raise TypeError(f"{self.name}: a gradient of {strangers.pop()!r}; it takes {', '.join(theirs)}")
            return {theirs[name]: gradient for name, gradient in found.items()}
        made = found if isinstance(found, tuple) else (found,)
        if "p" in self.order:  # as the reference does: (dx, Params)
            dx = made[0] if isinstance(made[0], tuple) else made[:1]
            inputs = [name for name in self.order if name != "p"]
            return dict(zip(inputs, dx, strict=False)) | dict(zip(self.parameters, made[1], strict=True))
        if len(made) > len(self.order):
            raise TypeError(f"{self.name}: {len(made)} gradients came back, for {', '.join(self.order)}")
        return dict(zip(self.order, made, strict=False))

    def _required(self, name: str) -> bool:
        return self.signature.parameters[name].default is inspect.Parameter.empty


# ---------------------------------------------------------------- arrays on their way out and in
def _each(function: Callable[[Any], Any], x: Any) -> Any:
    """The same of each array in tuples and dicts; what is no array stays."""
    if isinstance(x, np.ndarray | np.floating):
        return function(x)
    if isinstance(x, dict):
        return {name: _each(function, value) for name, value in x.items()}
    if isinstance(x, tuple) and hasattr(x, "_fields"):
        return type(x)(*[_each(function, value) for value in x])
    return type(x)([_each(function, value) for value in x]) if type(x) in (tuple, list) else x


def _given(x: Any) -> Any:
    """As a function of somebody's own is given it: arrays that it may write into, of a dtype that NumPy computes in."""
    return _each(lambda a: np.array(a, np.float32) if isinstance(a, Quantity) else np.array(a), x)


def _rules(given: Any) -> Any:
    """The simulated arithmetic of what is given, None for floats."""
    found: list[Any] = []
    _each(lambda a: found.append(a.rules) if isinstance(a, Quantity) else None, given)
    return found[0] if found else None


def _returned(x: Any, rules: Any) -> Any:
    """As the program takes it: what is no array becomes one."""
    if isinstance(x, dict):
        return {name: _returned(value, rules) for name, value in x.items()}
    if isinstance(x, tuple):
        return tuple(_returned(value, rules) for value in x)
    array = np.array(x)
    if array.dtype.kind not in "fiub":
        raise TypeError(f"numbers were to be returned, and not {x!r:.60}")
    return wrap(rules.gather(array.astype(np.float64)), rules) if rules and array.dtype.kind == "f" else array
