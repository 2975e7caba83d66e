"""Programs that JAX has compiled, kept on disk: another process loads in a hundredth of a second what took it a third.

JAX's own cache of compilations spares what XLA does, and not the tracing, which takes as long for programs as small
as these. So a whole executable is kept, under the hash of all that decides it: what was traced, the shapes and types of
the arguments, the sources of the adapter, the versions, the flags, and the processor.
"""

import contextlib
import hashlib
import os
import pickle
import platform
import zlib
from collections.abc import Callable
from functools import cache
from importlib import metadata
from pathlib import Path
from typing import Any

import jax
import msgspec
import numpy as np
from jax.experimental import serialize_executable

from ..cases.folders import cache_folder
from ..cases.problem import encode_hook

SOURCES = (
    "jax.py",
    "jax_operations.py",
    "jax_optimizers.py",
    "jax_programs.py",
    "flax_operations.py",
    "conventions.py",
)

# The programs are small, and compiling one is nearly all that it costs. XLA's older code generator does it in less than
# half the time of the newer, which pays for large ones. What JAX makes of a function stays what it is. XLA_FLAGS that
# name one of these win.
QUICKLY = {
    option: choice
    for option, choice in {"xla_cpu_use_fusion_emitters": False, "xla_cpu_parallel_codegen_split_count": 1}.items()
    if option not in os.environ.get("XLA_FLAGS", "")
}


class Program:
    """A function under jit. `decides`: all that it looks at beside its arguments."""

    def __init__(self, function: Callable[..., Any], *decides: Any) -> None:
        self._function = function
        self._key = msgspec.json.encode(decides, enc_hook=encode_hook)
        self._ready: dict[str, Callable[..., Any]] = {}

    def __call__(self, *arguments: Any) -> Any:
        form = _form(arguments)
        if form not in self._ready:
            self._ready[form] = self._loaded(form, arguments) or self._compiled(form, arguments)
        return self._ready[form](*arguments)

    def _path(self, form: str) -> Path:
        digest = hashlib.sha256(b"\0".join((self._key, form.encode(), _surroundings())))
        return cache_folder() / "jax" / "programs" / digest.hexdigest()

    def _loaded(self, form: str, arguments: Any) -> Callable[..., Any] | None:
        """What an earlier process has compiled, if it is there and runs."""
        path = self._path(form)
        try:
            program = serialize_executable.deserialize_and_load(*pickle.loads(zlib.decompress(path.read_bytes())))
            jax.block_until_ready(program(*arguments))
        except FileNotFoundError:
            return None
        except Exception:  # whatever is wrong with it: it is compiled again
            with contextlib.suppress(OSError):
                path.unlink()
            return None
        return program  # type: ignore[no-any-return]

    def _compiled(self, form: str, arguments: Any) -> Callable[..., Any]:
        lowered = jax.jit(self._function).lower(*arguments)
        # What JAX's own cache gives back cannot be kept whole: it is kept from having it.
        jax.config.update("jax_persistent_cache_min_compile_time_secs", 1e9)
        try:
            compiled = lowered.compile(compiler_options=QUICKLY)
        finally:
            jax.config.update("jax_persistent_cache_min_compile_time_secs", 0)
        path = self._path(form)
        with contextlib.suppress(OSError, TypeError, ValueError, pickle.PicklingError):  # then it is not kept
            path.parent.mkdir(parents=True, exist_ok=True)
            unfinished = path.with_name(f"{path.name}.{os.getpid()}")
            unfinished.write_bytes(zlib.compress(pickle.dumps(serialize_executable.serialize(compiled)), 1))
            unfinished.replace(path)
        return compiled  # type: ignore[no-any-return]


def _form(arguments: Any) -> str:
    """The structure, shapes and types of arguments."""
    leaves, tree = jax.tree.flatten(arguments)
    kinds = [(np.shape(x), str(getattr(x, "dtype", type(x))), bool(getattr(x, "weak_type", False))) for x in leaves]
    return f"{tree} {kinds}"


@cache
def _surroundings() -> bytes:
    """All else that decides what is compiled."""
    parts = [f"{name} {metadata.version(name)}" for name in ("jax", "jaxlib", "optax")]
    with contextlib.suppress(metadata.PackageNotFoundError):
        parts.append(f"flax {metadata.version('flax')}")
    parts += [f"{name}={value}" for name, value in sorted(os.environ.items()) if name.startswith(("JAX_", "XLA_"))]
    with contextlib.suppress(OSError):
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
        parts += sorted({line for line in lines if line.startswith(("model name", "flags"))})
    parts += [platform.machine(), *((Path(__file__).with_name(name)).read_text(encoding="utf-8") for name in SOURCES)]
    return hashlib.sha256("\0".join(parts).encode()).digest()
