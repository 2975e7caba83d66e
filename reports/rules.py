"""Each optimizer of a record, and what stands around its step: the rule, the codes, the first steps with numbers."""

import re
from collections import defaultdict
from collections.abc import Iterator
from typing import Any, NamedTuple

from ..reference import operations
from .code import Code, Part, codes, derivation
from .record import CaseLine, Record
from .tables import implementations

STEPS = 3
TENSOR = re.compile(r"(?P<what>update|state|rate|scale|clipped|average)\.(?P<step>\d{1,6})(\.(?P<which>.+))?")
KINDS: dict[operations.Kind, Part] = {
    "optimizers": "update", "schedules": "rate", "clipping": "clip", "averages": "update",
}  # fmt: skip


class Numbers(NamedTuple):
    """One tensor of one of the first steps: what is expected, and what each implementation has, None if nothing."""

    tensor: str
    expected: Any
    values: list[Any]


class RuleView(NamedTuple):
    """One rule, with the case that shows it."""

    kind: str
    name: str
    derivation: str
    codes: list[Code]
    case: str
    precision: str
    names: list[str]  # of the implementations
    steps: list[Numbers]


def rules(record: Record) -> list[RuleView]:
    """Every rule that a case of the record uses, each with the case that bears its name, or else the first."""
    names = implementations(record)
    values: defaultdict[tuple[str, str], dict[tuple[str, str], Any]] = defaultdict(dict)
    for row in record.rows:
        if row.check == "update" and row.tensor:
            values[row.case, row.precision][row.implementation, row.tensor] = row.values
    found = []
    for kind, part in KINDS.items():
        for name in operations.names(kind):
            lines = [line for line in record.cases if name in line.operations and values[line.case, line.precision]]
            if not lines:
                continue
            line = min(lines, key=lambda line: (not _about(line, name), record.cases.index(line)))
            given = values[line.case, line.precision]
            who = ["reference", *(n for n in names if n != "reference")]
            steps = list(_steps(line, names, given))
            found.append(RuleView(kind, name, derivation(name, kind), codes(name, part, who, kind), line.case,
                                  line.precision, names, steps))  # fmt: skip
    return found


def _about(line: CaseLine, name: str) -> bool:
    return line.case.split(":")[0].rpartition("/")[2] == name


def _steps(line: CaseLine, names: list[str], given: dict[tuple[str, str], Any]) -> Iterator[Numbers]:
    """The tensors of the first steps, of the smallest parameter that has more than one number."""
    found = {tensor: match for tensor in line.expected if (match := TENSOR.fullmatch(tensor))}
    sizes = {m["which"]: _size(line.expected[t]) for t, m in found.items() if m["what"] == "update" and m["which"]}
    smallest = min(sizes, key=lambda parameter: (sizes[parameter] < 2, sizes[parameter]), default="")
    for tensor, match in found.items():
        which = match["which"] or ""
        mine = which == smallest or (match["what"] == "state" and which.endswith(f".{smallest}"))
        if int(match["step"]) <= STEPS and (mine or match["what"] in ("rate", "scale")):
            yield Numbers(tensor, line.expected[tensor], [given.get((name, tensor)) for name in names])


def _size(x: Any) -> int:
    return sum(map(_size, x)) if isinstance(x, list) else 1
