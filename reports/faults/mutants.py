"""Faults that nobody thought of: the reference's own source, with one place changed by rule.

Every function that decides a number is parsed, each node is changed in every way that `changes` knows, and what comes
out is compiled and stands in for the right function, wherever that had been imported.
"""

import ast
import importlib
import inspect
import re
import sys
from collections.abc import Callable, Iterator
from functools import cache, cached_property, partial
from pathlib import Path
from types import CodeType, ModuleType
from typing import TypeAlias

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


class Mutant:
    """One change of the source."""

    def __init__(self, id: str, module: ModuleType, code: CodeType) -> None:
        self.id = id  # "relu.backward: x > 0 → x >= 0"
        self.module = module
        self._code = code

    @cached_property
    def patches(self) -> Patches:
        """Every function and class of the module from the changed source, in every place that has the right one."""
        twin = ModuleType(self.module.__name__)
        twin.__package__ = self.module.__package__
        exec(self._code, twin.__dict__)
        return {place: getattr(twin, name) for place, name in _places(self.module).items() if hasattr(twin, name)}


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
        short = f"{module.__name__.rpartition('.')[2]}.{function.name}"
        for node, statement, put in list(_nodes(function)):
            before = _text(statement)
            for changed in changes(node):
                ast.fix_missing_locations(ast.copy_location(changed, node))
                put(changed)
                id = f"{short}: {before} → {_text(changed if node is statement else statement)}"
                if id not in seen:
                    seen.add(id)
                    code = compile(tree, f"<mutant of {module.__name__}>", "exec")
                    put(node)  # whoever takes the mutant may look at the tree again
                    yield Mutant(id, module, code)
                put(node)


def _text(node: ast.AST) -> str:
    return "nothing" if isinstance(node, ast.Pass) else ast.unparse(node).partition("\n")[0]


Put: TypeAlias = Callable[[ast.AST], None]
"""Puts another node in a node's place."""


def _nodes(function: ast.FunctionDef) -> Iterator[tuple[ast.AST, ast.AST, Put]]:
    """What of a function decides numbers, each node with its statement: not its docstring, or what it raises."""
    queue: list[tuple[ast.AST, ast.AST, Put]] = [(n, n, _putting(function, "body", n)) for n in function.body]
    while queue:
        node, statement, put = queue.pop(0)
        if isinstance(node, ast.Raise | ast.ExceptHandler) or _is_check(node) or _is_text(node):
            continue
        yield node, statement, put
        for field, value in ast.iter_fields(node):
            if field != "annotation":
                below = [v for v in (value if isinstance(value, list) else [value]) if isinstance(v, ast.AST)]
                queue += [(v, v if isinstance(v, ast.stmt) else statement, _putting(node, field, v)) for v in below]


def _putting(parent: ast.AST, field: str, node: ast.AST) -> Put:
    value = getattr(parent, field)
    if not isinstance(value, list):
        return partial(setattr, parent, field)
    return partial(value.__setitem__, next(i for i, v in enumerate(value) if v is node))


def _is_check(node: ast.AST) -> bool:
    """An `if` that only raises, or a call of one: what is refused is not asked here."""
    if isinstance(node, ast.If):
        return not node.orelse and all(isinstance(n, ast.Raise) for n in node.body)
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Call) and _text(node.value.func) == "_check"


def _is_text(node: ast.AST) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)


# ---------------------------------------------------------------- what stands in
@cache
def _places(module: ModuleType) -> dict[tuple[ModuleType, str], str]:
    """Where the functions and classes of a module stand in the reference, and what each is called at home."""
    found = {}
    for place in [m for name, m in sys.modules.items() if name.startswith("backproof.reference") and m is not None]:
        for name, value in vars(place).items():
            mutable = inspect.isfunction(value) or (inspect.isclass(value) and not issubclass(value, tuple))
            if mutable and value.__module__ == module.__name__:
                found[place, name] = value.__name__
    return found
