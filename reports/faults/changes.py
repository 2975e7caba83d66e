"""Every way to get one node of a program wrong."""

import ast
import copy
from collections.abc import Iterator
from typing import Any

SWAPPED: dict[type[ast.AST], list[Any]] = {
    ast.Add: [ast.Sub], ast.Sub: [ast.Add], ast.Mult: [ast.Div], ast.Div: [ast.Mult], ast.MatMult: [],
    ast.FloorDiv: [ast.Mult], ast.Mod: [ast.Mult], ast.Pow: [ast.Mult],
    ast.BitAnd: [ast.BitOr], ast.BitOr: [ast.BitAnd],
    ast.Gt: [ast.GtE, ast.Lt], ast.Lt: [ast.LtE, ast.Gt], ast.LtE: [ast.Lt], ast.GtE: [ast.Gt],
    ast.Eq: [ast.NotEq], ast.NotEq: [ast.Eq], ast.In: [ast.NotIn], ast.NotIn: [ast.In],
    ast.Is: [ast.IsNot], ast.IsNot: [ast.Is], ast.And: [ast.Or], ast.Or: [ast.And],
}  # fmt: skip
RENAMED = {
    "maximum": "minimum", "exp": "expm1", "log": "log1p", "log1p": "log", "sum": "mean", "max": "min", "tanh": "arctan",
    "abs": "negative", "xlogy": "xlog1py", "xlog1py": "xlogy",
}  # fmt: skip
EVEN = {"square", "abs", "zip", "reversed", "set", "len", "isinstance", "hasattr"}  # no use negating what they take
COMMUTE = {"maximum", "minimum", "logaddexp"}
LIKE = {"whole", "root", "pi", "decimal", "correction"}  # their last argument only says which arithmetic
UNSEEN = {"strict", "divide", "invalid", "dtype"}  # arguments that guard, and decide no number


def changes(node: ast.AST) -> Iterator[ast.AST]:
    """Every way to get this node wrong."""
    match node:
        case ast.BinOp():
            yield from _arithmetic(node)
        case ast.Compare():
            for i, op in enumerate(node.ops):
                for kind in SWAPPED.get(type(op), []):
                    yield ast.Compare(node.left, [*node.ops[:i], kind(), *node.ops[i + 1 :]], node.comparators)
        case ast.BoolOp():
            yield ast.BoolOp(SWAPPED[type(node.op)][0](), node.values)
        case ast.UnaryOp(op=ast.USub()):
            yield node.operand
        case ast.Attribute(attr="T"):
            yield node.value
        case ast.Call():
            yield from _called(node)
        case ast.IfExp():
            yield node.body
            yield node.orelse
            yield ast.IfExp(ast.UnaryOp(ast.Not(), node.test), node.body, node.orelse)
        case ast.If():
            for test in (ast.Constant(True), ast.Constant(False), ast.UnaryOp(ast.Not(), node.test)):
                yield ast.If(test, node.body, node.orelse)
        case ast.AugAssign():
            for kind in SWAPPED.get(type(node.op), []):
                yield ast.AugAssign(node.target, kind(), node.value)
            yield ast.Pass()
        case ast.Assign(targets=[ast.Name() | ast.Subscript()]) if _is_number(node.value):
            yield from (ast.Assign(node.targets, _scaled(node.value, by)) for by in (0.5, 2.0, -1.0))
        case ast.Return(value=ast.expr() as value) if _is_number(value):
            yield from (ast.Return(_scaled(value, by)) for by in (0.5, 2.0, -1.0))
        case ast.Constant():
            yield from (ast.Constant(number) for number in _others(node.value))


def _others(value: object) -> list[float]:
    """Numbers in place of a number; a bool is an argument that guards, or keeps dimensions: left out above."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return []
    return [number for number in dict.fromkeys((value + 1, 2 * value)) if number != value]


def _is_number(value: ast.expr) -> bool:
    """Not a tuple, a dict, None, or a named tuple, of which there is no half."""
    if isinstance(value, ast.Call):
        return not _called_name(value)[:1].isupper()
    return isinstance(value, ast.BinOp | ast.UnaryOp | ast.Name | ast.Subscript)


def _called_name(node: ast.Call) -> str:
    return node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")


def _scaled(value: ast.expr, by: float) -> ast.expr:
    return ast.BinOp(ast.Constant(by), ast.Mult(), value)


def _arithmetic(node: ast.BinOp) -> Iterator[ast.expr]:
    for kind in SWAPPED.get(type(node.op), []):
        yield ast.BinOp(node.left, kind(), node.right)
    yield node.left
    if not isinstance(node.op, ast.Div):
        yield node.right
    if isinstance(node.op, ast.Sub | ast.Div | ast.MatMult):
        yield ast.BinOp(node.right, node.op, node.left)


def _called(node: ast.Call) -> Iterator[ast.expr]:
    """Another function, an argument negated, swapped or left out, an axis forgotten or mistaken."""
    name = _called_name(node)
    if RENAMED.get(name):
        func = copy.deepcopy(node.func)
        setattr(func, "attr" if isinstance(func, ast.Attribute) else "id", RENAMED[name])
        yield ast.Call(func, node.args, node.keywords)
    if name in ("sum", "max", "copy") and isinstance(node.func, ast.Attribute):
        yield node.func.value
    for i, keyword in enumerate(node.keywords):
        if keyword.arg in UNSEEN:
            continue
        yield ast.Call(node.func, node.args, node.keywords[:i] + node.keywords[i + 1 :])
        axis = keyword.value.value if keyword.arg == "axis" and isinstance(keyword.value, ast.Constant) else None
        if isinstance(axis, int):
            other = [*node.keywords]
            other[i] = ast.keyword("axis", ast.Constant(1 - axis))
            yield ast.Call(node.func, node.args, other)
    if name and not name[0].isupper() and name not in EVEN:
        for i, argument in enumerate(node.args[:-1] if name in LIKE else node.args):
            if isinstance(argument, ast.Name | ast.BinOp | ast.Attribute | ast.Subscript):
                yield ast.Call(
                    node.func, [*node.args[:i], ast.UnaryOp(ast.USub(), argument), *node.args[i + 1 :]], node.keywords
                )
    if len(node.args) >= 2 and name not in COMMUTE | LIKE and not any(isinstance(a, ast.Starred) for a in node.args):
        yield ast.Call(node.func, [*node.args[:-2], node.args[-1], node.args[-2]], node.keywords)
