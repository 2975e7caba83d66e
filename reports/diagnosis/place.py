"""Where an answer first goes wrong: in the order of the computation, the first tensor that is wrong while everything
that it is made of is right.

    output.h       of the outputs that the layer h takes
    loss           of the last output, and of whatever else it is held against
    gradient.h     of the gradients of the layers that take h, and of their outputs
    gradient.h.W   of the gradient of h, and of what h takes
    update.2.w     of update.1.w and the states after step 1
"""

from collections.abc import Iterable
from typing import NamedTuple

import numpy as np

from ...cases.problem import Check, Problem
from ...reference import operations
from ..expect import Expected


class Node(NamedTuple):
    """One tensor of a computation."""

    operations: tuple[str, ...]  # that make it: several where gradients come together
    made_of: tuple[str, ...]


class Place(NamedTuple):
    """The first tensor that is wrong."""

    tensor: str
    operations: tuple[str, ...]  # one of which has the mistake
    made_of: tuple[str, ...]  # which are right, as far as they were answered
    unseen: tuple[str, ...]  # tensors in between that were not answered


Graph = dict[str, Node]


def place(problem: Problem, check: Check, expected: dict[str, Expected], wrong: set[str], answered: set[str]) -> Place:
    """The first of the wrong tensors, and the operations that can be to blame."""
    graph = {name: node for name, node in graph_of(problem, check, expected).items() if name in expected}
    for name in expected:
        graph.setdefault(name, Node(_everything(problem), ()))
    first = next((name for name in graph if name in wrong), min(wrong))
    node = graph[first]
    operations, made_of, unseen = dict.fromkeys(node.operations), dict[str, None](), dict[str, None]()
    queue = list(node.made_of)
    while queue:
        name = queue.pop(0)
        if name not in graph or name in made_of or name in unseen:
            continue
        if name in answered:
            made_of[name] = None
        else:  # nobody saw whether this one was right
            unseen[name] = None
            operations |= dict.fromkeys(graph[name].operations)
            queue += graph[name].made_of
    return Place(first, tuple(operations), tuple(made_of), tuple(unseen))


def graph_of(problem: Problem, check: Check, names: Iterable[str]) -> Graph:
    """Every tensor of a check, each after those that it is made of."""
    if check == "gradients":
        return _outputs(problem) | _gradients(problem)
    return _steps(problem, names) if check == "updates" else _epochs(problem, names)


def _outputs(problem: Problem) -> Graph:
    graph: Graph = {}
    kept: dict[str, dict[str, None]] = {}  # buffers, and what goes into them: a layer that is used twice adds to both
    layers = {layer.name for layer in problem.network}
    for layer in problem.network:
        sources = [f"output.{source}" for source in layer.inputs if source in layers]
        graph[f"output.{layer.name}"] = Node((layer.op, "network"), tuple(sources))
        for name in layer.buffers.values():
            kept.setdefault(f"output.{name}", {}).update(dict.fromkeys(sources))
    for layer in problem.network:
        for name in layer.buffers.values():
            graph[f"output.{name}"] = Node((layer.op, "network"), tuple(kept[f"output.{name}"]))
    if problem.loss is not None:
        held = [problem.network[-1].name, *problem.loss.targets.values()]
        penalties = [penalty.op for penalty in problem.penalties]
        graph["loss"] = Node((problem.loss.op, *penalties), tuple(f"output.{name}" for name in held if name in layers))
    return graph


def _gradients(problem: Problem) -> Graph:
    made: dict[str, tuple[dict[str, None], dict[str, None]]] = {}

    def add(tensor: str, operation: str, *of: str) -> None:
        operations, made_of = made.setdefault(tensor, ({}, {}))
        operations[operation] = None
        made_of.update(dict.fromkeys(of))

    last = problem.network[-1].name
    made[f"gradient.{last}"] = ({}, {})  # given from above, where there is no loss
    if problem.loss is not None:
        layers = [layer.name for layer in problem.network]
        for name in [last, *(target for target in problem.loss.targets.values() if target in layers)]:
            add(f"gradient.{name}", problem.loss.op, f"output.{last}")
    for layer in reversed(problem.network):
        upstream = (f"gradient.{layer.name}", f"output.{layer.name}")
        for name in (*layer.inputs, *layer.parameters.values()):
            add(f"gradient.{name}", layer.op, *upstream)
    for penalty in problem.penalties:
        add(f"gradient.{penalty.parameter}", penalty.op)
    # of a layer's output first, then of what it takes: the way back
    order = [f"gradient.{layer.name}" for layer in reversed(problem.network)]
    order += [name for name in made if name not in order]
    return {name: Node((*made[name][0], "network"), tuple(made[name][1])) for name in order if name in made}


ORDER = ("scale", "clipped", "rate", "state", "update", "average")
"""What happens in a step, in turn."""


def _steps(problem: Problem, names: Iterable[str]) -> Graph:
    """Step by step, and in each step in the order in which things happen to a gradient."""
    rule = problem.optimizer
    assert rule is not None
    heads = {"rate": rule.schedule, "clipped": rule.clip, "average": rule.average, "scale": None}
    graph: Graph = {}
    by_turn = {name: (int(name.split(".")[1]), ORDER.index(name.partition(".")[0])) for name in names}
    for name in sorted(by_turn, key=by_turn.__getitem__):
        step, turn = by_turn[name]
        head = heads.get(ORDER[turn], rule)
        before = tuple(other for other in graph if (step - 1, 0) <= by_turn[other] < (step, turn))
        own = () if head is None else (head.op,)
        if ORDER[turn] in ("state", "update") and rule.average is not None and _calls_back(rule.average.op):
            own = (*own, rule.average.op)
        graph[name] = Node((*own, "training"), before)
    return graph


def _calls_back(average: str) -> bool:
    """Whether parameters are made of this average too, and what the rule remembers may begin anew by it."""
    return hasattr(operations.find(average, "averages"), "synchronised")


def _epochs(problem: Problem, names: Iterable[str]) -> Graph:
    by_epoch = {name: int(name.split(".")[1]) for name in names}
    return {
        name: Node(_everything(problem), tuple(other for other in by_epoch if by_epoch[other] == epoch - 1))
        for name, epoch in by_epoch.items()
    }


def _everything(problem: Problem) -> tuple[str, ...]:
    """Every operation of the problem, what is most likely to go wrong in a loop first."""
    rule = problem.optimizer
    around = [head.op for head in (rule.schedule, rule.clip, rule.average) if head is not None] if rule else []
    loss = [problem.loss.op] if problem.loss else []
    own = [rule.op, *around] if rule else []
    layers = [layer.op for layer in problem.network]
    return tuple(dict.fromkeys(["training", *own, *loss, *layers, *(p.op for p in problem.penalties), "network"]))


def first_step(actual: np.ndarray, wanted: Expected) -> int:
    """Of a trajectory, the first step that is wrong; counted from 1."""
    with np.errstate(all="ignore"):
        off = ~(np.abs(actual.astype(np.float64) - wanted.value) <= wanted.tolerance)
    return int(np.argmax(off.reshape(len(off), -1).any(axis=1))) + 1
