"""The processes of implementations that this process has started, so that each is used again and all are ended."""

import atexit
import contextlib
import os
import threading
from collections.abc import Iterator

from .implementation import Implementation
from .session import ProcessSession

_idle: dict[Implementation, list[ProcessSession]] = {}
_busy: dict[ProcessSession, str] = {}  # and the run that it works for
_ended: set[str] = set()  # runs whose last threads may still come for a session
_lock = threading.Lock()


@contextlib.contextmanager
def session(implementation: Implementation, timeout: float, owner: str = "") -> Iterator[ProcessSession]:
    """A session for this thread alone: one that is idle, or else a new one. While in use, it is its owner's.

    After `close(owner)`, that owner gets closed ones only: a thread that was slow to begin starts no process any more.
    """
    with _lock:
        over = owner in _ended
        idle = [] if over else _idle.get(implementation)
        it = idle.pop() if idle else ProcessSession(implementation.command, implementation.name)
        if over:
            it.close()
        else:
            _busy[it] = owner
    it.timeout, it.validate = timeout, implementation.validate
    try:
        yield it
    finally:
        with _lock:
            if _busy.pop(it, None) is not None:
                _idle.setdefault(implementation, []).append(it)


def close(owner: str | None = None) -> None:
    """End those that are idle, and those in use by an owner, or by anybody. Questions still open get a Broke."""
    idle, busy = _take(owner)
    enders = [threading.Thread(target=it.close) for it in idle]
    enders += [threading.Thread(target=it.close, args=(0.0,)) for it in busy]
    for ender in enders:
        ender.start()
    for ender in enders:
        ender.join()


@atexit.register
def _at_exit() -> None:
    idle, busy = _take(None)
    for it in (*idle, *busy):
        it.close(0.0)  # without grace, since a thread cannot be started any more


def _take(owner: str | None) -> tuple[list[ProcessSession], list[ProcessSession]]:
    with _lock:
        idle = [it for sessions in _idle.values() for it in sessions]
        busy = [it for it, whose in _busy.items() if owner is None or whose == owner]
        _idle.clear()
        for it in busy:
            del _busy[it]
        if owner is not None:
            _ended.add(owner)
    return idle, busy


def _forget() -> None:
    """A forked process must not speak into its parent's pipes."""
    global _lock
    _lock = threading.Lock()
    _idle.clear()
    _busy.clear()
    _ended.clear()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forget)
