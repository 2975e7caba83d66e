"""case.schema.json, for editors and other programs: made from the case format and the reference's folders.

    python -m backproof.cases.schema        writes it anew

A key that [matrix] fills in should stand in the file with a value of its own, too: the schema sees the file as it is.
"""

import json
from pathlib import Path
from typing import Any

import msgspec

from ..reference import operations
from .format import KINDS, CaseFile, OptimizerTable, WarmUp

PATH = Path(__file__).parent / "case.schema.json"
ARRAY = {"$ref": "#/$defs/Array"}


def schema() -> dict[str, Any]:
    """The JSON Schema (draft 2020-12) of a case file's table."""
    (top, *kinds), definitions = msgspec.json.schema_components(
        [CaseFile, *KINDS.values()], ref_template="#/$defs/{name}"
    )
    definitions["Numbers"] = {
        "description": "Numbers as they stand, nested by axis.",
        "type": "array",
        "items": {"anyOf": [{"type": "number"}, {"$ref": "#/$defs/Numbers"}]},
    }
    definitions["Array"] = {
        "description": "An array: a number, nested lists of numbers, or how to come by it.",
        "anyOf": [{"type": "number"}, {"$ref": "#/$defs/Numbers"}, *kinds],
    }
    for kind in KINDS.values():
        _no_negative_lengths(definitions[kind.__name__])
    file = definitions["CaseFile"]
    file["properties"] |= _tables(file["properties"])
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "backproof case",
        **top,
        "$defs": dict(sorted(definitions.items())),
    }


def _tables(generated: dict[str, Any]) -> dict[str, Any]:
    """The keys that msgspec knows only as open tables."""
    of_arrays = {"type": "object", "additionalProperties": ARRAY}
    return {
        "inputs": of_arrays,
        "parameters": of_arrays,
        "gradients": of_arrays,
        "upstream": ARRAY,
        "precisions": generated["precisions"] | {"minItems": 1},
        "network": {"type": "array", "items": _layer()},
        "loss": _table("losses"),
        "penalties": {
            "type": "array",
            "items": _table("penalties", parameters={"type": "array", "items": {"type": "string"}, "minItems": 1}),
        },
        "optimizer": _table("optimizers", **_around()),
        "matrix": {
            "description": "Dotted key to choices: one case for each combination.",
            "type": "object",
            "additionalProperties": {
                "anyOf": [
                    {"type": "array", "minItems": 1, "items": {"type": ["string", "number", "boolean"]}},
                    {"type": "object", "minProperties": 1},
                ]
            },
        },
    }


def _around() -> dict[str, Any]:
    """What an optimizer's table may hold beside the rule and its options."""
    _, parts = msgspec.json.schema_components([OptimizerTable], ref_template="#/$defs/{name}")
    properties = dict(parts["OptimizerTable"]["properties"])
    for key, kind in (("accumulate", "AccumulationOf"), ("loss_scale", "LossScaleOf")):
        properties[key] = parts[kind]
    return properties | {
        "lr": _one_or_list("number"),
        "steps": {"type": "integer", "minimum": 1},
        "schedule": _table("schedules", **msgspec.json.schema(WarmUp)["$defs"]["WarmUp"]["properties"]),
        "clip": _table("clipping"),
        "average": _table("averages"),
    }


def _layer() -> dict[str, Any]:
    """A layer has an operation of its own, or uses another's."""
    own = _table(*operations.NETWORK, name={"type": "string"}, inputs={"type": "array", "items": {"type": "string"}})
    for name in operations.names("layers"):
        own["properties"] |= dict.fromkeys(operations.parameters(operations.find(name, "layers")), ARRAY)
    again = {
        "type": "object",
        "properties": {key: own["properties"][key] for key in ("name", "inputs")} | {"uses": {"type": "string"}},
        "required": ["uses", "name"],
        "additionalProperties": False,
    }
    return {"anyOf": [own | {"not": {"required": ["uses"]}}, again]}


def _table(*kinds: operations.Kind, **others: Any) -> dict[str, Any]:
    """A table that names an operation; its options are checked by the loader, against the operation."""
    return {
        "type": "object",
        "properties": {"op": {"enum": list(operations.names(*kinds))}, **others},
        "required": ["op", "lr"] if "lr" in others else ["op"],
    }


def _one_or_list(kind: str) -> dict[str, Any]:
    return {"anyOf": [{"type": kind}, {"type": "array", "items": {"type": kind}}]}


def _no_negative_lengths(definition: dict[str, Any]) -> None:
    first = definition["properties"][definition["required"][0]]
    if first.get("items") == {"type": "integer"}:
        first["items"] = {"type": "integer", "minimum": 0}


def text() -> str:
    """The schema as it stands in the file."""
    return json.dumps(schema(), indent=2, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    PATH.write_text(text(), encoding="utf-8")
