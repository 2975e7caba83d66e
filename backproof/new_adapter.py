"""Write an adapter to begin with: a program that runs as it is, does one thing right, and refuses the rest."""

import shlex
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import NamedTuple


class Skeleton(NamedTuple):
    """What is written for a language. {path} is where it went, {program} that without its suffix."""

    source: str  # a file or a folder of skeletons/; the .txt is none of this package's own modules
    path: str  # where it goes unless told otherwise
    run: str  # what backproof is to start
    build: str = ""


SKELETONS = {
    "python": Skeleton("adapter.py.txt", "adapter.py", "--with {path}:MyAdapter"),
    "javascript": Skeleton("adapter.mjs", "adapter.mjs", "-- node {path}"),
    "c": Skeleton("adapter.c", "adapter.c", "-- {program}", "cc -O2 -o {program} {path}"),
    "rust": Skeleton(
        "rust",
        "adapter",
        "-- {path}/target/release/adapter",
        "cargo build --release --offline --manifest-path {path}/Cargo.toml",
    ),
    "any": Skeleton("transcript.txt", "transcript.txt", "-- COMMAND"),
}


class Written(NamedTuple):
    """What was written, and the commands that come next."""

    files: list[Path]
    build: str  # "" where nothing is to be built
    smoke: str
    check: str


def new_adapter(language: str, path: Path | None = None) -> Written:
    """Write the skeleton of a language to `path`, or to its usual place in the working directory.

    Raises ValueError for a language that there is no skeleton for, for a file of another ending than its language's,
    and where something of that name is there already.
    """
    if language not in SKELETONS:
        raise ValueError(f"there is no skeleton in {language!r}. There are: {', '.join(SKELETONS)}; "
                         "any is an exchange to go by, in whatever language")  # fmt: skip
    skeleton = SKELETONS[language]
    path = path or Path(skeleton.path)
    suffix = Path(skeleton.path).suffix
    if suffix and path.suffix != suffix:
        raise ValueError(f"{path}: for {language}, name a file that ends in {suffix}")
    if path.exists() or path.is_symlink():
        raise ValueError(f"{path} is there already, and nothing was written; "
                         f"name another place: backproof new-adapter {language} PATH")  # fmt: skip
    program = path.with_suffix("")
    here = {
        "path": shlex.quote(str(path)),
        "program": shlex.quote(str(program if program.is_absolute() else f"./{program}")),
    }
    run, build = skeleton.run.format(**here), skeleton.build.format(**here)
    commands = {"@BUILD@": build, "@SMOKE@": f"backproof smoke {run}", "@CHECK@": f"backproof check {run}"}
    found = _copied(files(__package__) / "skeletons" / skeleton.source, path, commands)
    return Written(found, build, commands["@SMOKE@"], commands["@CHECK@"])


def _copied(source: Traversable, path: Path, commands: dict[str, str]) -> list[Path]:
    """A file, or a folder with all that is in it, with the commands in their places."""
    if source.is_dir():
        return [made for part in source.iterdir() for made in _copied(part, path / part.name, commands)]
    text = source.read_text(encoding="utf-8")
    for mark, command in commands.items():
        text = text.replace(mark, command)
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("x", encoding="utf-8") as file:  # never over what somebody else wrote meanwhile
        file.write(text)
    return [path]
