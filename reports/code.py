"""The code that ran, taken from the source: the reference's functions, and an adapter's line for an operation."""

import ast
import inspect
from functools import cache
from pathlib import Path
from typing import Literal

from .. import adapters
from ..adapters.worker import BUILT_IN
from ..reference import operations

Part = Literal["forward", "backward", "update"]


def reference_code(name: str, part: Part, *kinds: operations.Kind) -> str:
    """The source of an operation's forward, backward or update."""
    return inspect.getsource(getattr(operations.find(name, *kinds), part)).rstrip()


def derivation(name: str, *kinds: operations.Kind) -> str:
    """What the operation computes and how its gradient is derived: the docstring down to its Shapes."""
    text = inspect.getdoc(operations.find(name, *kinds)) or ""
    return text.split("\nShapes")[0].rstrip()


def adapter_code(adapter: str, name: str) -> str:
    """The line of an adapter's table, or the function that it names, for an operation; "" if there is none.

    The file is read, not imported: the framework need not be installed.
    """
    if adapter not in BUILT_IN or adapter == "reference":
        return ""
    source, tree = _parsed(adapter)
    functions = {node.name: node for node in tree.body if isinstance(node, ast.FunctionDef)}
    for node in tree.body:
        table = getattr(node, "value", None)
        if not isinstance(table, ast.Dict):
            continue
        for key, value in zip(table.keys, table.values, strict=True):
            if isinstance(key, ast.Constant) and key.value == name and not isinstance(value, ast.Dict):
                chosen = functions.get(value.id, value) if isinstance(value, ast.Name) else value
                return inspect.cleandoc(" " * chosen.col_offset + (ast.get_source_segment(source, chosen) or ""))
    return ""


@cache
def _parsed(adapter: str) -> tuple[str, ast.Module]:
    source = (Path(str(adapters.__file__)).parent / f"{adapter}_operations.py").read_text(encoding="utf-8")
    return source, ast.parse(source)
