"""Random cases, from the same vocabulary as the catalogue: its cases are the grammar, recombined and changed.

Each of the catalogue's cases shows a valid use of an operation: what it is given, of what shape, and with what options.
A random case begins as one of them. Another may be put on top of it, layers between, an optimizer around; then lengths,
numbers and options change. What does not fit together, or is not finite, is thrown away and drawn again.
"""

from collections import defaultdict
from collections.abc import Callable, Iterator
from functools import cache
from random import Random
from typing import Any, Literal, NamedTuple, TypeAlias, get_args, get_origin

import msgspec
import numpy as np

from .cases import Case, CaseError, Problem, catalogue, solve
from .cases.format import CaseFile
from .fitting import Table, arrays_of, fit, forward, is_array, output, plain, put, resized, spelled, used, without
from .reference import operations

TRIES = 4  # of one change, before the case goes on without it
MOST = 600  # numbers in a case: what a fault needs is small, and what is small is quickly judged
LOSSES: tuple[operations.Kind, ...] = ("losses",)
FORMULAS = ("tails",)  # how the reference computes, not what
PRECISIONS = ("float64", "float64", "float32", "bfloat16")
SEEDS = 10**6
Change: TypeAlias = Callable[[Random, Case], Table]


class Drawn(NamedTuple):
    """A random case, and why others were thrown away before it."""

    case: Case
    rejected: list[str]


def draw(seed: int, number: int) -> Drawn:
    """The case of this number in the series of a seed. The two decide it alone, as long as the catalogue stays."""
    random = Random(f"{seed}/{number}")
    rejected: list[str] = []
    case = _begin(random, f"{seed}-{number}")
    for change, often in CHANGES:
        if random.random() < often:
            case = _changed(random, case, change, rejected)
    return Drawn(case, rejected)


def _begin(random: Random, name: str) -> Case:
    """A case of the catalogue that uses an operation, each of which is as likely as any other."""
    found = _like(random, *operations.KINDS)
    precision = random.choice([p for p in PRECISIONS if p in found.file.precisions] or found.file.precisions)
    file = msgspec.structs.replace(
        found.file, because=f"drawn at random, from {found.name}", precisions=[precision], seed=random.randrange(SEEDS)
    )
    return Case(name, found.path, file)


def _like(random: Random, *kinds: operations.Kind) -> Case:
    """A case of the catalogue with an operation of these kinds, and not a large one."""
    while True:
        case = random.choice(_shelf()[random.choice([name for name in operations.names(*kinds) if name in _shelf()])])
        if _elements(case.problem("float64")) <= MOST:
            return case


def _elements(problem: Problem) -> int:
    return sum(array.size for array in arrays_of(problem))


@cache
def _shelf() -> dict[str, list[Case]]:
    """The cases of each operation, without those about special values and those of data that lie beside them."""
    shelf: dict[str, list[Case]] = defaultdict(list)
    for case in catalogue():
        if not case.file.nonfinite and not case.name.startswith("real/"):
            bare = _bare(case)
            for name in case.operations:
                shelf[name].append(bare)
    return shelf


def _bare(case: Case) -> Case:
    """The case without what is said about it, and without what would no longer hold of a changed one."""
    table = without(plain(case), "exact") | {"question": "Is it right?"}
    if "optimizer" in table:
        table["optimizer"] = without(table["optimizer"], "defaults")
    if "loss" in table:
        table["loss"] = without(table["loss"], *FORMULAS)
    if "network" in table:
        table["network"] = [without(layer, *FORMULAS) for layer in table["network"]]
    return Case(case.name, case.path, msgspec.convert(table, CaseFile))


def _changed(random: Random, case: Case, change: Change, rejected: list[str]) -> Case:
    """The case after a change, or as it is where no change was found that makes a case of it."""
    for _ in range(TRIES):
        try:
            new = fit(case, change(random, case))
            _check(new)
            return new
        except CaseError as error:
            rejected.append(f"{change.__name__.strip('_')}: {_reason(error)}")
    return case


def _check(case: Case) -> None:
    """Raises CaseError for a case that is too large, or that has no finite answer."""
    problem = case.problem("float64")
    if _elements(problem) > MOST:
        raise CaseError(f"{case.name}: too large")
    case.problem(case.file.precisions[0])
    for check in problem.checks:
        with np.errstate(all="ignore"):
            trace = solve(problem, check)
        if not all(np.isfinite(value).all() for value in trace.values()):
            raise CaseError(f"{case.name}: not finite")


def _reason(error: CaseError) -> str:
    words = str(error)
    return next((reason for reason in ("too large", "not finite") if words.endswith(reason)), "does not fit")


# ---------------------------------------------------------------- structure
def _on_top(random: Random, case: Case) -> Table:
    """Another case's network and loss above this one's, joined by a linear layer where lengths differ."""
    if not case.file.network:
        return plain(case)
    below, other = _with_network(case, case), _like(random, *random.choice([operations.NETWORK, LOSSES]))
    shape = output(case.problem("float64")).shape
    there = other.problem("float64")
    entry = next((name for name in there.inputs if any(name in layer.inputs for layer in there.network)), "")
    floats = bool(entry) and there.inputs[entry].dtype.kind == "f"
    wanted: tuple[int, ...] = there.inputs[entry].shape if floats else ()
    if not shape or len(shape) != len(wanted):
        raise CaseError(f"{case.name}: their ranks differ")
    lengths = dict(zip(wanted[:-1], shape[:-1], strict=True))
    width = lengths.get(wanted[-1], wanted[-1])
    above = resized(_with_network(case, other), lambda n: lengths.get(n, n), everywhere=True)
    names = [*above["inputs"], *(layer["name"] for layer in above["network"])]
    new = {name: f"{name}_{len(below['network'])}" for name in names}
    join: Table = {"op": "linear", "name": f"join_{len(below['network'])}", "inputs": [below["network"][-1]["name"]],
            "W": {"normal": [shape[-1], width], "scale": round(max(shape[-1], 1) ** -0.5, 2)}}  # fmt: skip
    new[entry] = join["name"]
    layers = [layer | {"name": new[layer["name"]], "inputs": [new[name] for name in layer["inputs"]]}
              for layer in above["network"]]  # fmt: skip
    inputs = below["inputs"] | {new[name]: raw for name, raw in above["inputs"].items() if name != entry}
    table = below | {"inputs": inputs, "network": [*below["network"], join, *layers]}
    table |= {key: above[key] for key in ("upstream",) if key in above}
    if "loss" in above:
        slots = there.loss.targets if there.loss else {}
        table["loss"] = above["loss"] | {slot: new[name] for slot, name in slots.items()}
    return used(table)


def _with_network(case: Case, of: Case) -> Table:
    """A case's table without anything but its network, loss and gradient from above, all named."""
    problem = of.problem("float64")
    if not problem.network:
        raise CaseError(f"{case.name}: no network")
    table = spelled(plain(of), problem)
    aside: tuple[str, ...] = ("optimizer", "training", "gradients", "penalties")
    if of is case:
        aside = (*aside, "loss", "upstream")
    return without(table, *aside)


def _between(random: Random, case: Case) -> Table:
    """A function of each number after some layer, the same layer once more, or a sum over a branch."""
    problem = case.problem("float64")
    table = spelled(plain(case), problem, tied=True)
    if not problem.network:
        return table
    i = random.randrange(len(problem.network))
    at, values = problem.network[i].name, problem.inputs | forward(problem)
    name = f"between_{len(problem.network)}"
    alike = [other for other in (*problem.inputs, *(layer.name for layer in problem.network[:i]))
             if values[other].shape == values[at].shape and values[other].dtype.kind == "f"
             and other not in (problem.loss.targets.values() if problem.loss else ())]  # fmt: skip
    ways: list[Table] = [{"op": random.choice(_functions()), "inputs": [at]}]
    if alike:
        op = random.choice(["add", "subtract", "multiply", "maximum"])
        ways.append({"op": op, "inputs": [at, random.choice(alike)]})
    if len(problem.network[i].inputs) == 1 and values[problem.network[i].inputs[0]].shape == values[at].shape:
        ways.append({"uses": at, "inputs": [at]})
    for layer in table["network"][i + 1 :]:
        layer["inputs"] = [name if source == at else source for source in layer["inputs"]]
    table["network"].insert(i + 1, random.choice(ways) | {"name": name})
    return table


@cache
def _functions() -> list[str]:
    """The operations of one array that have no parameters and need no option."""
    found = []
    for name in operations.names("activations"):
        it = operations.find(name, "activations")
        needs = [p for p in operations.options(it).values() if p.default is p.empty]
        if not needs and not operations.parameters(it) and len(operations.inputs(it)) == 1:
            found.append(name)
    return found


def _trained(random: Random, case: Case) -> Table:
    """An optimizer for all parameters that there are, instead of another if there is one; with training at times."""
    table = plain(case)
    problem = case.problem("float64")
    if not problem.parameters:
        return table
    other = _like(random, "optimizers").file.optimizer or {}
    rule = without(other, "groups", "missing", "defaults", "counts", "accumulate", "loss_scale")
    rows = {array.shape[:1] for array in problem.inputs.values()}
    table = without(table, "optimizer", "training", "gradients") | {"optimizer": rule}
    if problem.loss is not None and len(rows) == 1 and () not in rows and random.random() < 0.7:
        (count,) = rows.pop()
        plan = {"epochs": random.randint(1, 2), "lr": random.choice([0.01, 0.1])}
        table["training"] = plan | {"batch_size": random.randint(1, max(count, 1))}
    return table


def _around(random: Random, case: Case) -> Table:
    """A schedule, a clipping or an average that another case has around its optimizer."""
    table = plain(case)
    if "optimizer" not in table:
        return table
    kind: operations.Kind = random.choice(["schedules", "clipping", "averages"])
    key = {"schedules": "schedule", "clipping": "clip", "averages": "average"}[kind]
    other = _like(random, kind).file.optimizer or {}
    rule = table["optimizer"] | {key: other.get(key)}
    if key == "schedule":
        rule = without(rule, "lr", "steps") | {"lr": random.choice([0.01, 0.1, 1.0]), "steps": random.randint(1, 7)}
        if other.get("values"):
            rule["values"] = [round(random.uniform(0.1, 2.0), 2) for _ in range(rule["steps"])]
    return without(table, "gradients") | {"optimizer": rule}


# ---------------------------------------------------------------- lengths, numbers, options
def _lengths(random: Random, case: Case) -> Table:
    """Other lengths, the same wherever a length stands; mostly all different."""
    found = sorted({n for array in arrays_of(case.problem("float64")) for n in array.shape})
    to = random.sample(range(1, 9), 8) if random.random() < 0.8 else [random.randint(1, 4) for _ in range(8)]
    new = {n: other for n, other in zip(found, to, strict=False) if n > 1 and random.random() < 0.6}
    return resized(plain(case), lambda n: new.get(n, n), everywhere=random.random() < 0.7)


def _numbers(random: Random, case: Case) -> Table:
    """Other numbers in one array or in all: of another size, far from zero, or whole, with ties and zeros."""
    table = plain(case)
    places = [path for path in _paths(table) if "normal" in _at(table, path)]
    chosen = places if random.random() < 0.3 else random.sample(places, min(len(places), 1))
    for path in chosen:
        shape = _at(table, path)["normal"]
        if random.random() < 0.25:
            put(table, path, {"whole": shape})
        else:
            scale = random.choice([1e-3, 0.1, 0.5, 2.0, 10.0, 30.0, 1e3])
            mean = random.choice([0.0, 0.0, 0.0, 1.0, -3.0, 100.0])
            put(table, path, {"normal": shape, "scale": scale} | ({"mean": mean} if mean else {}))
    return table


def _options(random: Random, case: Case) -> Table:
    """Another value of an option of some operation."""
    table = plain(case)
    heads = [(head, option) for head in _heads(table) for option in _declared(head) if option.name not in FORMULAS]
    if not heads:
        return table
    head, option = random.choice(heads)
    value = _value(random, option.annotation, head.get(option.name, option.default))
    if value is None:
        head.pop(option.name, None)
    else:
        head[option.name] = value
    return table


def _rates(random: Random, case: Case) -> Table:
    """Other rates, and another number of steps."""
    table = plain(case)
    if "optimizer" not in table or "schedule" in table["optimizer"] or "gradients" in table:
        return table
    rates = [random.choice([0.0, 1e-3, 0.01, 0.1, 0.5, 1.0]) for _ in range(random.randint(1, 6))]
    rule = without(table["optimizer"], "steps", "groups", "missing", "counts", "accumulate")
    if "values" in rule:
        rule["values"] = [round(random.uniform(0.1, 2.0), 2) for _ in rates]
    return table | {"optimizer": rule | {"lr": rates}}


CHANGES: tuple[tuple[Change, float], ...] = (
    (_on_top, 0.4),
    (_on_top, 0.2),
    (_between, 0.4),
    (_between, 0.3),
    (_trained, 0.25),
    (_around, 0.2),
    (_lengths, 0.7),
    (_options, 0.5),
    (_options, 0.4),
    (_options, 0.2),
    (_rates, 0.3),
    (_numbers, 0.4),
)


# ---------------------------------------------------------------- parts
def _heads(table: Table) -> Iterator[Table]:
    """Every table that names an operation."""
    rule = table.get("optimizer") or {}
    around = [rule[key] for key in ("schedule", "clip", "average") if key in rule]
    for head in (*table.get("network", ()), table.get("loss"), *table.get("penalties", ()), rule, *around):
        if head and "op" in head:
            yield head


def _declared(head: Table) -> list[Any]:
    return list(operations.options(operations.find(head["op"], *operations.KINDS)).values())


def _value(random: Random, annotation: Any, now: Any) -> Any:
    """A value that an option may have; None takes it out."""
    if get_origin(annotation) is Literal:
        return random.choice(get_args(annotation))
    if isinstance(now, list | tuple):
        return [_value(random, type(x), x) for x in now]
    if annotation is bool or isinstance(now, bool):
        return random.random() < 0.5
    kinds = [kind for kind in get_args(annotation) if kind in (int, float, type(None))] or [annotation]
    kind = random.choice(kinds)
    near = now if isinstance(now, int | float) else 1
    if kind is int:
        return random.choice([int(near) - 1, int(near) + 1, 0, 1, 2, 3, -1])
    if kind is float and 0 < near < 1:  # a share, most of the time, which it stays
        return random.choice([1e-3, 0.1, 0.3, 0.5, 0.9, 0.99, float(f"{near * 0.7:.2g}")])
    if kind is float:
        return random.choice([1.5, 2.0, near * 3.0] if near > 1 else [0.0, 1e-8, 1e-3, 0.1, 0.3, 0.9, 1.0])
    return None if kind is type(None) else now


def _paths(table: Any, before: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Where each array stands that is drawn."""
    if isinstance(table, dict) and is_array(table):
        yield before
    else:
        entries = table.items() if isinstance(table, dict) else enumerate(table) if isinstance(table, list) else ()
        for key, value in entries:
            yield from _paths(value, (*before, key))


def _at(table: Any, path: tuple[Any, ...]) -> Any:
    for part in path:
        table = table[part]
    return table
