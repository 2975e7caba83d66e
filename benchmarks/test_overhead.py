"""What a run costs beyond the frameworks: the share of `backproof run` that is not PyTorch's and JAX's own work.

Processor seconds of the whole process tree: the command, its start and its reports, and a process for each
implementation. The frameworks' own are those that the PyTorch and JAX processes spend importing them and computing
through them. All else counts as overhead: the reference's process from start to end, judging, the summary, JSON at both
ends of the pipes, and the start of every Python. What `-o FOLDER` adds, HTML, Markdown, CSV and JUnit, is measured
apart, by rendering the record again.

Caches are warm: a first run works out the expected values and has JAX compile.
"""

import os
import resource
import subprocess
import sys
from pathlib import Path

import pytest
from pytest_benchmark.fixture import BenchmarkFixture

CASES = ("basics/*", "seed/*")  # every case but the training on real data
IMPLEMENTATIONS = ("reference", "pytorch", "jax")
WORKER = Path(__file__).with_name("metered_worker.py")


def backproof_run(folder: Path) -> dict[str, float]:
    """The command, as a user would type it. Returns the processor seconds of its parts."""
    folder.mkdir()
    metered = [f"--with={name}={sys.executable} -P {WORKER} {folder} {name}" for name in IMPLEMENTATIONS]
    record = str(folder / "record.jsonl")
    total = cpu_seconds("run", *CASES, *metered, "-o", record)
    reports = cpu_seconds("report", record, "-o", str(folder / "reports"))
    parts = {"frameworks": 0.0, "reference": 0.0, "start and JSON of processes": 0.0}
    for account in folder.glob("*.seconds"):
        own, whole = (float(seconds) for seconds in account.read_text().split())
        parts["reference" if account.name.startswith("reference") else "frameworks"] += own
        parts["start and JSON of processes"] += whole - own
    assert parts["frameworks"], "no process left its account"
    parts["asking, judging and the summary"] = total - sum(parts.values())
    return parts | {"all reports, afterwards": reports}


def cpu_seconds(*command: str) -> float:
    """Run a command of backproof; the processor seconds that it and all of its processes took."""
    # The other benchmarks keep JAX to one thread; here the command runs as it would for anybody.
    environment = {name: value for name, value in os.environ.items() if name != "NPROC"}
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    done = subprocess.run(
        [sys.executable, "-m", "backproof", *command], env=environment, capture_output=True, text=True, check=False
    )
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    assert done.returncode in (0, 1), done.stderr
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


@pytest.mark.benchmark(group="overhead of a run")
def test_overhead(benchmark: BenchmarkFixture, tmp_path: Path) -> None:
    backproof_run(tmp_path / "warm")
    parts = benchmark.pedantic(backproof_run, args=(tmp_path / "measured",))
    benchmark.extra_info["cpu_seconds"] = parts
