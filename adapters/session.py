"""One implementation to talk to: in a process of its own, or in this one."""

import fnmatch
import threading
from collections.abc import Callable, Sequence
from typing import Protocol

import msgspec

from ..cases.problem import Check, Problem
from . import protocol
from .base import Adapter, Answer, Broke, Description, Refused
from .child import Child, Silence
from .compute import broke, compute
from .protocol import Describe, Described, Failed, Garbled, Reply, Run, Stop

TIMEOUT = 60.0  # seconds for one question
START_LIMIT = 120.0  # seconds to start: frameworks take long to import, longer from a cold disk
GRACE = 2.0  # seconds to end after being told to


class Session(Protocol):
    """Something that can be asked."""

    def describe(self) -> Description | Broke:
        """Who answers, or why nobody does."""

    def ask(self, problem: Problem, check: Check) -> Answer:
        """What it makes of one check. Never raises."""

    def close(self) -> None:
        """End it."""


class LocalSession:
    """An adapter object in this process: for notebooks and tests. If it crashes or hangs, so does this process."""

    def __init__(self, adapter: Adapter) -> None:
        self.adapter = adapter

    def describe(self) -> Description | Broke:
        """See `Session`."""
        try:  # by way of JSON, as from any other process: what does not fit shows here
            return msgspec.json.decode(msgspec.json.encode(self.adapter.describe()), type=Description)
        except Exception as error:
            return broke(error)

    def ask(self, problem: Problem, check: Check) -> Answer:
        """See `Session`."""
        return refusal(self.describe(), problem, check) or compute(self.adapter, problem, check)

    def close(self) -> None:
        """See `Session`."""


class ProcessSession:
    """A command that speaks the protocol. It starts when first asked, and again after a crash or a time-out.

    One question at a time; only `close` may be called from another thread. A command that does not start is not
    tried again: every question gets the reason. One that has ended since its last answer, or written more than that, is
    replaced before the next question, so that no other question pays for it; with `validate`, the answer itself does.

    validate: a reply is held against the published schema, see `schema.violation`.
    overhear: is given every line, of both sides.
    """

    def __init__(
        self, command: Sequence[str], name: str, timeout: float = TIMEOUT, start_limit: float = START_LIMIT
    ) -> None:
        self.command, self.name = list(command), name
        self.timeout, self.start_limit = timeout, start_limit
        self._child: Child | None = None
        self._described: Description | Broke | None = None
        self._count = 0
        self._lock = threading.Lock()
        self._closed = False
        self.validate = False
        self.overhear: Callable[[bytes], None] = lambda _: None

    def describe(self) -> Description | Broke:
        """See `Session`."""
        if self._described is None:
            self._described = self._start()
        return self._described

    def ask(self, problem: Problem, check: Check) -> Answer:
        """See `Session`."""
        cannot = refusal(self.describe(), problem, check)
        child = self._child
        if cannot is None and (child is None or child.astray()):  # the last question was the end of it
            self._end()
            self._described = self._start()
            cannot = refusal(self._described, problem, check)
        if cannot is not None:
            return cannot
        reply = self._exchange(Run(self._next(), check, problem), self.timeout)
        if isinstance(reply, Broke):
            return reply
        assert not isinstance(reply, Described)  # decode_reply lets none through
        return (self._more() if self.validate else None) or protocol.answer_of(reply)

    def close(self, grace: float = GRACE) -> None:
        """End the process and whatever it started. A question still open gets a Broke, and so does any later one."""
        with self._lock:
            self._closed = True
            child, self._child = self._child, None
        if child is not None:
            if grace:
                child.send(protocol.encode(Stop(self._next())))
                child.drain(grace)
            child.kill()

    def _start(self) -> Description | Broke:
        with self._lock:
            if self._closed:
                return Broke("error", f"{self.name}: the session is closed")
            try:
                self._child = Child(self.command, protocol.LONGEST)
            except OSError as error:
                return Broke("error", f"{self.name} cannot be started: {error}")
        reply = self._exchange(Describe(self._next(), protocol.PROTOCOL), self.start_limit)
        if isinstance(reply, Described):
            return reply.description()
        stderr = self._end()
        if isinstance(reply, Failed):
            return Broke("error", reply.reason, reply.details or stderr)
        assert isinstance(reply, Broke)
        return Broke(reply.verdict, f"{self.name} did not start: {reply.reason}", reply.details)

    def _more(self) -> Broke | None:
        """What is wrong after an answer: it ended, or wrote another line. Then it does not answer in turn."""
        reply = self._exchange(Describe(self._next(), protocol.PROTOCOL), self.timeout)
        if isinstance(reply, Broke):
            return Broke(
                reply.verdict, f"not valid: after the answer, asked to describe itself: {reply.reason}", reply.details
            )
        return None

    def _next(self) -> int:
        self._count += 1
        return self._count

    def _exchange(self, message: Describe | Run, limit: float) -> Reply | Broke:
        """One question and its reply. After anything but a reply the process is out of step, and is ended."""
        child = self._child
        if child is None:
            return Broke("error", f"{self.name}: the session is closed")
        request = protocol.encode(message)
        self.overhear(request)
        child.send(request)
        line = child.receive(limit)
        if isinstance(line, bytes):
            self.overhear(line)
            return self._read(line, message)
        if line is Silence.TIMEOUT:
            return Broke("timeout", f"no answer within {limit:g} s", self._end())
        if line is Silence.TOO_LONG:
            reason = f"the answer is longer than {protocol.LONGEST // 2**20} MiB"
            return Broke("error", reason, self._end())
        return Broke("error", f"the process ended: {child.status()}", self._end())

    def _read(self, line: bytes, message: Describe | Run) -> Reply | Broke:
        """A line as the reply to a question. One that is merely not valid leaves the process in step."""
        wrong = ""
        if self.validate:
            from .schema import violation  # and with it a library that nothing else needs

            wrong = violation(line, message)
        try:
            reply = protocol.decode_reply(line, message)
        except Garbled as error:
            return Broke("error", wrong or str(error), self._end())
        return Broke("error", wrong) if wrong else reply

    def _end(self) -> str:
        """Kill the process. Returns what it last wrote to stderr."""
        with self._lock:
            child, self._child = self._child, None
        if child is None:
            return ""
        child.kill()
        return child.stderr()


def refusal(described: Description | Broke, problem: Problem, check: Check) -> Answer | None:
    """The answer that needs no asking, if there is one."""
    if isinstance(described, Broke):
        return described
    if problem.precision not in described.precisions:
        return Refused(f"{described.name} has no {problem.precision}")
    for op in operations(problem, check):
        if not any(fnmatch.fnmatchcase(op, glob) for glob in described.operations):
            return Refused(f"{described.name} has no {op}")
    return None


def operations(problem: Problem, check: Check) -> list[str]:
    """The names of the operations that a check asks for, in the order in which they come to pass."""
    rule = problem.optimizer
    around = (rule, rule.schedule, rule.clip, rule.average) if rule and check != "gradients" else ()
    network = (*problem.network, problem.loss, *problem.penalties) if check != "updates" else ()
    return list(dict.fromkeys(head.op for head in (*network, *around) if head is not None))
