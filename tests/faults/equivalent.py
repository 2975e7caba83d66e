"""Mutants that answer rightly, and why each is no mistake. Whatever else survives fails the test.

They stand in equivalent/*.toml: "operation.function: before → after" = "why it is no mistake".
"""

import tomllib
from pathlib import Path

EQUIVALENT: dict[str, str] = {
    mutant: reason
    for file in sorted(Path(__file__).with_name("equivalent").glob("*.toml"))
    for mutant, reason in tomllib.loads(file.read_text(encoding="utf-8")).items()
}
