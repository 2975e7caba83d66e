"""The case file: what may stand in the TOML, key by key. `case.schema.json` is generated from this module."""

import difflib
from typing import Any, Literal, TypeAlias

import msgspec

PrecisionName: TypeAlias = Literal["float64", "float32", "bfloat16", "float16"]
Shape: TypeAlias = list[int]


class CaseError(ValueError):
    """A case that cannot be computed; the message names the case, the place and the way out."""


class Strict(msgspec.Struct, forbid_unknown_fields=True, frozen=True, omit_defaults=True):
    """A table in which an unknown key is an error."""


# ---------------------------------------------------------------- arrays
class Normal(Strict, frozen=True):
    """Bell-shaped random numbers that fill the whole mantissa."""

    normal: Shape
    mean: float = 0.0
    scale: float = 1.0


class Uniform(Strict, frozen=True):
    """Random numbers spread evenly from low to high."""

    uniform: Shape
    low: float = 0.0
    high: float = 1.0


class Probabilities(Strict, frozen=True):
    """Random numbers above 0 whose last axis sums to 1."""

    probabilities: Shape


class Whole(Strict, frozen=True):
    """Random whole numbers from low to high, as floats: the exact tier's inputs."""

    whole: Shape
    low: int = -2
    high: int = 2


class Integers(Strict, frozen=True):
    """Random integers from low up to, but not including, below: class labels and indices."""

    integers: Shape
    below: int
    low: int = 0


class Labels(Strict, frozen=True):
    """Integers as they stand: class labels and indices."""

    labels: Any


class Stored(Strict, frozen=True):
    """An array of a NumPy archive that lies beside the case file."""

    file: str
    array: str


ArraySpec: TypeAlias = Normal | Uniform | Probabilities | Whole | Integers | Labels | Stored | list[Any] | float
KINDS: dict[str, type[Strict]] = {
    kind.__struct_fields__[0]: kind for kind in (Normal, Uniform, Probabilities, Whole, Integers, Labels, Stored)
}


# ---------------------------------------------------------------- tables
class AccumulationOf(Strict, frozen=True):
    """The parameters move after every so many micro-batches, along one gradient made of theirs."""

    every: int
    by: Literal["mean", "sum", "counts"] = "mean"


class LossScaleOf(Strict, frozen=True):
    """The gradients given are those of scale · loss; an overflow skips the step and lowers the scale."""

    init: float
    growth: float = 2.0
    backoff: float = 0.5
    interval: int = 2000


class Claim(Strict, frozen=True):
    """A number that some source printed, kept as it was printed."""

    says: str
    tensor: str
    of: str
    index: list[int] = []


class Training(Strict, frozen=True):
    """Mini-batch training, compared after every step. The learning rate is one for all epochs or one for each."""

    epochs: int
    lr: float | list[float]
    batch_size: int = 0  # 0: all rows in one batch


class WarmUp(Strict, frozen=True):
    """What [optimizer.schedule] may hold beside an operation and its options."""

    first: int = 0
    warmup: int = 0
    warmup_from: float = 0.0


class OptimizerTable(Strict, frozen=True):
    """What [optimizer] may hold beside an operation and its options."""

    lr: float | list[float] | None = None
    steps: int | None = None
    groups: list[dict[str, Any]] = []
    missing: dict[str, list[int]] = {}  # parameter -> the steps, from 1, at which it has no gradient
    absent: Literal["skip", "zero"] = "skip"
    maximize: bool = False
    defaults: str = ""
    values: list[float] = []
    counts: list[int] = []
    schedule: dict[str, Any] | None = None
    clip: dict[str, Any] | None = None
    average: dict[str, Any] | None = None
    accumulate: AccumulationOf | None = None
    loss_scale: LossScaleOf | None = None


AROUND = OptimizerTable.__struct_fields__


class CaseFile(Strict, frozen=True):
    """A whole case file. Layers, loss and optimizer are checked against their operation's own signature."""

    question: str
    because: str
    source: str = ""
    tags: list[str] = []
    kills: list[str] = []
    precisions: list[PrecisionName] = msgspec.field(default_factory=lambda: ["float64", "float32", "bfloat16"])
    exact: bool = False
    nonfinite: bool = False
    seed: int = 0
    excuse: dict[str, str] = {}
    inputs: dict[str, Any] = {}
    network: list[dict[str, Any]] = []
    parameters: dict[str, Any] = {}
    loss: dict[str, Any] | None = None
    penalties: list[dict[str, Any]] = []
    upstream: Any = None
    optimizer: dict[str, Any] | None = None
    gradients: dict[str, Any] = {}
    training: Training | None = None
    claims: list[Claim] = []


def convert(raw: Any, kind: Any, where: str) -> Any:
    """raw as kind, or a CaseError that says where it does not fit and what would."""
    try:
        return msgspec.convert(raw, kind)
    except msgspec.ValidationError as error:
        words, _, at = str(error).partition(" - at `$")
        raise CaseError(f"{where}{at.rstrip('`')}: {_helpful(words, kind)}") from None


def array_spec(raw: Any, where: str) -> ArraySpec:
    """The description of one array: a number, nested lists of numbers, or a table of one of the KINDS."""
    if not isinstance(raw, dict):
        return convert(raw, list[Any] | float, where)  # type: ignore[no-any-return]
    chosen = [kind for key, kind in KINDS.items() if key in raw]
    if len(chosen) != 1:
        raise CaseError(f"{where}: an array is a number, a list, or a table with exactly one of: {', '.join(KINDS)}")
    return convert(raw, chosen[0], where)  # type: ignore[no-any-return]


def _helpful(message: str, kind: Any) -> str:
    """msgspec's message, with the keys that exist where it names one that does not."""
    unknown = message.split("unknown field `")[-1].split("`")[0] if "unknown field" in message else ""
    if not unknown or not hasattr(kind, "__struct_fields__"):
        return message
    near = difflib.get_close_matches(unknown, kind.__struct_fields__, n=1)
    guess = f"; did you mean {near[0]!r}?" if near else ""
    return f"unknown key {unknown!r}{guess} There are: {', '.join(kind.__struct_fields__)}"
