"""Who can be asked, by name."""

import re
import shlex
import sys
from pathlib import Path

import msgspec

from .worker import BUILT_IN

ALIASES = {"torch": "pytorch", "numpy": "reference"}


class Implementation(msgspec.Struct, frozen=True):
    """Something that can be asked: its name in reports, and the command that speaks the protocol."""

    name: str
    command: tuple[str, ...]
    validate: bool = False  # hold every reply against the published schema, and more: see `schema.violation`

    @property
    def built_in(self) -> bool:
        """Whether it is one that ships, and not somebody's own of the same name."""
        return self.name in BUILT_IN and self.command == implementation(self.name).command


def implementation(spec: str) -> Implementation:
    """The implementation of a name (reference, pytorch, jax), "module:Class", "path/to/file.py:Class", or
    "name=" and one of these or any other command that speaks the protocol.

    Raises ValueError for anything else.
    """
    name, named, rest = spec.partition("=")
    if named and re.fullmatch(r"[\w.-]+", name):
        try:
            return Implementation(name, implementation(rest).command)
        except ValueError:
            if not rest.strip():
                raise ValueError(f"{spec!r} names no command: say {name}=COMMAND") from None
            return Implementation(name, tuple(shlex.split(rest)))
    worker = (sys.executable, "-m", "backproof.adapters.worker")
    built_in = ALIASES.get(spec, spec)
    if built_in in BUILT_IN:
        # -P: a jax.py of the user's in the working directory must not pass for the framework
        return Implementation(built_in, (sys.executable, "-P", *worker[1:], built_in))
    where, _, kind = spec.rpartition(":")
    file = where.endswith(".py") and (not re.search(r"\s", where) or Path(where).is_file())  # and no command
    if kind.isidentifier() and (file or re.fullmatch(r"[\w.]+", where)):
        return Implementation(kind, (*worker, spec))
    raise ValueError(
        f"there is no implementation {spec!r}. There are: {', '.join(BUILT_IN)}; your own is module:Class, "
        "path/to/file.py:Class, or name=command"
    )


def spec(one: Implementation) -> str:
    """What `implementation` makes this one of."""
    if one.built_in:
        return one.name
    if "backproof.adapters.worker" in one.command[:-1]:
        return one.command[-1] if one.command[-1].endswith(f":{one.name}") else f"{one.name}={one.command[-1]}"
    return f"{one.name}={shlex.join(one.command)}"
