"""Deliberately broken implementations, asked through their own processes: each gets its verdict, in its own rows."""

from pathlib import Path

import pytest

import backproof
from backproof.reports.record import DIFFERS

HERE = Path(__file__).parent / "broken"
CASE = "basics/layers/linear"
TRIGGER = """
question = "Is it broken?"
because = "these implementations break on a case of this name"
[inputs]
x = { normal = [4, 3] }
target = { normal = [4, 2] }
[[network]]
op = "linear"
W = { normal = [3, 2] }
[loss]
op = "mean_squared_error"
"""


@pytest.fixture(scope="module")
def trigger(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("case") / "trigger.toml"
    file.write_text(TRIGGER)
    return file


def judged(name: str, case: Path, timeout: float = 60.0) -> backproof.Result:
    return backproof.check(f"{HERE / name}.py:Broken", cases=case, precision="float64", timeout=timeout)


@pytest.mark.parametrize(
    ("name", "verdict"),
    [
        ("nan_answer", "nonfinite"),
        ("missing_tensor", "missing"),
        ("broadcasting_shape", "shape"),
        ("wrong_dtype", "dtype"),
        ("single_precision", "outside"),
        ("ten_bits", "outside"),
    ],
)
def test_a_wrong_answer_is_found(name: str, verdict: str, trigger: Path) -> None:
    result = judged(name, trigger)
    assert not result.ok
    found = {row.verdict for row in result.record.rows if row.verdict in DIFFERS}
    assert found == {verdict}


@pytest.mark.parametrize(("name", "verdict"), [("crash", "error"), ("raises", "error"), ("hang", "timeout")])
def test_no_answer_is_a_row_for_each_column(name: str, verdict: str, trigger: Path) -> None:
    result = judged(name, trigger, timeout=3.0)
    assert {(row.check, row.tensor, row.verdict) for row in result.record.rows} == {
        ("loss", "", verdict),
        ("gradient", "", verdict),
    }
    assert all(row.reason for row in result.record.rows)


def test_printing_does_no_harm(trigger: Path) -> None:
    assert judged("prints", trigger).ok


def test_garbage_on_stdout_is_one_reason(tmp_path: Path) -> None:
    script = tmp_path / "garbage.py"
    script.write_text("import sys\nfor line in sys.stdin: print('<html>oops', flush=True)\n")
    result = backproof.check(f"garbage=python {script}", cases=CASE, precision="float64")
    assert {row.verdict for row in result.record.rows} == {"error"}
    assert "<html>oops" in result.record.rows[0].reason


def test_an_answer_of_another_shape_costs_no_run_where_there_are_claims(tmp_path: Path) -> None:
    file = tmp_path / "mine.py"
    file.write_text(
        "from backproof.adapters.reference import Reference\n"
        "class Flat(Reference):\n"
        "    def gradients(self, problem):\n"
        "        return {k: v.reshape(-1) for k, v in super().gradients(problem).items()}\n"
    )
    result = backproof.check(f"{file}:Flat", cases="seed/chain", precision="float64")
    assert "shape" in {row.verdict for row in result.record.rows}
    assert result.record.footer.complete


def test_its_name_excuses_nobody(tmp_path: Path) -> None:
    file = tmp_path / "mine.py"
    file.write_text(
        "from backproof.adapters.reference import Reference\n"
        "class jax(Reference):\n"
        "    def gradients(self, problem):\n"
        "        return {k: v * 0 + 7 if k == 'gradient.x' else v for k, v in super().gradients(problem).items()}\n"
    )
    result = backproof.check(f"{file}:jax", cases="basics/activations/tanh_tails", precision="float64")
    assert {row.verdict for row in result.record.rows} >= {"outside"}
    assert "known" not in {row.verdict for row in result.record.rows}


def test_a_script_without_a_guard_does_not_run_itself_again(tmp_path: Path) -> None:
    file = tmp_path / "script.py"
    file.write_text(
        "import backproof\nfrom backproof.adapters.reference import Reference\n"
        "class Mine(Reference):\n    name = 'mine'\n"
        f"result = backproof.check(Mine, cases='{CASE}', precision='float64')\n"
    )
    result = backproof.check(f"{file}:Mine", cases=CASE, precision="float64")
    assert {row.verdict for row in result.record.rows} == {"error"}
    assert "__main__" in result.record.rows[0].details
