"""The code that ran, taken from the source: the reference's functions, and an adapter's line for an operation."""

import ast
import inspect
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path
from typing import Literal, NamedTuple

from .. import adapters
from ..reference import operations

FILES = {
    "pytorch": ("pytorch_operations.py", "pytorch_optimizers.py"),
    "jax": ("jax_operations.py", "flax_operations.py", "jax_optimizers.py"),
}
Part = Literal["forward", "backward", "update", "rate", "clip"]


class Code(NamedTuple):
    """What one implementation has for an operation: a file and the code in it, "" where there is none."""

    who: str
    file: str
    text: str


def codes(name: str, part: Part, who: Iterable[str], *kinds: operations.Kind) -> list[Code]:
    """The code of each implementation for an operation."""
    found = []
    for implementation in who:
        if implementation == "reference":
            file, text = f"reference/{operations.kind(name, *kinds)}/{name}.py", reference_code(name, part, *kinds)
        else:
            file, text = adapter_code(implementation, name)
            file = f"adapters/{file}" if text else ""
        found.append(Code(implementation, file, text))
    return found


def reference_code(name: str, part: Part, *kinds: operations.Kind) -> str:
    """The source of an operation's forward, backward or update."""
    return inspect.getsource(getattr(operations.find(name, *kinds), part)).rstrip()


def derivation(name: str, *kinds: operations.Kind) -> str:
    """What the operation computes and how its gradient is derived: the docstring down to its Shapes."""
    text = inspect.getdoc(operations.find(name, *kinds)) or ""
    return text.split("\nShapes")[0].rstrip()


def adapter_code(adapter: str, name: str) -> tuple[str, str]:
    """The line of an adapter's table for an operation, or the function that it names, after the file; "" where none is.

    The file is read, not imported: the framework need not be installed.
    """
    for file in FILES.get(adapter, ()):
        source, tree = parsed(file)
        functions = {node.name: node for node in tree.body if isinstance(node, ast.FunctionDef)}
        for key, value in entries(tree):
            if isinstance(key, ast.Constant) and key.value == name and not isinstance(value, ast.Dict | ast.Constant):
                chosen = functions.get(value.id, value) if isinstance(value, ast.Name) else value
                code = ast.get_source_segment(source, chosen) or ""
                return file, code if isinstance(chosen, ast.FunctionDef) else inspect.cleandoc(code)
    return "", ""


def entries(tree: ast.Module) -> Iterator[tuple[ast.expr | None, ast.expr]]:
    """Key and value of every table in a module."""
    for node in tree.body:
        table = getattr(node, "value", None)
        if isinstance(table, ast.Dict):
            yield from zip(table.keys, table.values, strict=True)


@cache
def parsed(file: str) -> tuple[str, ast.Module]:
    source = (Path(str(adapters.__file__)).parent / file).read_text(encoding="utf-8")
    return source, ast.parse(source)
