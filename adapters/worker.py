"""An adapter in a process of its own: `python -m backproof.adapters.worker SPEC`.

SPEC is a built-in name (reference, pytorch, jax), "module:Class" or "path/to/file.py:Class"; in the place of the class,
also what is decorated with `backproof.implements`.
"""

import faulthandler
import importlib
import importlib.util
import os
import sys
from pathlib import Path
from types import ModuleType
from typing import BinaryIO

from . import protocol
from .base import Adapter, Broke
from .compute import broke, compute
from .protocol import Describe, Described, Failed, Garbled, Reply, Stop

IN_WORKER = "BACKPROOF_IN_WORKER"
"""Set in the environment of a process that answers, so that it does not begin to ask."""
CARRIED = "__backproof__"
"""The attribute in which what `backproof.implements` decorates carries its adapter."""
BUILT_IN = {  # name -> module, class, what to install for it
    "reference": ("reference", "Reference", ""),
    "pytorch": ("pytorch", "PyTorch", "backproof[torch]"),
    "jax": ("jax", "Jax", "backproof[jax]"),
}


class CannotStart(Exception):
    """There is no such adapter, or its framework is not installed."""


def load(spec: str) -> Adapter:
    """The adapter of a spec, ready to be asked. Its framework is imported here.

    Raises CannotStart with one clear reason, or whatever the adapter's own module raises.
    """
    if spec in BUILT_IN:
        module, name, extra = BUILT_IN[spec]
        try:
            found = importlib.import_module(f"{__package__}.{module}")
        except ModuleNotFoundError as error:
            if not extra:
                raise
            raise CannotStart(f"{spec} is not installed (no module {error.name!r}); "
                              f"install it with: pip install '{extra}'") from error  # fmt: skip
    else:
        where, _, name = spec.rpartition(":")
        found = _import_file(Path(where)) if where.endswith(".py") else importlib.import_module(where)
    kind = getattr(found, name, None)
    if kind is None:
        raise CannotStart(f"{spec}: there is no {name!r} in {found.__name__}")
    adapter = getattr(kind, CARRIED, None) or kind()
    if not isinstance(adapter, Adapter):
        raise CannotStart(f"{spec}: {name} is no backproof.Adapter, and not decorated with backproof.implements")
    return adapter


def _import_file(path: Path) -> ModuleType:
    if not path.is_file():
        raise CannotStart(f"there is no file {path}")
    sys.path.insert(0, str(path.parent.resolve()))  # its neighbours, as when Python runs a file
    spec = importlib.util.spec_from_file_location(path.stem, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules.setdefault(path.stem, module)
    spec.loader.exec_module(module)
    return module


def serve(spec: str, requests: BinaryIO, replies: BinaryIO) -> None:
    """Answer requests until told to stop, or until nobody is there any more."""
    os.environ[IN_WORKER] = "1"
    adapter: Adapter | Broke | None = None
    for line in requests:
        try:
            request = protocol.decode_request(line)
        except Garbled as error:
            reply: Reply = Failed(0, str(error))
        else:
            if isinstance(request, Stop):
                return
            if adapter is None:
                adapter = _start(spec)
            if isinstance(adapter, Broke):
                reply = protocol.reply_to(request.id, adapter)
            elif isinstance(request, Describe):
                reply = _describe(adapter, request.id)
            else:
                reply = protocol.reply_to(request.id, compute(adapter, request.problem, request.check))
        try:
            encoded = protocol.encode(reply)
        except (TypeError, ValueError) as error:  # something in it that JSON does not have
            encoded = protocol.encode(protocol.reply_to(reply.id, broke(error)))
        replies.write(encoded)
        replies.flush()


def _start(spec: str) -> Adapter | Broke:
    try:
        return load(spec)
    except CannotStart as error:
        return Broke("error", str(error))
    except Exception as error:
        return broke(error)


def _describe(adapter: Adapter, request: int) -> Reply:
    try:
        it = adapter.describe()
        return Described(
            request, protocol.PROTOCOL, it.name, it.version, it.precisions, it.flags, it.tensors, it.operations
        )
    except Exception as error:
        return protocol.reply_to(request, broke(error))


def main() -> None:
    """Keep the real stdin and stdout for the protocol: what an adapter prints goes to stderr."""
    requests, replies = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    os.dup2(2, 1)
    faulthandler.enable()
    serve(sys.argv[1], requests, replies)
    sys.stderr.flush()
    os._exit(0)  # frameworks take their time to tear down, and sometimes crash doing so


if __name__ == "__main__":
    main()
