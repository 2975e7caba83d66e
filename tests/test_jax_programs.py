"""Compiled programs are kept whole, and nothing but the same program is taken for one."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

jax = pytest.importorskip("jax")

from backproof.adapters.jax import Jax  # noqa: E402 - it needs JAX
from backproof.adapters.jax_programs import Program  # noqa: E402
from backproof.cases import load  # noqa: E402

pytestmark = pytest.mark.frameworks
X = np.arange(6.0).reshape(2, 3)


@pytest.fixture
def kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Where programs are kept: an empty place."""
    monkeypatch.setenv("BACKPROOF_CACHE", str(tmp_path))
    Jax()
    yield tmp_path / "jax" / "programs"
    jax.config.update("jax_compilation_cache_dir", None)


class Traced:
    """A function that counts how often it is traced."""

    def __init__(self) -> None:
        self.count = 0

    def __call__(self, x: Any) -> Any:
        self.count += 1
        return {"twice": 2 * x, "sum": x.sum()}


def test_another_process_would_not_trace(kept: Path) -> None:
    first, second = Traced(), Traced()
    one = Program(first, "twice")(X)
    assert len(list(kept.iterdir())) == 1
    other = Program(second, "twice")(X)
    assert (first.count, second.count) == (1, 0)
    np.testing.assert_array_equal(other["twice"], one["twice"])
    assert other["sum"] == 15.0


def test_what_decides_and_what_is_given_tell_programs_apart(kept: Path) -> None:
    again = Traced()
    Program(Traced(), "twice")(X)
    for decides, given in (("thrice", X), ("twice", X.T), ("twice", X.astype(np.float32)), ("twice", [X])):
        Program(lambda x, again=again: again(x[0] if isinstance(x, list) else x), decides)(given)
    assert again.count == 4


def test_what_is_damaged_is_compiled_again(kept: Path) -> None:
    Program(Traced(), "twice")(X)
    (file,) = kept.iterdir()
    file.write_bytes(b"garbage")
    again = Traced()
    assert Program(again, "twice")(X)["sum"] == 15.0
    assert again.count == 1
    assert file.read_bytes() != b"garbage"


@pytest.mark.parametrize("name", ["layers/layer_norm*", "around/*", "basics/networks/training_*"])
def test_a_kept_program_answers_as_the_compiled_one(kept: Path, name: str) -> None:
    for case in load(name)[:4]:
        problem = case.problem("float64")
        for check in problem.checks:
            try:
                compiled = getattr(Jax(), check)(problem)
            except Exception as refusal:
                if type(refusal).__name__ != "Unsupported":
                    raise
                continue
            loaded = getattr(Jax(), check)(problem)
            assert compiled.keys() == loaded.keys()
            for tensor, x in compiled.items():
                np.testing.assert_array_equal(x, loaded[tensor], err_msg=f"{case.name} {tensor}")
    assert list(kept.iterdir())
