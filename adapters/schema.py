"""protocol.schema.json, for whoever speaks the protocol: every message, made from `protocol` and `cases.problem`.

    python -m backproof.adapters.schema        writes it anew

It lets unknown fields pass, as readers do. `violation` does not, and looks at what a schema cannot say.
"""

import base64
import difflib
import fnmatch
import functools
import inspect
import itertools
import json
import math
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, get_args

import msgspec
import numpy as np

from ..cases import CaseError, format, problem, solve
from ..cases.format import PrecisionName
from ..cases.problem import ArrayMessage
from ..reference import operations
from ..reference.arithmetic.precision import PRECISIONS
from . import protocol
from .protocol import Describe, Reply, Request, Run

PATH = Path(__file__).parent / "protocol.schema.json"
TEMPLATE = "#/$defs/{name}"
SHOWN = 200  # characters of what is wrong: it may repeat a whole array


def schema() -> dict[str, Any]:
    """The JSON Schema (draft 2020-12) of a line of the protocol."""
    messages = [*get_args(Request), *get_args(Reply)]
    _, definitions = msgspec.json.schema_components(
        [*messages, ArrayMessage], schema_hook=_array, ref_template=TEMPLATE
    )
    for name, definition in definitions.items():
        _say(definition, next(vars(module)[name] for module in (protocol, problem, format) if name in vars(module)))
    array = definitions["ArrayMessage"]
    array["properties"] |= {
        "shape": {"type": "array", "items": {"type": "integer", "minimum": 0}},
        "data": {"type": "string", "contentEncoding": "base64"},
        "values": {
            "type": "array",
            "items": {"anyOf": [{"type": ["number", "boolean"]}, {"enum": ["NaN", "Infinity", "-Infinity"]}]},
        },
    }
    array["oneOf"] = [{"required": ["data"]}, {"required": ["values"]}]
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "backproof process protocol",
        "description": "One line, on stdin a request, on stdout a reply.",
        "anyOf": [{"$ref": "#/$defs/Request"}, {"$ref": "#/$defs/Reply"}],
        "$defs": {
            **{name: {"oneOf": [{"$ref": TEMPLATE.format(name=kind.__name__)} for kind in get_args(kinds)]}
               for name, kinds in (("Request", Request), ("Reply", Reply))},
            **dict(sorted(definitions.items())),
        },
    }  # fmt: skip


def text() -> str:
    """The schema as it stands in the file."""
    return json.dumps(schema(), indent=2, ensure_ascii=False) + "\n"


def _array(_: type) -> dict[str, Any]:
    return {"$ref": TEMPLATE.format(name="ArrayMessage")}


def _say(definition: dict[str, Any], kind: type) -> None:
    """Put the docstring, and the comments that stand beside fields, where a reader of the schema finds them."""
    definition["description"] = inspect.getdoc(kind)
    for field, comment in re.findall(r"^    (\w+): .*  # (.+)$", inspect.getsource(kind), re.MULTILINE):
        definition["properties"][field]["description"] = comment


# ---------------------------------------------------------------- a reply
def violation(line: bytes, asked: Describe | Run) -> str:
    """What is not valid in a reply, with its place ("not valid: $.trace.loss.dtype: ..."), or "".

    What is no JSON, or a reply to something else, is for `decode_reply` to say.
    """
    try:
        reply = json.loads(line, object_pairs_hook=_once)
    except _Twice as error:
        return f"not valid: $: the field {str(error)!r:.{SHOWN}} stands there twice"
    except (ValueError, RecursionError):
        return ""
    found = next(_violations(reply, asked), "")
    return f"not valid: {' '.join(found.split()):.{SHOWN}}" if found else ""


class _Twice(ValueError):
    """A field that an object has twice."""


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    table: dict[str, Any] = {}
    for key, value in pairs:
        if key in table:
            raise _Twice(key)
        table[key] = value
    return table


@functools.cache
def _validators() -> dict[str, Any]:
    """For each kind of reply, a validator that lets no unknown field pass."""
    from jsonschema import Draft202012Validator

    definitions = {name: _closed(definition) for name, definition in schema()["$defs"].items()}
    return {
        kind.__struct_config__.tag: Draft202012Validator({"$ref": f"#/$defs/{kind.__name__}", "$defs": definitions})
        for kind in get_args(Reply)
    }


def _closed(definition: dict[str, Any]) -> dict[str, Any]:
    return {"additionalProperties": False} | definition if "properties" in definition else definition


def _violations(reply: Any, asked: Describe | Run) -> Iterator[str]:
    """One after the other, the cheapest to find first: an answer may be large."""
    from jsonschema.exceptions import best_match

    validators = _validators()
    kind = reply.get("kind") if isinstance(reply, dict) else None
    if not isinstance(kind, str) or kind not in validators:
        yield f"$.kind: a reply is an object whose kind is one of: {', '.join(validators)}"
        return
    trace = reply.get("trace")
    if isinstance(asked, Run) and isinstance(trace, dict):
        yield from _strangers(trace, asked)
    if error := best_match(itertools.islice(validators[kind].iter_errors(reply), 1)):
        either = error.validator == "oneOf"  # which is all that there is of it in a reply
        yield f"{error.json_path}: {'an array has either data or values' if either else error.message}"
    elif isinstance(asked, Run):
        for name, array in (trace or {}).items():
            yield from (f"$.trace{_at(name)}.{wrong}" for wrong in _array_violations(array, asked.problem.precision))
    else:
        yield from _unknown_names(reply)


def _strangers(trace: dict[str, Any], asked: Run) -> Iterator[str]:
    """Tensors that nobody asked for: the reference knows their names."""
    try:
        with np.errstate(all="ignore"):
            wanted = solve(asked.problem, asked.check, lambda array: array.astype(np.float64))
    except CaseError:  # shapes that do not fit: the case's own fault, which the run reports
        return
    for name in trace:
        if name not in wanted:
            near = difflib.get_close_matches(name[:SHOWN], wanted, n=1)
            guess = f"; did you mean {near[0]!r}?" if near else ""
            yield f"$.trace{_at(name)}: nobody asked for this tensor{guess}"


def _array_violations(array: dict[str, Any], precision: PrecisionName) -> Iterator[str]:
    size = math.prod(array["shape"])
    if array["dtype"] != precision:
        yield f"dtype: {array['dtype']}, where {precision} was asked for"
    elif "values" in array:
        if len(array["values"]) != size:
            yield f"values: {len(array['values']):,} numbers, where shape {array['shape']} takes {size:,}"
        if any(isinstance(value, bool) for value in array["values"]):
            yield f"values: true or false, where {precision} was asked for"
    else:
        takes = size * PRECISIONS[precision].dtype.itemsize
        try:
            found = len(base64.b64decode(array["data"], validate=True))
        except ValueError as error:
            yield f"data: no base64: {error}"
        else:
            if found != takes:
                yield f"data: {found:,} bytes, where shape {array['shape']} of {precision} takes {takes:,}"


def _unknown_names(described: dict[str, Any]) -> Iterator[str]:
    """What a description names that there is not."""
    for key, there in (("precisions", list(PRECISIONS)), ("operations", operations.names(*operations.KINDS))):
        for i, glob in enumerate(described.get(key, [])):
            if not fnmatch.filter(there, glob):
                near = difflib.get_close_matches(glob, there, n=1)
                yield f"$.{key}[{i}]: there is no {glob!r}" + (f"; did you mean {near[0]!r}?" if near else "")


def _at(name: str) -> str:
    """A key in a JSON path."""
    return f".{name}" if name.isidentifier() else f"[{name[:SHOWN]!r}]"


if __name__ == "__main__":
    PATH.write_text(text(), encoding="utf-8")
