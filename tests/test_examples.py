"""The worked examples are right, in every language that this machine has, and find what they say that they find."""

import shutil
import subprocess
from pathlib import Path

import pytest

from backproof.adapters import known, runner
from backproof.adapters.base import Description
from backproof.adapters.runner import implementation
from backproof.cases import load
from backproof.reports import vectors
from backproof.reports.journal import read
from backproof.reports.record import BROKE, DIFFERS, Record, Row
from backproof.run import Plan, run
from backproof.vectors import judge

EXAMPLES = Path(__file__).parent.parent / "examples"
PYTHON = {  # example -> class, cases, and at least how many tensors of them it computes
    "student_network": ("Student", ["basics/networks", "basics/optimizers/sgd*"], 500),
    "with_micrograd": ("Micrograd", ["basics/networks", "layers/divide*", "losses/*hinge*"], 250),
    "with_autograd": (
        "Autograd",
        ["basics", "activations/expm1*", *(f"layers/{op}*" for op in ("prod", "repeat", "var", "max", "where"))],
        1000,
    ),
    "with_sklearn": (
        "ScikitLearn",
        [str(EXAMPLES / "cases"), "basics/networks", "optimizers/sgd_velocity", "optimizers/adam_eps"],
        250,
    ),
}


def judged(folder: Path, spec: str, cases: list[str], expect: Path | None = None, precision: str = "") -> Record:
    """The record of one implementation on those of the cases that use none but its operations."""
    one = implementation(spec)
    (described,) = runner.describe([one])
    assert isinstance(described, Description), described
    has = set(described.operations)
    chosen = [case for case in load(cases) if has.issuperset(case.operations)]
    differences = known.read(expect) if expect else known.NONE
    plan = Plan(chosen, [one], [precision] if precision else [], known={one.name: differences}, diagnose=False)
    run(plan, folder / "record.jsonl")
    record = read(folder / "record.jsonl")
    excused = {row.reason for row in record.rows if row.verdict == "known"}
    assert excused == {entry.reason for entry in differences.entries.values()}, "an entry excuses nothing"
    return record


def compared(record: Record) -> list[Row]:
    """The rows of what was computed; nothing among them may differ or be broken."""
    bad = [row for row in record.rows if row.verdict in (*DIFFERS, *BROKE)]
    assert not bad, bad[:5]
    assert not [case for case in record.cases if case.problem]
    return [row for row in record.rows if row.verdict != "unsupported"]


@pytest.mark.parametrize("name", PYTHON)
def test_a_python_example_agrees_but_where_it_says_so(name: str, tmp_path: Path) -> None:
    kind, cases, at_least = PYTHON[name]
    expect = EXAMPLES / f"{name}.expect.toml"
    record = judged(tmp_path, f"{EXAMPLES / name}.py:{kind}", cases, expect if expect.exists() else None)
    assert len(compared(record)) >= at_least


def test_a_mistake_in_the_students_step_shows_in_the_updates_alone(tmp_path: Path) -> None:
    source = (EXAMPLES / "student_network.py").read_text(encoding="utf-8")
    right, wrong = "self.v[name] = momentum * self.v[name] + gradient", "momentum * self.v[name] + lr * gradient"
    assert right in source  # the docstring tells of it
    assert wrong in source
    code = "self.v[name] = self.momentum * self.v[name] + gradient"
    assert code in source
    (tmp_path / "student.py").write_text(source.replace(code, code.replace("+ gradient", "+ lr * gradient")))
    record = judged(tmp_path, f"{tmp_path}/student.py:Student", ["basics/networks/training"], precision="float64")
    checks = {row.check for row in record.rows if row.verdict in DIFFERS}
    assert checks == {"update", "trajectory"}
    assert any(row.check == "gradient" and row.verdict == "within" for row in record.rows)


def test_the_mistake_in_sklearn_is_found_without_the_file_that_expects_it(tmp_path: Path) -> None:
    spec = f"{EXAMPLES}/with_sklearn.py:ScikitLearn"
    record = judged(tmp_path, spec, [str(EXAMPLES / "cases" / "several_outputs.toml")], precision="float64")
    outside = {row.tensor for row in record.rows if row.verdict == "outside"}
    assert outside == {"gradient.hidden.W", "gradient.hidden.b", "gradient.output.W", "gradient.output.b"}
    assert {row.verdict for row in record.rows if row.tensor == "loss"} <= {"exact", "within"}


CASES = ["basics/networks", "basics/losses", "basics/activations", "basics/layers", "basics/optimizers/sgd*",
         "optimizers/adam_training", "optimizers/adam", "activations/softmax*"]  # fmt: skip


def test_the_javascript_example_agrees(tmp_path: Path) -> None:
    record = judged(tmp_path, f"js={tool('node')} {EXAMPLES}/javascript/adapter.mjs", CASES, precision="float64")
    assert len(compared(record)) >= 1500
    assert {"loss", "gradient", "update", "trajectory"} == {row.check for row in compared(record)}


def test_the_rust_example_agrees(tmp_path: Path) -> None:
    project = tmp_path / "rust"  # cargo writes beside what it builds
    shutil.copytree(EXAMPLES / "rust", project, ignore=shutil.ignore_patterns("target"))
    cargo = [tool("cargo"), "build", "--offline", "--release", "--manifest-path", str(project / "Cargo.toml")]
    subprocess.run(cargo, check=True, capture_output=True)
    record = judged(tmp_path, f"rust={project}/target/release/backproof-example", CASES, precision="float64")
    assert len(compared(record)) >= 900
    assert {"loss", "gradient", "update"} == {row.check for row in compared(record)}


def test_the_c_example_agrees_through_files(tmp_path: Path) -> None:
    program = tmp_path / "judge_me"
    flags = ["-Wall", "-Wextra", "-Werror", "-O2"]
    compiler = [tool("cc"), *flags, "-o", str(program), str(EXAMPLES / "c" / "judge_me.c"), "-lm"]
    subprocess.run(compiler, check=True)
    folder, results = tmp_path / "vectors", tmp_path / "results.jsonl"
    vectors.export(load(["basics/losses/cross_entropy*"]), ["float64"], folder)
    problems = sorted(str(path) for path in (folder / "problems").rglob("*.json"))
    answers = subprocess.run([program, *problems], check=True, capture_output=True)
    results.write_bytes(answers.stdout)
    assert len(compared(judge(folder, results).record)) >= 80


def tool(name: str) -> str:
    """Where a tool is, if this machine has it."""
    found = shutil.which(name)
    if found is None:
        pytest.skip(f"{name} is not installed")
    return found
