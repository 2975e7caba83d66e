"""pytest --backproof: the catalogue as items of a user's own test run, right, wrong, unable and broken."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

import backproof.api
import backproof.reports.diagnosis.lines
from backproof.cases.folders import cache_folder

assert backproof.api  # imported here, so that pytester's runs in this process do not import NumPy a second time
pytest_plugins = ["pytester"]

EXAMPLE = Path(__file__).parent.parent / "examples" / "my_network.py"
TANH = "basics/networks/narrow:op=tanh"  # what the example computes
SIGMOID = "basics/networks/narrow:op=sigmoid"  # and what it does not
FULL = "basics/networks/training_full_batch"
CRASHES = f"""
import os
from right import MyNetwork

class Crashes(MyNetwork):
    def gradients(self, problem):
        if problem.case == "{TANH}":
            os.abort()
        return super().gradients(problem)
"""


class Runs:
    """A folder with a right, a wrong and a crashing implementation, and pytest in it."""

    def __init__(self, pytester: pytest.Pytester) -> None:
        self.pytester = pytester
        source = EXAMPLE.read_text()
        right, wrong = "dz = dh * (1 - h * h)", "dz = dh * h * (1 - h)"
        assert right in source
        pytester.makepyfile(right=source, wrong=source.replace(right, wrong), crashes=CRASHES)

    def __call__(self, *options: str, cases: str = "basics/networks/narrow", apart: bool = False) -> pytest.RunResult:
        run = self.pytester.runpytest_subprocess if apart else self.pytester.runpytest_inprocess
        return run("-p", "backproof.plugin", "--strict-markers", "--backproof-cases", cases, *options)


@pytest.fixture
def runs(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> Runs:
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")  # the plugin is here once, installed or not
    return Runs(pytester)


@pytest.fixture(autouse=True, scope="module")
def _one_cache() -> None:
    """pytester changes the home folder; expectations stay where they are."""
    os.environ["BACKPROOF_CACHE"] = str(cache_folder())


def test_a_right_implementation_passes_and_what_it_cannot_do_is_skipped(runs: Runs) -> None:
    result = runs("--backproof", "right.py:MyNetwork", "-v")
    result.assert_outcomes(passed=1, skipped=1)
    result.stdout.fnmatch_lines([f"{SIGMOID} SKIPPED (only linear, tanh, linear)*", f"{TANH} PASSED*"])


def test_a_wrong_one_fails_and_says_where(runs: Runs) -> None:
    result = runs("--backproof", "wrong.py:MyNetwork")
    result.assert_outcomes(failed=1, skipped=1)
    result.stdout.fnmatch_lines([
        "float64 gradient.hidden.W: outside at *: expected *, got *, * times the tolerance",
        "float64 gradient.hidden.b: outside at *",
        "float32 gradient.hidden.W: outside at *",
        f"backproof explain {TANH}",
        f"backproof run {TANH} --with wrong.py:MyNetwork",
        f"FAILED {TANH} - *",
    ])  # fmt: skip
    assert "gradient.output" not in result.stdout.str()


def test_the_text_begins_with_the_diagnosis(runs: Runs) -> None:
    text = runs("--backproof", "wrong.py:MyNetwork").stdout.str()
    before, finding, _ = text.partition(f"_ {TANH} _")[2].partition("float64 gradient")
    assert finding
    assert before.partition("\n")[2].strip()


def test_a_crash_is_one_failing_test_and_the_others_run(runs: Runs) -> None:
    result = runs("--backproof", "crashes.py:Crashes", "--backproof-cases", FULL)
    result.assert_outcomes(failed=1, passed=1, skipped=1)
    result.stdout.fnmatch_lines(["*the process ended: killed by SIGABRT", "Fatal Python error: Aborted"])


def test_one_process_answers_all(runs: Runs) -> None:
    runs.pytester.makepyfile(
        counts="""
        import os
        from right import MyNetwork

        class Counts(MyNetwork):
            def __init__(self):
                with open("started", "a") as file:
                    print(os.getpid(), file=file)
        """
    )
    runs("--backproof", "counts.py:Counts", "--backproof-cases", FULL).assert_outcomes(passed=2, skipped=1)
    (pid,) = (runs.pytester.path / "started").read_text().split()
    with pytest.raises(ProcessLookupError):  # and is gone
        os.kill(int(pid), 0)


def test_the_users_own_tests_run_too(runs: Runs) -> None:
    runs.pytester.makepyfile(test_mine="def test_mine(): pass")
    result = runs("--backproof", "right.py:MyNetwork", "-v")
    result.stdout.fnmatch_lines(["*collected 3 items", "test_mine.py::test_mine PASSED*", f"{TANH} PASSED*"])


@pytest.mark.parametrize(
    ("options", "names"),
    [
        (["-k", "tanh and not sigmoid"], {TANH}),
        (["-k", "linear and sigmoid"], {SIGMOID}),  # an operation that is not in the name
        (["-m", "backproof"], {TANH, SIGMOID}),
        (["-m", "not backproof"], {"test_mine.py::test_mine"}),
        (["--deselect", TANH, "-m", "backproof"], {SIGMOID}),
        (["-p", "no:cacheprovider"], {TANH, SIGMOID, "test_mine.py::test_mine"}),
    ],
)
def test_cases_are_selected_as_tests_are(runs: Runs, options: list[str], names: set[str]) -> None:
    runs.pytester.makepyfile(test_mine="def test_mine(): pass")
    result = runs("--backproof", "right.py:MyNetwork", "--collect-only", "-q", *options)
    assert {line for line in result.outlines if "::" in line or line.startswith("basics")} == names
    result.stdout.fnmatch_lines([f"{len(names)}*tests collected*" if len(names) > 1 else "1*test* collected*"])


def test_a_tag_is_a_mark(runs: Runs) -> None:
    result = runs("--backproof", "right.py:MyNetwork", "-m", "exact", "--collect-only", "-q", cases="basics/networks")
    found = [line for line in result.outlines if line.startswith("basics")]
    exact = [case.name for case in backproof.load("basics/networks") if "exact" in case.file.tags]
    assert found == exact
    assert exact


def test_the_last_failures_run_again(runs: Runs) -> None:
    runs("--backproof", "wrong.py:MyNetwork").assert_outcomes(failed=1, skipped=1)
    runs("--backproof", "wrong.py:MyNetwork", "--lf").assert_outcomes(failed=1, deselected=1)


def test_the_first_failure_ends_it(runs: Runs) -> None:
    result = runs("--backproof", "wrong.py:MyNetwork", "--backproof-cases", FULL, "-x", "--durations", "1", "-vv")
    result.assert_outcomes(failed=1, skipped=1)
    result.stdout.fnmatch_lines([f"*s call *{TANH.partition(':')[0]}*"])


def test_several_implementations_share_the_cases(runs: Runs) -> None:
    result = runs("--backproof", "right.py:MyNetwork", "--backproof", "bad=wrong.py:MyNetwork", "-v")
    result.assert_outcomes(passed=1, failed=1, skipped=2)
    result.stdout.fnmatch_lines([f"MyNetwork::{TANH} PASSED*", f"bad::{TANH} FAILED*"])
    result.stdout.fnmatch_lines([f"backproof run {TANH} --with bad=wrong.py:MyNetwork"])


def test_with_xdist_each_worker_has_the_same_cases(runs: Runs) -> None:
    pytest.importorskip("xdist")
    result = runs("-p", "xdist", "-n", "2", "--backproof", "wrong.py:MyNetwork", "--backproof-cases", FULL, apart=True)
    result.assert_outcomes(failed=2, skipped=1)
    result.stdout.fnmatch_lines(["float64 gradient.hidden.W: outside at *"])


def test_a_precision_alone(runs: Runs) -> None:
    text = runs("--backproof", "wrong.py:MyNetwork", "--backproof-precision", "float32").stdout.str()
    assert "float32 gradient.hidden.W" in text
    assert "float64" not in text


def test_an_expected_difference_is_an_expected_failure(runs: Runs) -> None:
    entry = (
        '[[known]]\ncase = "*"\ntensor = "gradient.hidden.{}"\nreason = "not yet"\nbug = true\nlink = "https://e.org"\n'
    )
    runs.pytester.path.joinpath("known.toml").write_text(entry.format("*"))
    result = runs("--backproof", "wrong.py:MyNetwork", "--backproof-expect", "known.toml", "-rx")
    result.assert_outcomes(xfailed=1, skipped=1)
    result.stdout.fnmatch_lines([f"XFAIL {TANH} - *gradient.hidden.*: not yet"])
    runs.pytester.path.joinpath("known.toml").write_text(entry.format("b"))
    result = runs("--backproof", "wrong.py:MyNetwork", "--backproof-expect", "known.toml")
    result.assert_outcomes(failed=1, skipped=1)
    assert "gradient.hidden.b: outside" not in result.stdout.str()


def test_a_bad_case_is_an_error_with_its_message(runs: Runs) -> None:
    (runs.pytester.path / "bad.toml").write_text("question = 3")
    result = runs(
        "--backproof", "right.py:MyNetwork", "--backproof-cases", "bad.toml", "--backproof-cases", "none/such"
    )
    result.assert_outcomes(passed=1, skipped=1, errors=2)
    result.stdout.fnmatch_lines(["bad.question: Expected `str`, got `int`", "no case matches 'none/such'*"])


def test_two_files_of_one_name_are_an_error(runs: Runs) -> None:
    (case,) = backproof.load(TANH)
    for folder in ("a", "b"):
        runs.pytester.mkdir(folder).joinpath("mine.toml").write_text(case.path.read_text())
    result = runs("--backproof", "right.py:MyNetwork", "--backproof-cases", "b/mine.toml", cases="a/mine.toml")
    result.assert_outcomes(passed=1, skipped=1, errors=1)
    result.stdout.fnmatch_lines(["mine:op=*: two files have this name: a/mine.toml and b/mine.toml"])


def test_a_case_of_ones_own_is_named_by_its_path(runs: Runs) -> None:
    (case,) = backproof.load(TANH)
    file = runs.pytester.path / "mine.toml"
    file.write_text(case.path.read_text())
    result = runs("--backproof", "wrong.py:MyNetwork", cases="mine.toml")
    result.stdout.fnmatch_lines(["backproof run mine.toml:op=tanh --with wrong.py:MyNetwork"])


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--backproof", "nobody"], "there is no implementation 'nobody'*"),
        (["--backproof", "reference", "--backproof-precision", "float8"], "there is no precision 'float8'*"),
        (["--backproof", "reference", "--backproof", "reference"], "two implementations are called 'reference'*"),
        (["--backproof", "reference", "--backproof-expect", "no.toml"], "*no.toml*"),
    ],
)
def test_bad_usage_is_a_usage_error(runs: Runs, options: list[str], message: str) -> None:
    result = runs(*options)
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines([f"ERROR: --backproof: {message}"])


def test_nothing_is_imported_unless_asked(tmp_path: Path) -> None:
    (tmp_path / "test_mine.py").write_text(
        "import sys\n"
        "def test_mine():\n"
        "    ours = {name for name in sys.modules if name.startswith('backproof')}\n"
        "    assert ours == {'backproof', 'backproof.plugin'}\n"
        "    assert not {'numpy', 'msgspec', 'typer'} & set(sys.modules)\n"
    )
    environment = os.environ | {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
    command = [sys.executable, "-m", "pytest", "-p", "backproof.plugin", "-q", "test_mine.py"]
    subprocess.run(command, cwd=tmp_path, env=environment, check=True, stdout=subprocess.DEVNULL)
