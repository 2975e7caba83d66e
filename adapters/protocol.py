"""The process protocol: one JSON object a line, requests on stdin, replies on stdout. Any language can speak it.

    -> {"kind": "describe", "id": 1, "protocol": 1}
    <- {"kind": "description", "id": 1, "protocol": 1, "name": "mylib", "version": "0.3", "precisions": ["float64"]}
    -> {"kind": "run", "id": 2, "check": "gradients", "problem": {...}}
    <- {"kind": "trace", "id": 2, "trace": {"loss": {"dtype": "float64", "shape": [], "values": [0.25]}, ...}}
    or {"kind": "unsupported", "id": 2, "reason": "no convolutions"}
    or {"kind": "error", "id": 2, "reason": "one line", "details": "traceback"}
    -> {"kind": "stop", "id": 3}                                                      (then stdin is closed)

A reply repeats the id of its request. Problems are `cases.problem.Problem`, arrays `cases.problem.ArrayMessage`. No
expected value is ever sent. A request comes when the last one is answered, `describe` at any time. Both sides pass over
fields that they do not know. `protocol.schema.json` has every message.
"""

from typing import Any, TypeAlias

import msgspec
import numpy as np

from ..cases.problem import Check, Problem, decode_hook, encode_hook
from ..reference import Array
from .base import Answer, Broke, Description, Refused, Traced

PROTOCOL = 1
LONGEST = 256 * 2**20
"""The longest line that is read, in bytes."""
REASON, DETAILS = 1_000, 100_000
"""The most that is kept of a reason and of its details, in characters."""
LONG_AGO = 1e6
"""Seconds that no answer takes: whoever says so has no clock."""


class Message(msgspec.Struct, frozen=True, omit_defaults=True, tag_field="kind"):
    """What every line has: its kind, and the id of the request that it is or answers."""

    id: int


class Describe(Message, tag="describe", frozen=True):
    """Who are you?"""

    protocol: int


class Run(Message, tag="run", frozen=True):
    """Compute one check of this problem."""

    check: Check
    problem: Problem


class Stop(Message, tag="stop", frozen=True):
    """No more questions: end yourself."""


class Described(Message, tag="description", frozen=True):
    """The answer to `Describe`."""

    protocol: int
    name: str
    version: str
    precisions: list[str] = msgspec.field(default_factory=lambda: ["float64", "float32"])
    flags: dict[str, str] = {}  # settings that decide numbers: threads, matmul precision ...
    tensors: list[str] = msgspec.field(default_factory=lambda: ["*"])  # globs of the tensors it gives
    operations: list[str] = msgspec.field(default_factory=lambda: ["*"])  # globs of the operations it has

    def description(self) -> Description:
        """As an adapter gives it."""
        return Description(self.name, self.version, self.precisions, self.flags, self.tensors, self.operations)


class Computed(Message, tag="trace", frozen=True):
    """The answer to `Run`: tensor name -> array."""

    trace: dict[str, Array]
    seconds: float = 0.0  # spent computing, if the implementation measures it
    lacking: list[str] = []  # globs of tensors that it has no number for


class Unable(Message, tag="unsupported", frozen=True):
    """The implementation cannot do this."""

    reason: str  # one line


class Failed(Message, tag="error", frozen=True):
    """It tried, and broke."""

    reason: str  # one line
    details: str = ""  # such as a traceback


Request: TypeAlias = Describe | Run | Stop
Reply: TypeAlias = Described | Computed | Unable | Failed


class Garbled(ValueError):
    """A line that is no message; its text is one clear reason."""


_encoder = msgspec.json.Encoder(enc_hook=encode_hook)
_requests: msgspec.json.Decoder[Any] = msgspec.json.Decoder(Request, dec_hook=decode_hook)
_replies: msgspec.json.Decoder[Any] = msgspec.json.Decoder(Reply, dec_hook=decode_hook)


def encode(message: Message) -> bytes:
    """A message as a line."""
    return _encoder.encode(message) + b"\n"


def decode_request(line: bytes) -> Request:
    """A line as a request. Raises Garbled."""
    request: Request = _decode(line, _requests)
    return request


def decode_reply(line: bytes, asked: Describe | Run) -> Reply:
    """A line as the reply to what was asked. Raises Garbled, also for a reply to something else."""
    reply: Reply = _decode(line, _replies)
    if reply.id != asked.id:
        raise Garbled(f"answered question {reply.id} when asked question {asked.id}")
    if isinstance(reply, Computed | Unable if isinstance(asked, Describe) else Described):
        raise Garbled(f"answered a {asked.__struct_config__.tag!r} with a {reply.__struct_config__.tag!r}")
    if isinstance(reply, Described) and reply.protocol != PROTOCOL:
        raise Garbled(f"speaks protocol {reply.protocol}; this is protocol {PROTOCOL}")
    return reply


def reply_to(request: int, answer: Answer) -> Reply:
    """An answer as a reply."""
    if isinstance(answer, Traced):
        return Computed(request, answer.trace, answer.seconds, answer.lacking)
    if isinstance(answer, Refused):
        return Unable(request, answer.reason)
    return Failed(request, answer.reason, answer.details)


def answer_of(reply: Computed | Unable | Failed) -> Answer:
    """A reply as an answer."""
    if isinstance(reply, Computed):
        seconds = reply.seconds if 0 <= reply.seconds < LONG_AGO else 0.0
        return Traced(reply.trace, seconds, reply.lacking)
    reason = " ".join(reply.reason.split())[:REASON] or "no reason given"
    return Refused(reason) if isinstance(reply, Unable) else Broke("error", reason, reply.details[-DETAILS:])


def _decode(line: bytes, decoder: msgspec.json.Decoder[Any]) -> Any:
    try:
        with np.errstate(all="ignore"):  # a number too large for its dtype is infinite, for the judge to see
            return decoder.decode(line)
    except (msgspec.ValidationError, OverflowError) as error:
        raise Garbled(f"not a message of the protocol: {error}") from None
    except (msgspec.DecodeError, ValueError, RecursionError, MemoryError) as error:
        start = line[:60].decode(errors="replace").rstrip()
        raise Garbled(f"not JSON: {start!r}: {error}") from None
