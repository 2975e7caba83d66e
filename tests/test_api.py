"""backproof.check: a user's own network, right and wrong, in its own process and in this one."""

import importlib.util
from pathlib import Path
from types import ModuleType

import pytest

import backproof

EXAMPLE = Path(__file__).parent.parent / "examples" / "my_network.py"
CASES = "basics/networks/regressor:*"


@pytest.fixture(scope="module")
def example() -> ModuleType:
    spec = importlib.util.spec_from_file_location("my_network", EXAMPLE)
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_example_is_about_forty_lines() -> None:
    lines = [line for line in EXAMPLE.read_text().splitlines() if line.strip()]
    assert len(lines) <= 45


def test_the_readme_shows_the_example_word_for_word() -> None:
    assert EXAMPLE.read_text().strip() in (EXAMPLE.parent.parent / "README.md").read_text()


def test_a_users_network_is_judged() -> None:
    result = backproof.check(f"{EXAMPLE}:MyNetwork", cases=CASES)
    assert result.ok
    result.raise_if_differs()
    judged = result.table[result.table.verdict.isin(["exact", "within"])]
    assert set(judged.tensor) >= {"loss", "gradient.hidden.W", "gradient.output.b"}
    assert set(judged.precision) == {"float64", "float32"}


@pytest.mark.parametrize(
    ("right", "wrong", "tensors"),
    [
        ("dp = 2 * (p - y) / p.size", "dp = (p - y) / p.size", {"W1", "b1", "W2", "b2"}),
        ("dz = dh * (1 - h * h)", "dz = dh * h * (1 - h)", {"W1", "b1"}),
        ('"b2": dp.sum(0)', '"b2": dp.mean(0)', {"b2"}),
        ("dh = dp @ W2.T", "dh = -dp @ W2.T", {"W1", "b1"}),
    ],
)
def test_a_mistake_in_it_is_found_where_it_is(tmp_path: Path, right: str, wrong: str, tensors: set[str]) -> None:
    source = EXAMPLE.read_text()
    assert right in source
    file = tmp_path / "mine.py"
    file.write_text(source.replace(right, wrong))
    result = backproof.check(f"{file}:MyNetwork", cases=CASES, precision="float64")
    assert not result.ok
    outside = set(result.table[result.table.verdict == "outside"].tensor)
    names = {"W1": "gradient.hidden.W", "b1": "gradient.hidden.b", "W2": "gradient.output.W", "b2": "gradient.output.b"}
    assert outside == {names[tensor] for tensor in tensors}
    with pytest.raises(backproof.Differs, match="times the tolerance") as differs:
        result.raise_if_differs()
    if wrong == "dz = dh * h * (1 - h)":  # the README's own example
        quoted = (
            (EXAMPLE.parent.parent / "README.md").read_text().partition("and it says\n\n```\n")[2].partition("\n```")[0]
        )
        assert " ".join(quoted.split()) in str(differs.value)


def test_an_object_stays_in_this_process(example: ModuleType) -> None:
    asked = []

    class Watched(example.MyNetwork):  # type: ignore[misc, name-defined]
        def gradients(self, problem: backproof.Problem) -> backproof.Trace:
            asked.append(problem.case)
            return super().gradients(problem)  # type: ignore[no-any-return]

    assert backproof.check(Watched(), cases=CASES, precision="float64").ok
    assert asked


def test_nothing_selected_is_an_error(example: ModuleType) -> None:
    with pytest.raises(ValueError, match="no case matches"):
        backproof.check(example.MyNetwork, cases="no/such/case")


def test_unknown_names_are_attribute_errors() -> None:
    with pytest.raises(AttributeError, match="chek"):
        _ = backproof.chek  # type: ignore[attr-defined]
