"""Whatever stands in a case file, reading it ends in a case or in a CaseError: found by Hypothesis, not thought of."""

import contextlib
import copy
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from backproof.cases import CaseError
from backproof.cases.format import CaseFile

from .good_case import TABLE, computed

words = st.sampled_from(
    ["x", "target", "op", "name", "W", "b", "linear", "tanh", "sgd", "normal", "file", "array", "mean", "loss", "", "ß"]
) | st.text(max_size=4)
numbers = st.integers(-3, 6) | st.integers() | st.floats() | st.booleans()
plain = numbers | words | st.dates()
anything = st.recursive(
    plain,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(words, inner, max_size=3),
    max_leaves=8,
)
keys = st.sampled_from([*CaseFile.__struct_fields__, "matrix"])
RELAXED = settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def only_case_errors(raw: dict[str, Any]) -> None:
    with contextlib.suppress(CaseError):
        computed(raw)


def paths(table: Any, before: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    entries = table.items() if isinstance(table, dict) else enumerate(table) if isinstance(table, list) else ()
    return [before] * bool(before) + [path for key, value in entries for path in paths(value, (*before, key))]


@RELAXED
@given(st.dictionaries(keys | words, anything, max_size=6))
@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def test_any_table_is_a_case_or_a_case_error(raw: dict[str, Any]) -> None:
    only_case_errors({"question": "?", "because": "?"} | raw)


@RELAXED
@given(st.sampled_from(paths(TABLE)), anything)
@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def test_any_change_leaves_a_case_or_a_case_error(path: tuple[Any, ...], value: Any) -> None:
    raw = copy.deepcopy(TABLE)
    inner: Any = raw
    for part in path[:-1]:
        inner = inner[part]
    inner[path[-1]] = value
    only_case_errors(raw)


@RELAXED
@given(
    words | st.sampled_from(["network.tanh.op", "inputs.x", "loss.op", "network", "seed", "inputs.x.normal"]), anything
)
@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def test_any_matrix_is_a_case_or_a_case_error(key: str, value: Any) -> None:
    only_case_errors(TABLE | {"matrix": {key: value}})
