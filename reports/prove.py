"""Is the hand-written backward the derivative of the forward? Proved in balls, with no framework involved.

With L the loss (or ⟨upstream, output⟩), θ all parameters and inputs of a case and v a direction,

    (L(θ + h v) − L(θ − h v)) / 2h = ⟨∇L, v⟩ + O(h²),   h = 2⁻⁸⁰

so that with 512 bits the two sides must agree to some 48 digits. Any wrong term in any gradient shows, since v has no
zeros and every number of every gradient enters.
"""

from typing import Any

import flint
import numpy as np

from ..cases import Problem, solve, streams
from ..reference import Array
from ..reference.arithmetic import balls

BITS = 512
STEP = 80  # h = 2^-80


def digits(problem: Problem) -> float:
    """To how many decimal digits the directional difference and the gradient agree.

    Raises balls.Undecided where a branch cannot be decided.
    """
    direction = _direction(problem)
    with balls.precision(BITS):
        trace = solve(problem, "gradients", balls.Balls().array)
        slope = sum(np.sum(np.asarray(trace[f"gradient.{name}"]) * v) for name, v in direction.items())  # ⟨∇L, v⟩
        ahead, behind = (_objective(problem, direction, sign) for sign in (1, -1))
        difference = (ahead - behind) * flint.arb(2) ** (STEP - 1)
        return _digits(difference - slope, slope)


def _direction(problem: Problem) -> dict[str, Array]:
    """A random direction, without zeros, for every parameter and every input that the network differentiates."""
    sources = {source for layer in problem.network for source in layer.inputs}
    inputs = {n: x for n, x in problem.inputs.items() if n in sources and x.dtype.kind not in "iub"}
    return {
        name: 0.5 + streams.stream("direction", problem.case, name).random_sample(x.shape)
        for name, x in {**inputs, **problem.parameters}.items()
    }


def _objective(problem: Problem, direction: dict[str, Array], sign: int) -> Any:
    """L(θ ± h v) as one ball."""
    step = flint.arb(2) ** -STEP * sign
    names = {id(x): name for name, x in [*problem.inputs.items(), *problem.parameters.items()]}
    rules = balls.Balls()

    def array(x: Array) -> Array:
        at: Array = rules.array(x)
        v = direction.get(names.get(id(x), ""))
        return at if v is None else at + rules.array(v) * step

    trace = solve(problem, "gradients", array)
    head = trace["loss"] if problem.loss else trace[f"output.{problem.network[-1].name}"]
    if problem.upstream is not None:
        head = head * rules.array(problem.upstream)
    return np.sum(head)[()]


def _digits(error: Any, size: Any) -> float:
    """−log10 of the relative error, or of the absolute one where the slope is exactly zero."""
    relative = abs(error) if size == 0 else abs(error / size)
    worst = relative.upper()
    return float("inf") if worst == 0 else float(-(worst.log() / flint.arb(10).log()))
