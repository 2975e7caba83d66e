"""Faults that nobody thought of: the reference's own source, with one place changed by rule.

Every function that decides a number is parsed, each node is changed in every way that `changes` knows, and what comes
out is compiled and stands in for the right function, wherever that had been imported.
"""

import ast
import copy
import importlib
import inspect
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import NamedTuple

from ... import reference
from ...reference import network, operations
from .changes import changes
from .planting import Patches

REFERENCE = Path(str(reference.__file__)).parent
OPERATIONS = operations.names(*operations.KINDS)
SHARED = {  # what operations share, as _reduction, and the operations whose source names it
    file.stem: tuple(
        user.stem
        for user in sorted(file.parent.glob("[a-z]*.py"))
        if re.search(rf"\b{file.stem}\b", user.read_text("utf-8"))
    )
    for file in sorted(REFERENCE.glob("*/_[a-z]*.py"))
    if file.stem != "_checks"  # which decides no number
}
SHARED["_step"] = ("training",)  # whatever has an optimizer
NAMES = (*OPERATIONS, *SHARED, "network")
UNASKED = {"init", "_check", "__init__"}  # no numbers of their own


class Mutant(NamedTuple):
    """One change of the source."""

    id: str  # "relu.backward: x > 0 → x >= 0"
    module: ModuleType
    patches: Patches


def find(name: str) -> ModuleType:
    """The module of an operation, of what operations share, or the network."""
    if name in OPERATIONS:
        return operations.find(name, *operations.KINDS)
    if name in SHARED:
        for user in set(SHARED[name]) & set(OPERATIONS):
            find(user)  # so that each is there to be patched
        (file,) = REFERENCE.glob(f"*/{name}.py")
        return importlib.import_module(f"{reference.__name__}.{file.parent.name}.{name}")
    return network


def mutants(name: str) -> Iterator[Mutant]:
    """Every mutant of a module, each under a name of its own."""
    module = find(name)
    tree = ast.parse(inspect.getsource(module))
    seen: set[str] = set()
    for function in [n for n in ast.walk(tree) if isinstance(n, ast.FunctionDef) and n.name not in UNASKED]:
        for before, after, changed in _of(tree, function):
            id = f"{module.__name__.rpartition('.')[2]}.{function.name}: {before} → {after}"
            if id not in seen:
                seen.add(id)
                yield Mutant(id, module, _patches(module, changed))


def _of(tree: ast.Module, function: ast.FunctionDef) -> Iterator[tuple[str, str, ast.Module]]:
    """Each change of one function: the statement before, and after, and the whole module with it."""
    for place, (node, statement) in enumerate(_nodes(function)):
        for changed in changes(node):
            twin = copy.deepcopy(tree)
            own = next(n for n in ast.walk(twin) if isinstance(n, ast.FunctionDef) and n.name == function.name)
            old, around = list(_nodes(own))[place]
            if _replace(own, old, changed):
                ast.fix_missing_locations(twin)
                yield _text(statement), _text(changed if old is around else around), twin


def _text(node: ast.AST) -> str:
    return "nothing" if isinstance(node, ast.Pass) else ast.unparse(node).partition("\n")[0]


def _nodes(function: ast.FunctionDef) -> Iterator[tuple[ast.AST, ast.AST]]:
    """What of a function decides numbers, each node with its statement: not its docstring, or what it raises."""
    queue: list[tuple[ast.AST, ast.AST]] = [(n, n) for n in function.body]
    while queue:
        node, statement = queue.pop(0)
        if isinstance(node, ast.Raise | ast.ExceptHandler) or _is_check(node) or _is_text(node):
            continue
        yield node, statement
        for field, value in ast.iter_fields(node):
            if field != "annotation":
                below = [v for v in (value if isinstance(value, list) else [value]) if isinstance(v, ast.AST)]
                queue += [(v, v if isinstance(v, ast.stmt) else statement) for v in below]


def _is_check(node: ast.AST) -> bool:
    """An `if` that only raises, or a call of one: what is refused is not asked here."""
    if isinstance(node, ast.If):
        return not node.orelse and all(isinstance(n, ast.Raise) for n in node.body)
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Call) and _text(node.value.func) == "_check"


def _is_text(node: ast.AST) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)


def _replace(within: ast.AST, old: ast.AST, new: ast.AST) -> bool:
    """Put a node in another's place."""
    for parent in ast.walk(within):
        for field, value in ast.iter_fields(parent):
            if value is old:
                setattr(parent, field, new)
                return True
            if isinstance(value, list) and any(v is old for v in value):
                value[next(i for i, v in enumerate(value) if v is old)] = new
                return True
    return False


# ---------------------------------------------------------------- what stands in
def _patches(module: ModuleType, changed: ast.Module) -> Patches:
    """Every function and class of the module from the changed source, in every place that has the right one."""
    twin = ModuleType(module.__name__)
    twin.__package__ = module.__package__
    exec(compile(changed, f"<mutant of {module.__name__}>", "exec"), twin.__dict__)
    patches: Patches = {}
    for place in [m for name, m in sys.modules.items() if name.startswith("backproof.reference") and m is not None]:
        for name, value in vars(place).items():
            mutable = inspect.isfunction(value) or (inspect.isclass(value) and not issubclass(value, tuple))
            if mutable and value.__module__ == module.__name__ and hasattr(twin, value.__name__):
                patches[place, name] = getattr(twin, value.__name__)
    return patches
