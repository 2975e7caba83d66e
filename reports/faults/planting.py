"""A fault: a deliberately wrong implementation, made of the reference with some of its functions replaced.

A fault lives for one question only: its functions are made anew for each, so that what one of them remembers ends with
the question, and put back afterwards whatever happens. Expectations are worked out before anything is planted.
"""

import re
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from types import ModuleType
from typing import Any, NamedTuple, TypeAlias

import numpy as np

from ..record import CheckName

Part: TypeAlias = Callable[..., Any]
Patches: TypeAlias = dict[tuple[ModuleType, str], Callable[..., Any]]
"""What stands where: (module, name of its function) -> the wrong function."""


class Fault(NamedTuple):
    """One wrong implementation, as data."""

    id: str  # family and form, where the mistake is a known one: "E18-one-minus-momentum"; else "linear-dW-sign"
    operation: str  # whose mistake it is: an operation's name, "network" or "training"
    says: str  # what is right, and what this does instead
    column: CheckName  # the column that must show it
    plant: Callable[[], Patches]
    float64_only: str = ""  # why float32 cannot show it

    @property
    def family(self) -> str:
        """The known mistake that this is a form of, by its number: what a case's `kills` may name."""
        known = re.match(r"[A-Z]\d\d(?=-)", self.id)
        return known.group() if known else self.id


ALONE = threading.RLock()
"""Held while a fault is planted, and by whoever wants the reference as it is."""
SPREADS: dict[CheckName, set[CheckName]] = {
    "loss": {"loss", "gradient", "trajectory"},
    "gradient": {"gradient", "trajectory"},
    "update": {"update", "trajectory"},
    "trajectory": {"trajectory"},
}
"""How far a mistake may be seen: each column but the trajectory is given right values to start from."""


@contextmanager
def planted(patches: Patches) -> Iterator[None]:
    """The reference with these functions replaced, for as long as the block lasts."""
    with ALONE:
        right = {place: getattr(*place) for place in patches}
        try:
            for (module, name), wrong in patches.items():
                setattr(module, name, wrong)
            with np.errstate(all="ignore"):
                yield
        finally:
            for (module, name), function in right.items():
                setattr(module, name, function)


def wrong(of: ModuleType, id: str, says: str, column: CheckName = "gradient", *, forward: Part | None = None,
          backward: Part | None = None) -> Fault:  # fmt: skip
    """forward(right, *arguments, **options) or backward(right, saved, dy) in place of the right one, which it is given.

    The commonest way to write a fault: what the right function takes or gives, changed.
    """

    def plant() -> Patches:
        changed = {"forward": forward, "backward": backward}
        return {(of, name): partial(part, getattr(of, name)) for name, part in changed.items() if part is not None}

    return Fault(id, of.__name__.rpartition(".")[2], says, column, plant)


def swap(of: ModuleType, id: str, says: str, column: CheckName = "gradient", **parts: Part) -> Fault:
    """Functions of the operation's module, by their names there, instead of the right ones."""
    name = of.__name__.rpartition(".")[2]
    return Fault(id, name, says, column, lambda: {(of, part): function for part, function in parts.items()})


# ---------------------------------------------------------------- arithmetic that is too coarse
def single(x: np.ndarray) -> np.ndarray:
    """Rounded to float32, kept as what it was."""
    return x.astype(np.float32).astype(x.dtype)


def ten_bits(x: np.ndarray) -> np.ndarray:
    """Cut off after ten bits of mantissa, as tensor cores do."""
    bits = {"float64": (np.int64, 42), "float32": (np.int32, 13)}[x.dtype.name]
    whole = np.ascontiguousarray(x).view(bits[0])
    return (whole >> bits[1] << bits[1]).view(x.dtype).reshape(x.shape)


def coarse(function: Callable[..., Any], cut: Callable[[np.ndarray], np.ndarray]) -> Callable[..., Any]:
    """A function of arrays whose arguments and results are cut."""

    def each(value: Any) -> Any:
        if isinstance(value, np.ndarray | np.floating):
            return cut(np.asarray(value)) if value.dtype.kind == "f" else value
        if isinstance(value, dict):
            return {name: each(v) for name, v in value.items()}
        if isinstance(value, tuple):
            items = [each(v) for v in value]
            return type(value)(*items) if hasattr(value, "_fields") else tuple(items)
        return value

    return lambda *arguments, **options: each(function(*each(arguments), **options))
