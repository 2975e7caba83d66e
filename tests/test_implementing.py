"""IMPLEMENTING.md: its messages are real, its commands run, its links lead somewhere, and it quotes what is said."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from backproof.adapters import known, protocol
from backproof.adapters.base import Asked, Traced
from backproof.adapters.protocol import Described, Run
from backproof.cases import load
from backproof.new_adapter import new_adapter
from backproof.reports import cache, judge

ROOT = Path(__file__).parent.parent
PAGE = (ROOT / "IMPLEMENTING.md").read_text(encoding="utf-8")


def blocks(language: str) -> list[str]:
    """The blocks of code in this language."""
    return re.findall(rf"^```{language}\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)


def shell(commands: list[str], folder: Path) -> subprocess.CompletedProcess[str]:
    """The commands one after the other, in a folder that has the examples, until one fails."""
    if not (folder / "examples").exists():
        (folder / "examples").symlink_to(ROOT / "examples")
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    environment = os.environ | {"PATH": path, "COLUMNS": "200"}
    script = "\n".join(commands)
    return subprocess.run(["bash", "-euxc", script], cwd=folder, env=environment, capture_output=True, text=True)


def said(text: str) -> str:
    """Without the ways in which lines are broken."""
    return " ".join(text.split())


def test_the_messages_are_real() -> None:
    describe, description, run, trace, unsupported, error, stop = [
        " ".join(block.splitlines()).encode() for block in blocks("json")
    ]
    first = protocol.decode_request(describe)
    assert isinstance(first, protocol.Describe)
    described = protocol.decode_reply(description, first)
    assert isinstance(described, Described)
    asked = protocol.decode_request(run)
    assert isinstance(asked, Run)
    case = load([asked.problem.case])[0]
    assert protocol.encode(asked) == protocol.encode(Run(asked.id, asked.check, case.problem("float64")))
    replies = [protocol.decode_reply(line, asked) for line in (trace, unsupported, error)]
    kinds = [reply.__struct_config__.tag for reply in replies]
    assert kinds == ["trace", "unsupported", "error"]
    assert isinstance(protocol.decode_request(stop), protocol.Stop)
    answer = protocol.answer_of(replies[0])  # type: ignore[arg-type]
    assert isinstance(answer, Traced)
    question = Asked(case.name, "float64", asked.check, answer)
    rows = list(judge.judge("mine", question, cache.expectation(case, "float64")))
    assert rows
    assert {row.verdict for row in rows} <= {"exact", "within"}


def test_the_file_of_expected_differences_is_one(tmp_path: Path) -> None:
    (block,) = blocks("toml")
    (tmp_path / "expect.toml").write_text(block, encoding="utf-8")
    assert len(known.read(tmp_path / "expect.toml").entries) == 1


def test_its_links_lead_somewhere() -> None:
    links = [link for link in re.findall(r"\]\(([^)#]+)\)", PAGE) if "://" not in link]
    assert len(links) > 10
    for link in links:
        assert (ROOT / link).exists(), link


def test_every_example_is_named() -> None:
    files = list((ROOT / "examples").glob("*.py"))
    assert len(files) >= 5
    for path in files:
        assert f"(examples/{path.name})" in PAGE


def test_its_commands_run(tmp_path: Path) -> None:
    for tool in ("bash", "node", "cc"):
        if shutil.which(tool) is None:
            pytest.skip(f"{tool} is not installed")
    pytest.importorskip("autograd")
    commands = [line for block in blocks("sh") for line in block.splitlines()]
    assert len(commands) >= 8
    done = shell(commands, tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr
    (verdict,) = re.findall(r"✓ 15 cases .*", PAGE)
    assert verdict in said(done.stdout)
    assert (tmp_path / "report" / "junit.xml").exists()


def test_a_mistake_is_diagnosed_in_the_words_that_it_quotes(tmp_path: Path) -> None:
    if shutil.which("node") is None:
        pytest.skip("node is not installed")
    (file,) = new_adapter("javascript", tmp_path / "adapter.mjs").files
    source, right = file.read_text(encoding="utf-8"), "(2 * e) / errors.length"
    assert right in source
    file.write_text(source.replace(right, "e / errors.length"), encoding="utf-8")
    (command,) = blocks("sh")[2].splitlines()
    done = shell([command], tmp_path)
    assert done.returncode == 1, done.stderr
    quoted = PAGE.partition("and the same command says\n\n```\n")[2].partition("\n```")[0]
    assert quoted
    for sentence in quoted.splitlines():
        assert said(sentence) in said(done.stdout)


def test_the_options_for_pytest_are_those_of_the_plugin(tmp_path: Path) -> None:
    named = set(re.findall(r"--backproof[\w-]*", PAGE))
    assert len(named) >= 3
    done = shell([f"{sys.executable} -m pytest --help"], tmp_path)
    assert named <= set(re.findall(r"--backproof[\w-]*", done.stdout)), done.stderr
