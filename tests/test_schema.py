"""The published JSON Schema: up to date, as generous as the loader, and hardly more so."""

import json
import tomllib
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from backproof.cases import CaseError
from backproof.cases import schema as case_schema
from backproof.cases.load import CATALOGUE

from .good_case import TABLE, changed, computed

SCHEMA = json.loads(case_schema.PATH.read_text(encoding="utf-8"))
VALIDATOR = jsonschema.Draft202012Validator(SCHEMA)


def test_the_published_schema_is_up_to_date() -> None:
    assert case_schema.PATH.read_text(encoding="utf-8") == case_schema.text(), "run python -m backproof.cases.schema"
    jsonschema.Draft202012Validator.check_schema(SCHEMA)


@pytest.mark.parametrize("path", sorted(CATALOGUE.rglob("*.toml")), ids=lambda path: path.stem)
def test_the_schema_accepts_the_catalogue(path: Path) -> None:
    VALIDATOR.validate(tomllib.loads(path.read_text(encoding="utf-8")))


def test_the_schema_accepts_the_good_case() -> None:
    VALIDATOR.validate(TABLE)


@pytest.mark.parametrize(
    ("key", "value"),
    [("inptus", {}), ("question", ...), ("because", 3), ("precisions", ["float63"]), ("precisions", []),
     ("network.1.op", "tahn"), ("network.1.op", ...), ("network.0.W", {"gauss": [4, 6]}), ("network.0.inputs", "x"),
     ("network.1", {"uses": "hidden"}), ("network.1", {"uses": "hidden", "name": "a", "op": "tanh"}),
     ("inputs.x", "normal"), ("inputs.x", {"normal": [5, -4]}), ("inputs.x", {"normal": [5], "std": 1}),
     ("inputs.x", [["a"]]), ("inputs.target", {"integers": [5]}), ("loss.op", "mse"), ("optimizer.lr", ...),
     ("optimizer.lr", "fast"), ("optimizer.steps", 0), ("training.epoch", 3), ("training.lr", ...),
     ("matrix", {"loss.reduction": []}), ("matrix", {"loss.reduction": "mean"}), ("claims", [{"says": 1}])],
    ids=str,
)  # fmt: skip
def test_the_schema_refuses_what_the_loader_refuses(key: str, value: Any) -> None:
    raw = changed(key, value)
    assert not VALIDATOR.is_valid(raw)
    with pytest.raises(CaseError):
        computed(raw)
