"""A child process that is spoken to in lines, with limits on time and length, and that leaves nothing behind."""

import contextlib
import enum
import os
import queue
import signal
import subprocess
import sys
import threading
import time
from collections import deque
from collections.abc import Sequence

TAIL = 100  # lines of stderr that are kept
ONE_THREAD = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")
"""Many small products: threads cost more than they give. Whoever sets these himself has his way."""


class Silence(enum.Enum):
    """Why there is no line."""

    ENDED = "the process ended or closed its output"
    TIMEOUT = "nothing came in time"
    TOO_LONG = "a line is longer than allowed"


class Child:
    """Reading, writing and collecting stderr happen in threads, so that no pipe can make its owner wait.

    The process leads a group of its own: Ctrl-C in the terminal does not reach it, and `kill` reaches its children.
    Raises OSError if the command cannot be started.
    """

    def __init__(self, command: Sequence[str], longest: int) -> None:
        self._process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=ONE_THREAD | dict(os.environ),
            start_new_session=True,
        )
        self._longest = longest
        self._lines: queue.Queue[bytes | Silence] = queue.Queue(maxsize=2)  # each may be as long as allowed
        self._stderr: deque[bytes] = deque(maxlen=TAIL)
        self._killed = False
        self._readers = [threading.Thread(target=read, daemon=True) for read in (self._read, self._collect)]
        for reader in self._readers:
            reader.start()

    def send(self, line: bytes) -> None:
        """Write a line, without waiting for it to be read."""
        threading.Thread(target=self._write, args=(line,), daemon=True).start()

    def receive(self, limit: float) -> bytes | Silence:
        """The next line that it writes, waiting at most `limit` seconds."""
        deadline = time.monotonic() + limit
        while True:
            left = deadline - time.monotonic()
            try:
                line = self._lines.get(timeout=min(max(left, 0.0), 0.5))
                break
            except queue.Empty:
                if self._process.poll() is not None and self._lines.empty():
                    return Silence.ENDED  # a child of its own may still hold the pipe open
                if left <= 0:
                    return Silence.TIMEOUT
        if isinstance(line, Silence):
            with contextlib.suppress(queue.Full):
                self._lines.put_nowait(line)  # the end stays the end, for whoever else asks
        return line

    def astray(self) -> bool:
        """Whether it has ended, or has written what nobody has asked for."""
        return self._process.poll() is not None or not self._lines.empty()

    def drain(self, limit: float) -> None:
        """Wait until it has ended, at most `limit` seconds."""
        deadline = time.monotonic() + limit
        while isinstance(self.receive(deadline - time.monotonic()), bytes):
            pass

    def status(self) -> str:
        """How it ended, in words."""
        try:
            code = self._process.wait(timeout=1)
        except subprocess.TimeoutExpired:
            return "it closed its output"
        if code < 0:
            with contextlib.suppress(ValueError):
                return f"killed by {signal.Signals(-code).name}"
        return f"exit status {code}"

    def kill(self) -> None:
        """End it and its children, now."""
        self._killed = True
        if sys.platform != "win32":
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(self._process.pid, signal.SIGKILL)
        self._process.kill()
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(timeout=5)
        for reader in self._readers:
            reader.join(timeout=0.5)
        assert self._process.stdin is not None
        with contextlib.suppress(OSError):
            self._process.stdin.close()

    def stderr(self) -> str:
        """The last lines that it wrote to stderr."""
        return b"".join(list(self._stderr)).decode(errors="replace")

    def _write(self, line: bytes) -> None:
        assert self._process.stdin is not None
        rest = memoryview(line)
        with contextlib.suppress(OSError, ValueError):  # it has ended: the reader notices
            while rest:
                rest = rest[os.write(self._process.stdin.fileno(), rest) :]

    def _read(self) -> None:
        assert self._process.stdout is not None
        with self._process.stdout as stdout:
            while line := stdout.readline(self._longest):
                if not line.endswith(b"\n"):
                    self._put(Silence.TOO_LONG if len(line) == self._longest else Silence.ENDED)
                    return
                self._put(line)
            self._put(Silence.ENDED)

    def _put(self, line: bytes | Silence) -> None:
        while not self._killed:
            with contextlib.suppress(queue.Full):
                self._lines.put(line, timeout=0.5)
                return
        with contextlib.suppress(queue.Full):  # somebody may be waiting for the end
            self._lines.put_nowait(line)

    def _collect(self) -> None:
        assert self._process.stderr is not None
        with self._process.stderr as stderr:
            while line := stderr.readline(4096):
                self._stderr.append(line)
