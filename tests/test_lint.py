"""The rules of the catalogue: each is shown a fault that it must catch."""

from pathlib import Path
from typing import Any

import pytest

from backproof.cases import Case
from backproof.cases.lint import RULES, lint
from backproof.cases.load import from_table

GOOD: dict[str, Any] = {
    "question": "Is it?",
    "because": "a mistake of some kind",
    "upstream": {"normal": [5, 2]},
    "inputs": {"x": {"normal": [5, 4]}},
    "network": [
        {"op": "linear", "name": "below", "W": {"normal": [4, 3]}, "b": {"normal": [3]}},
        {"op": "linear", "name": "above", "W": {"normal": [3, 2]}},
    ],
    "optimizer": {"op": "sgd", "lr": [0.1, 0.1, 0.01]},
}
BROKEN: dict[str, dict[str, Any]] = {
    "question": {"question": "It is."},
    "because": {"because": "so"},
    "kills": {"kills": ["E1"]},
    "precisions": {"precisions": ["float32"]},
    "claims": {"claims": [{"of": "it", "says": "1", "tensor": "output.above"}]},
    "rows": {"inputs": {"x": {"normal": [2, 4]}}, "upstream": {"normal": [2, 7]}},
    "dimensions-differ": {"inputs": {"x": {"normal": [3, 4]}}, "upstream": {"normal": [3, 2]}},
    "square-weights": {"network": [{"op": "linear", "W": {"normal": [4, 4]}, "b": {"normal": [4]}}]},
    "layer-below": {"network": [{"op": "linear", "W": {"normal": [4, 3]}, "b": {"normal": [3]}}]},
    "constant-data": {"inputs": {"x": [[1.0, 1.0, 1.0, 1.0]] * 5}},
    "constant-upstream": {"upstream": [[0.5, 0.5]] * 5},
    "exact-data": {"exact": True},
    "conventions": {"network": [GOOD["network"][0], {"op": "gelu"}], "upstream": {"normal": [5, 3]}},
    "three-steps": {"optimizer": {"op": "sgd", "lr": [0.1, 0.01]}},
    "rate-changes": {"optimizer": {"op": "sgd", "lr": 0.1}},
    "two-parameters": {"network": [{"op": "linear", "W": {"normal": [4, 3]}}, {"op": "tanh"}]},
}


def made(raw: dict[str, Any]) -> Case:
    (case,) = from_table(raw, Path("case.toml"), "case")
    return case


def test_a_good_case_passes() -> None:
    assert lint(made(GOOD)) == []


def test_every_rule_is_shown_a_fault() -> None:
    assert set(BROKEN) == set(RULES)


@pytest.mark.parametrize("rule", BROKEN)
def test_a_broken_rule_is_reported_and_can_be_excused(rule: str) -> None:
    bad = GOOD | BROKEN[rule]
    found = [line for line in lint(made(bad)) if f": {rule}: " in line]
    assert len(found) == 1
    excused = lint(made(bad | {"excuse": {rule: "for a reason"}}))
    assert not any(rule in line for line in excused)
    assert any("gives no reason" in line for line in lint(made(bad | {"excuse": {rule: " "}})))


@pytest.mark.parametrize(
    ("change", "silent"),
    [
        ({"network": [GOOD["network"][0], {"op": "gelu"}], "upstream": {"normal": [5, 3]}}, "gelu.approximate"),
        (
            {
                "inputs": {"x": [[0.0] * 4] * 5},
                "network": [{"op": "linear", "W": {"normal": [4, 3]}}, {"op": "relu"}],
                "upstream": {"normal": [5, 3]},
            },
            "relu.at_zero",
        ),
        ({"optimizer": GOOD["optimizer"] | {"op": "adam", "eps_at": "root", "amsgrad": "off"}}, "adam.bias_correction"),
        ({"optimizer": GOOD["optimizer"] | {"clip": {"op": "clip_norm", "max_norm": 0.1}}}, "clip_norm.measure"),
        (
            {
                "optimizer": {
                    "op": "sgd",
                    "lr": 0.1,
                    "steps": 4,
                    "schedule": {"op": "cosine_lr", "T": 2, "floor": "rate"},
                }
            },
            "cosine_lr.after",
        ),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_convention_that_decides_is_named_wherever_it_stands(change: dict[str, Any], silent: str) -> None:
    (found,) = [line for line in lint(made(GOOD | change)) if ": conventions: " in line]
    assert found.endswith(f"decide numbers: {silent}")


def test_an_excuse_must_be_needed_and_name_a_rule() -> None:
    assert "excuses nothing" in lint(made(GOOD | {"excuse": {"rows": "why not"}}))[0]
    assert "There are: question" in lint(made(GOOD | {"excuse": {"row": "a slip"}}))[0]
