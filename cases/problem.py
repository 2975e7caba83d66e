"""A problem: a case at one precision, every number drawn and rounded. It is what an implementation is given.

It never holds an expected value, and it crosses the border to other processes as JSON just as it stands here.
"""

import base64
from typing import Any, Literal, TypeAlias

import ml_dtypes
import msgspec
import numpy as np

from ..reference import Array
from .format import AccumulationOf, LossScaleOf, PrecisionName

Check: TypeAlias = Literal["gradients", "updates", "training"]
"""What can be asked: loss, outputs and gradients; optimizer updates; a whole training run."""


class Head(msgspec.Struct, frozen=True):
    """Something with options. A list among them, such as a stride of [2, 1], is a tuple to whoever is asked."""

    op: str
    options: dict[str, Any]

    def __post_init__(self) -> None:
        msgspec.structs.force_setattr(self, "options", {key: _tuples(value) for key, value in self.options.items()})


def _tuples(value: Any) -> Any:
    return tuple(map(_tuples, value)) if isinstance(value, list | tuple) else value


class LayerOf(Head, frozen=True):
    """One layer of the network, in order of computation."""

    name: str
    inputs: list[str]  # names of inputs, or of earlier layers
    parameters: dict[str, str]  # the operation's name for it -> its name in Problem.parameters
    buffers: dict[str, str] = {}  # the operation's name for it -> its name in Problem.buffers


class LossOf(Head, frozen=True):
    """The loss, applied to the output of the last layer."""

    targets: dict[str, str]  # the operation's name for it -> an input, or a layer, whose gradient then flows there


class PenaltyOf(Head, frozen=True):
    """What a parameter adds to the loss by itself."""

    parameter: str


class GroupOf(msgspec.Struct, frozen=True):
    """Parameters that have rates and options of their own, beside those that they share with all others."""

    parameters: list[str]
    rates: list[float]
    options: dict[str, Any]


class ScheduleOf(Head, frozen=True):
    """The rate of each step, from the optimizer's own, after a warm-up along a straight line if there is one."""

    first: int = 0  # what the first step counts as
    warmup: int = 0  # steps
    warmup_from: float = 0.0  # as a share of the rate


class OptimizerOf(Head, frozen=True):
    """The update rule, and what stands around it. `rates` are those of the steps that `Problem.gradients` holds."""

    rates: list[float]
    groups: list[GroupOf] = []
    maximize: bool = False
    absent: Literal["skip", "zero"] = "skip"  # a parameter without a gradient: left alone, or one of zeros
    defaults: str = ""  # the implementation whose defaults the options are: it is given none of them
    values: list[float] = []  # the loss at each step, where the rule or the schedule looks at it
    counts: list[int] = []  # how many examples each micro-batch has
    schedule: ScheduleOf | None = None
    clip: Head | None = None
    average: Head | None = None
    accumulation: AccumulationOf | None = None
    loss_scale: LossScaleOf | None = None


class TrainingOf(msgspec.Struct, frozen=True):
    """Which rows make up each step of each epoch, and the learning rate of each epoch.

    Where the optimizer has a schedule, it counts steps, and starts from the first of the rates.
    """

    batches: list[list[Array]]
    rates: list[float]

    @property
    def step_rates(self) -> list[float]:
        """The learning rate of each step."""
        return [rate for rate, batches in zip(self.rates, self.batches, strict=True) for _ in batches]


class Problem(msgspec.Struct, frozen=True):
    """A case at one precision: floats have that precision's dtype, labels and indices are int64."""

    case: str
    precision: PrecisionName
    checks: list[Check]
    network: list[LayerOf]
    loss: LossOf | None
    optimizer: OptimizerOf | None
    training: TrainingOf | None
    inputs: dict[str, Array]
    parameters: dict[str, Array]
    upstream: Array | None
    gradients: list[dict[str, Array]]  # for updates: one dict for each step, without the parameters that have none
    buffers: dict[str, Array] = {}  # what layers keep without a gradient, such as running statistics
    penalties: list[PenaltyOf] = []


class ArrayMessage(msgspec.Struct, frozen=True, omit_defaults=True):
    """An array in a message: its bytes (C order, little endian) as base64, or its values as a flat list.

    In `values`, what JSON has no number for is written "NaN", "Infinity" or "-Infinity".
    """

    dtype: Literal["float64", "float32", "bfloat16", "float16", "int64", "bool"]
    shape: list[int]
    data: str | None = None
    values: list[float | int | bool | Literal["NaN", "Infinity", "-Infinity"]] | None = None


def pack(array: Array) -> ArrayMessage:
    """An array as a message."""
    little = np.ascontiguousarray(array).astype(array.dtype.newbyteorder("<"), copy=False)
    return ArrayMessage(array.dtype.name, list(array.shape), base64.b64encode(little.tobytes()).decode())  # type: ignore[arg-type]


def unpack(message: ArrayMessage) -> Array:
    """The array of a message.

    Raises ValueError if the bytes or values do not fill the shape.
    """
    dtype = np.dtype(ml_dtypes.bfloat16 if message.dtype == "bfloat16" else message.dtype)
    if any(n < 0 for n in message.shape):
        raise ValueError(f"shape {message.shape} has a negative length")
    if message.data is not None:
        flat = np.frombuffer(base64.b64decode(message.data, validate=True), dtype=dtype.newbyteorder("<"))
        flat = flat.astype(dtype, copy=False)
    elif message.values is not None:
        if "float" not in message.dtype and any(isinstance(v, str) for v in message.values):
            raise ValueError(f"{message.dtype} has no NaN and no infinity")
        flat = np.array([float(v) if isinstance(v, str) else v for v in message.values]).astype(dtype)
    else:
        raise ValueError("an array needs data or values")
    return flat.reshape(message.shape)


def encode_hook(value: Any) -> Any:
    """For msgspec.json: arrays as messages."""
    if isinstance(value, np.ndarray):
        return pack(value)
    raise TypeError(f"no message for {type(value)}")


def decode_hook(kind: type, value: Any) -> Any:
    """For msgspec.json: messages as arrays."""
    if kind is np.ndarray or getattr(kind, "__origin__", None) is np.ndarray:
        return unpack(msgspec.convert(value, ArrayMessage))
    raise TypeError(f"no {kind} in messages")
