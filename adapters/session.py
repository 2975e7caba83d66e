"""One implementation to talk to: in a process of its own, or in this one."""

import threading
from collections.abc import Sequence
from typing import Protocol

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
        try:
            return self.adapter.describe()
        except Exception as error:
            return broke(error)

    def ask(self, problem: Problem, check: Check) -> Answer:
        """See `Session`."""
        return _cannot(self.describe(), problem) or compute(self.adapter, problem, check)

    def close(self) -> None:
        """See `Session`."""


class ProcessSession:
    """A command that speaks the protocol. It starts when first asked, and again after a crash or a time-out.

    One question at a time; only `close` may be called from another thread. A command that does not start is not
    tried again: every question gets the reason.
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

    def describe(self) -> Description | Broke:
        """See `Session`."""
        if self._described is None:
            self._described = self._start()
        return self._described

    def ask(self, problem: Problem, check: Check) -> Answer:
        """See `Session`."""
        cannot = _cannot(self.describe(), problem)
        if cannot is None and self._child is None:  # the last question was the end of it
            self._described = self._start()
            cannot = _cannot(self._described, problem)
        if cannot is not None:
            return cannot
        reply = self._exchange(Run(self._next(), check, problem), self.timeout)
        if isinstance(reply, Broke):
            return reply
        assert not isinstance(reply, Described)  # decode_reply lets none through
        return protocol.answer_of(reply)

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

    def _next(self) -> int:
        self._count += 1
        return self._count

    def _exchange(self, message: Describe | Run, limit: float) -> Reply | Broke:
        """One question and its reply. After anything but a reply the process is out of step, and is ended."""
        child = self._child
        if child is None:
            return Broke("error", f"{self.name}: the session is closed")
        child.send(protocol.encode(message))
        line = child.receive(limit)
        if isinstance(line, bytes):
            try:
                return protocol.decode_reply(line, message)
            except Garbled as error:
                return Broke("error", str(error), self._end())
        if line is Silence.TIMEOUT:
            return Broke("timeout", f"no answer within {limit:g} s", self._end())
        if line is Silence.TOO_LONG:
            reason = f"the answer is longer than {protocol.LONGEST // 2**20} MiB"
            return Broke("error", reason, self._end())
        return Broke("error", f"the process ended: {child.status()}", self._end())

    def _end(self) -> str:
        """Kill the process. Returns what it last wrote to stderr."""
        with self._lock:
            child, self._child = self._child, None
        if child is None:
            return ""
        child.kill()
        return child.stderr()


def _cannot(described: Description | Broke, problem: Problem) -> Answer | None:
    """The answer that needs no asking, if there is one."""
    if isinstance(described, Broke):
        return described
    if problem.precision not in described.precisions:
        return Refused(f"{described.name} has no {problem.precision}")
    return None
