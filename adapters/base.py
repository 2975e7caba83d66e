"""What an adapter is, and what comes of asking it."""

from abc import ABC, abstractmethod
from typing import Literal, TypeAlias

import msgspec

from ..cases.problem import Check, Problem
from ..reference import Array

Trace: TypeAlias = dict[str, Array]
"""What an implementation answered: tensor name -> array, of the problem's precision."""


class Unsupported(Exception):
    """Raised by an adapter for what its implementation cannot do; the reason becomes a row of its own."""


class Description(msgspec.Struct, frozen=True):
    """What an implementation says of itself."""

    name: str
    version: str
    precisions: list[str] = msgspec.field(default_factory=lambda: ["float64", "float32"])
    flags: dict[str, str] = {}  # settings that decide numbers: threads, matmul precision, 64-bit mode ...
    tensors: list[str] = msgspec.field(default_factory=lambda: ["*"])  # globs of the tensors it gives, if not all
    operations: list[str] = msgspec.field(default_factory=lambda: ["*"])  # globs of those it has: "linear", "adam" …


class Adapter(ABC):
    """The thin piece that lets an implementation compute a problem. Subclass it; `gradients` is enough.

    Tensors are named as in `reference.program`: loss, output.<layer>, gradient.<input, layer or layer.parameter>,
    update.<step>.<parameter>, state.<step>.<buffer>.<parameter>, trajectory.<epoch>.<loss or parameter>; around a step
    clipped.<step>.<parameter>, average.<step>.<parameter>, rate.<step>, scale.<step>.
    """

    name: str

    @abstractmethod
    def describe(self) -> Description:
        """Who computes."""

    @abstractmethod
    def gradients(self, problem: Problem) -> Trace:
        """The loss, every layer's output, and the gradient of every parameter, input and layer output."""

    def updates(self, problem: Problem) -> Trace:
        """Parameters and optimizer state after each of `problem.gradients`."""
        raise Unsupported(f"{self.name} has no optimizers")

    def training(self, problem: Problem) -> Trace:
        """Loss and parameters after every step of `problem.training`, stacked by epoch."""
        raise Unsupported(f"{self.name} does not train")

    def lacking(self, problem: Problem) -> list[str]:
        """Globs of tensors of this problem that the implementation has no number for, such as a rule's inner state."""
        return []


# ---------------------------------------------------------------- what comes of asking
class Traced(msgspec.Struct, frozen=True):
    """The implementation computed the check."""

    trace: Trace
    seconds: float  # its own work, as the adapter's process measured it
    lacking: list[str] = []  # globs of tensors that it has no number for


class Refused(msgspec.Struct, frozen=True):
    """The implementation says that it cannot do this."""

    reason: str


class Broke(msgspec.Struct, frozen=True):
    """It raised, died, hung, or answered something that is no answer."""

    verdict: Literal["error", "timeout"]
    reason: str  # one line
    details: str = ""  # traceback, the end of stderr


Answer: TypeAlias = Traced | Refused | Broke


class Asked(msgspec.Struct, frozen=True):
    """One question and what came of it."""

    case: str
    precision: str
    check: Check
    answer: Answer
