"""What is covered: operations × implementations × precisions, and what the frameworks offer beside.

The first is counted from a record: in how many of the cases that use an operation all its tensors agreed. The second is
read off the adapters' tables, and off `adapters/offered.toml` for what is left out, and why.
"""

import ast
import tomllib
from collections import Counter, defaultdict
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import NamedTuple

from .. import adapters
from ..reference import operations
from .code import FILES, entries, parsed
from .record import AGREES, Record, Verdict
from .tables import implementations
from .words import glyph

NAMESPACES = {
    "torch.nn.functional": "pytorch", "torch.optim": "pytorch", "torch.optim.lr_scheduler": "pytorch",
    "jax.nn": "jax", "optax.losses": "jax", "optax": "jax", "optax.contrib": "jax",
}  # fmt: skip
LEFT_OUT = Path(str(adapters.__file__)).with_name("offered.toml")


class Share(NamedTuple):
    """What became of the cases that use an operation, at one precision, with one implementation."""

    agree: int  # every tensor that was asked of them agrees
    known: int  # the others differ in nothing but what is known
    unsupported: int
    wrong: int

    @property
    def verdict(self) -> Verdict:
        """All of them in one word."""
        if self.wrong:
            return "outside"
        return "within" if self.agree else "known" if self.known else "unsupported"

    @property
    def text(self) -> str:
        """In full, as in ✓ 12, ✓ 9 of 12 or – 12."""
        counts = {"within": self.agree, "known": self.known, "unsupported": self.unsupported, "outside": self.wrong}
        having, asked = counts[self.verdict], sum(self)
        return f"{glyph(self.verdict)} {having}" + (f" of {asked}" if having < asked else "")


class Offer(NamedTuple):
    """A function that a framework offers, and the operation that checks it, or why none does."""

    namespace: str
    function: str
    operation: str
    reason: str


# ---------------------------------------------------------------- operations × implementations × precisions
def columns(record: Record) -> list[tuple[str, str]]:
    """(implementation, precision), in the order of the header."""
    return [(name, precision) for name in implementations(record) for precision in record.header.precisions]


def shares(record: Record) -> dict[tuple[str, str], dict[tuple[str, str], Share]]:
    """(kind, operation) -> (implementation, precision) -> share. An operation without a case in the record lacks."""
    verdicts: defaultdict[tuple[str, str, str], set[Verdict]] = defaultdict(set)
    for row in record.rows:
        verdicts[row.case, row.precision, row.implementation].add(row.verdict)
    used = {(line.case, line.precision): line.operations for line in record.cases}
    counts: defaultdict[str, defaultdict[tuple[str, str], Counter[str]]] = defaultdict(lambda: defaultdict(Counter))
    for (case, precision, implementation), found in verdicts.items():
        for operation in used.get((case, precision), ()):
            counts[operation][implementation, precision][_state(found)] += 1
    return {
        (kind, name): {place: Share(*(c[s] for s in Share._fields)) for place, c in counts[name].items()}
        for kind in operations.KINDS
        for name in operations.names(kind)
        if name in counts
    }


def _state(verdicts: set[Verdict]) -> str:
    """What of a case's verdicts counts: one that is wrong, then what is known, then that something agrees."""
    if verdicts - {*AGREES, "known", "unsupported"}:
        return "wrong"
    if "known" in verdicts:
        return "known"
    return "agree" if verdicts & set(AGREES) else "unsupported"


# ---------------------------------------------------------------- what frameworks offer
@cache
def offers() -> tuple[Offer, ...]:
    """Every function of the namespaces: by which operation it is checked, or why by none."""
    found = []
    for namespace, adapter in NAMESPACES.items():
        covered = _called(adapter)
        for full, op in covered.items():
            place, _, name = full.rpartition(".")
            if place == namespace:
                found.append(Offer(namespace, name, op, ""))
        found += [Offer(namespace, name, "", why) for name, why in left_out(namespace).items()]
    return tuple(sorted(found))


def by_reason() -> dict[str, tuple[list[Offer], dict[str, list[str]]]]:
    """Namespace -> the offers that are checked, and the functions that are not, by the reason."""
    found = {}
    for namespace in NAMESPACES:
        mine = [offer for offer in offers() if offer.namespace == namespace]
        reasons: defaultdict[str, list[str]] = defaultdict(list)
        for offer in mine:
            if not offer.operation:
                reasons[offer.reason].append(offer.function)
        found[namespace] = ([offer for offer in mine if offer.operation], dict(reasons))
    return found


def left_out(namespace: str) -> dict[str, str]:
    """The functions of a namespace that nothing checks under this name -> why."""
    table = tomllib.loads(LEFT_OUT.read_text(encoding="utf-8"))
    return {name: group["reason"] for group in table[namespace] for name in group["functions"]}


def _called(adapter: str) -> dict[str, str]:
    """Each dotted name in the adapter's tables -> the operation whose line it stands in."""
    found: dict[str, str] = {}
    for file in FILES[adapter]:
        _, tree = parsed(file)
        functions = {node.name: node for node in tree.body if isinstance(node, ast.FunctionDef)}
        aliases = dict(_aliases(tree))
        known = set(operations.names(*operations.KINDS))
        for key, value in entries(tree):
            if isinstance(key, ast.Constant) and key.value in known:
                for name in _names(value, functions, aliases):
                    found.setdefault(name, str(key.value))
    return found


def _aliases(tree: ast.Module) -> Iterator[tuple[str, str]]:
    """What a module calls its imports -> their full names."""
    for node in tree.body:
        if isinstance(node, ast.Import):
            yield from ((alias.asname or alias.name.split(".")[0], alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and not node.level:
            yield from ((alias.asname or alias.name, f"{node.module}.{alias.name}") for alias in node.names)


def _names(node: ast.AST, functions: dict[str, ast.FunctionDef], aliases: dict[str, str]) -> Iterator[str]:
    """Every dotted name below a node, through the module's own functions too."""
    for part in ast.walk(node):
        if isinstance(part, ast.Attribute):
            head, _, rest = ast.unparse(part).partition(".")
            if head in aliases:
                yield f"{aliases[head]}.{rest}"
        elif isinstance(part, ast.Name) and part.id in functions:
            others = {name: function for name, function in functions.items() if name != part.id}
            yield from _names(functions[part.id], others, aliases)
