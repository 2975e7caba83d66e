"""The house: imports run downwards only, the oracle needs no framework, and the judge picks no tolerance."""

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
FLOORS = ["reference", "cases", "adapters", "reports", "backproof"]  # ground floor first

# Packages from outside, by the floor that may first import them. Each adapter may import its own framework.
ALLOWED = {
    "reference": {"numpy", "scipy", "ml_dtypes", "flint"},
    "cases": {"msgspec", "platformdirs"},
    "adapters": {"jsonschema"},
    "reports": {"pandas", "jinja2", "markupsafe", "pygments", "safetensors"},
    "backproof": {"typer", "rich", "threadpoolctl", "tomli_w", "pytest"},
}
FRAMEWORKS = {
    "adapters/pytorch.py": {"torch"}, "adapters/pytorch_operations.py": {"torch"},
    "adapters/pytorch_optimizers.py": {"torch"}, "adapters/jax_optimizers.py": {"jax", "optax"},
    "adapters/jax.py": {"jax", "optax"}, "adapters/jax_operations.py": {"jax", "optax"},
    "adapters/jax_programs.py": {"jax"}, "adapters/flax_operations.py": {"jax", "flax"},
}  # fmt: skip
ONLY_IN = {"flint": {"reference/arithmetic/balls.py", "reports/prove.py"}}


def sources(floor: str) -> list[Path]:
    return sorted(f for f in (ROOT / floor).rglob("*.py"))


def imports(path: Path, floor: str) -> Iterator[tuple[int, str]]:
    """Each import of a file: line, and the outer package or the floor that it reaches."""
    inside = len(path.relative_to(ROOT / floor).parts)  # 1 for a module right in the floor's folder
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name.split(".")[0]) for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.level == 0:
            yield node.lineno, str(node.module).split(".")[0]
        elif isinstance(node, ast.ImportFrom):
            up = node.level - inside  # 0: within the floor's folder; 1: beside it
            if floor == "backproof":
                up += 1
            if up > 0:
                parts = (node.module or "").split(".")
                names = [parts[0]] if parts[0] else [alias.name for alias in node.names]
                yield from ((node.lineno, name if name in FLOORS else "backproof") for name in names)


@pytest.mark.parametrize("floor", FLOORS)
def test_imports_run_downwards_only(floor: str) -> None:
    below = FLOORS[: FLOORS.index(floor) + 1]
    outside = set().union(*(ALLOWED[f] for f in below))
    wrong = []
    for path in sources(floor):
        name = path.relative_to(ROOT).as_posix()
        for line, package in imports(path, floor):
            fine = package in below or package in outside or package in sys.stdlib_module_names
            fine = fine or package in FRAMEWORKS.get(name, set())
            if not fine or (package in ONLY_IN and name not in ONLY_IN[package]):
                wrong.append(f"{name}:{line} imports {package}")
    assert not wrong


def test_the_import_check_notices() -> None:
    path = ROOT / "reference" / "layers" / "linear.py"
    assert (ROOT / "reports" / "judge.py").exists()
    found = {package for _, package in imports(ROOT / "reports" / "judge.py", "reports")}
    assert {"adapters", "cases", "reference", "numpy"} <= found
    assert {package for _, package in imports(path, "reference")} == {"typing"}


def test_the_reference_never_differentiates_automatically() -> None:
    for path in sources("reference"):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        names = {n.attr for n in ast.walk(tree) if isinstance(n, ast.Attribute)} | {
            n.id for n in ast.walk(tree) if isinstance(n, ast.Name)
        }
        assert not names & {"autograd", "grad", "vjp", "jvp", "value_and_grad"}, path


def test_the_judge_contains_no_hand_picked_tolerance() -> None:
    tree = ast.parse((ROOT / "reports" / "judge.py").read_text(encoding="utf-8"))
    numbers = {n.value for n in ast.walk(tree) if isinstance(n, ast.Constant) and isinstance(n.value, int | float)}
    # 0 and 1; the 32 elements that the record writes out; 800 digits of a decimal. Nothing that could be a tolerance.
    assert {n for n in numbers if not isinstance(n, bool)} <= {0, 1, 32, 800}
    names = {n.id for n in ast.walk(tree) if isinstance(n, ast.Name)} | {
        n.attr for n in ast.walk(tree) if isinstance(n, ast.Attribute)
    }
    assert not names & {"rtol", "atol", "allclose", "isclose", "assert_allclose", "approx"}


def test_the_oracle_needs_no_framework() -> None:
    program = (
        "import sys; sys.modules.update(torch=None, jax=None, optax=None)\n"
        "from backproof.cases import load\n"
        "from backproof.reports.expect import expect\n"
        "case, = load('seed/chain')\n"
        "assert expect(case.problem('float64')).certificate\n"
    )
    subprocess.run([sys.executable, "-c", program], check=True)


@pytest.mark.parametrize("arguments", [["--help"], ["list"]])
def test_the_command_line_imports_nothing_heavy(arguments: list[str]) -> None:
    program = (
        "import sys\n"
        "from backproof.cli import app\n"
        f"try: app({arguments!r})\n"
        "except SystemExit as end: assert not end.code, end.code\n"
        "heavy = {'torch', 'jax', 'optax', 'pandas', 'scipy'} & set(sys.modules)\n"
        "assert not heavy, heavy\n"
    )
    subprocess.run([sys.executable, "-c", program], check=True, stdout=subprocess.DEVNULL)
