"""What to do about it: a sentence, and the line of the derivation to hold one's own code against."""

import inspect
from pathlib import Path
from typing import NamedTuple

from ... import reference
from ...cases import Problem
from ...reference import operations
from .hypotheses import Hypothesis
from .place import Place

GREEK = {"weight": "dγ", "bias": "dβ", "beta": "dβ", "gamma": "dγ", "alpha": "dα", "slopes": "ds"}
RULES = {"update": "θ", "state": "", "average": "θ", "clipped": "g", "rate": "lr"}
RULE = 5  # lines of an update rule that are shown
AROUND = {"network": "network.py", "training": "optimizers/_step.py"}


class Line(NamedTuple):
    """A line of the reference."""

    text: str
    where: str  # "reference/layers/layer_norm.py:5"


def sentence(place: Place, operation: str, best: Hypothesis | None) -> str:
    """What to do next."""
    if best is not None:
        return best.cure.format(operation=operation, tensor=place.tensor)
    seen = f" An answer with {', '.join(place.unseen[:3])} would narrow it down." if place.unseen else ""
    return f"Hold the code that makes {place.tensor} against the derivation of {operation}.{seen}"


def derivation(problem: Problem, place: Place, operation: str) -> Line:
    """The line of the operation's docstring that says what this tensor is."""
    root = Path(str(reference.__file__)).parent
    if operation in AROUND:
        path = root / AROUND[operation]
        documentation = _documentation(path.read_text(encoding="utf-8"))
    else:
        module = operations.find(operation, *operations.KINDS)
        path = Path(inspect.getfile(module))
        documentation = _documentation(path.read_text(encoding="utf-8"))
    formulas = [(n, line) for n, line in enumerate(documentation) if line.startswith("    ")]
    wanted = _names(problem, place)
    chosen = next((found for name in wanted for found in formulas if _says(found[1], name)), None)
    backward = place.tensor.startswith("gradient.")
    if chosen is None and place.tensor.partition(".")[0] in RULES and formulas:
        chosen = formulas[0][0], "; ".join(" ".join(line.split()) for _, line in formulas[:RULE])
    number, text = chosen or (formulas[0] if formulas and (backward or operation in AROUND) else (0, documentation[0]))
    where = path.relative_to(root.parent).as_posix()
    text = " ".join(text.split())
    return Line(text.strip().removeprefix('"""').rstrip('"'), f"{where}:{number + 1}")


def _documentation(source: str) -> list[str]:
    """The lines of a module's docstring, up to what it says of shapes."""
    text = source.partition('"""')[2].partition('"""')[0]
    return text.partition("\nShapes")[0].splitlines()


def _names(problem: Problem, place: Place) -> list[str]:
    """What the tensor may be called in a derivation."""
    kind, _, rest = place.tensor.partition(".")
    if kind == "gradient":
        local = [name for layer in problem.network for name, full in layer.parameters.items() if full == rest]
        if local:
            return [f"d{local[0]}", GREEK.get(local[0], f"∂{local[0]}")]
        slots = [
            name
            for layer in problem.network
            if rest in layer.inputs and layer.op in place.operations
            for name in list(operations.inputs(operations.find(layer.op, *operations.NETWORK)))[:1]
        ]
        return [*(f"d{slot}" for slot in slots), "dx", "∂"]
    if kind in RULES:
        buffer = rest.split(".")[1] if kind == "state" and rest.count(".") else RULES[kind]
        return [buffer]
    return []


def _says(line: str, name: str) -> bool:
    """Whether a line defines this name."""
    if name == "∂":
        return "∂" in line
    words = line.replace("ₜ", "").split()
    return any(word == name and words[i + 1 : i + 2] == ["="] for i, word in enumerate(words))
