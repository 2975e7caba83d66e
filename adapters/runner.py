"""Ask implementations many problems, in parallel, each implementation in processes of its own."""

import os
import queue
import threading
import time
import uuid
from collections import Counter, deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Executor, Future, ThreadPoolExecutor, wait
from statistics import median
from typing import TypeAlias

from ..cases.problem import Problem
from . import pool
from .base import Asked, Broke, Description
from .implementation import Implementation, implementation
from .session import TIMEOUT

__all__ = ["Batch", "Implementation", "Result", "ask_batch", "describe", "implementation", "run"]

WORTH = 5.0  # seconds of work left that are worth another process
Batch: TypeAlias = Sequence[Problem]
"""Problems that go to one process in one go; every check in `problem.checks` is asked."""
Result: TypeAlias = tuple[Implementation, list[Asked]]
"""What comes of one batch."""


def ask_batch(implementation: Implementation, batch: Batch, timeout: float = TIMEOUT, owner: str = "") -> list[Asked]:
    """Ask every check of every problem, one after the other. This is what an executor runs, wherever it runs."""
    with pool.session(implementation, timeout, owner) as session:
        return [
            Asked(problem.case, problem.precision, check, session.ask(problem, check))
            for problem in batch
            for check in problem.checks
        ]


def describe(implementations: Sequence[Implementation]) -> list[Description | Broke]:
    """Who they are, all started at the same time; their processes stay for `run`, unless this is interrupted."""
    owner = uuid.uuid4().hex

    def one(implementation: Implementation) -> Description | Broke:
        with pool.session(implementation, TIMEOUT, owner) as session:
            return session.describe()

    with ThreadPoolExecutor(max_workers=len(implementations) or 1) as threads:
        try:
            return list(threads.map(one, implementations))
        except BaseException:
            pool.close(owner)  # else the threads would wait for what has not started
            raise


def run(
    implementations: Sequence[Implementation],
    batches: Iterable[Batch],
    *,
    executor: Executor | None = None,
    jobs: int | None = None,
    timeout: float = TIMEOUT,
) -> Iterator[Result]:
    """Ask every implementation every batch; yields each batch's answers as they come, in any order.

    executor: where `ask_batch` runs; local threads by default, one that Dask or mpi4py offers for more machines.
    jobs: how many batches are under way at a time; by default the number of processors.
    Whether it comes to its end or is closed or interrupted before, no process of this machine stays behind.
    """
    jobs = jobs or os.cpu_count() or 1
    results: queue.SimpleQueue[Result | BaseException | None] = queue.SimpleQueue()
    stop = threading.Event()
    where = executor or ThreadPoolExecutor(max_workers=jobs)
    owner = uuid.uuid4().hex  # another run in this process keeps its own

    def ask(implementation: Implementation, batch: Batch) -> Future[list[Asked]]:
        return where.submit(ask_batch, implementation, batch, timeout, owner)

    # a thread hands out the work, so that it goes on while the answers before are being judged
    driver = threading.Thread(target=_drive, args=(implementations, list(batches), ask, jobs, results, stop))
    driver.start()
    try:
        while (result := results.get()) is not None:
            if isinstance(result, BaseException):
                raise result
            yield result
    finally:
        stop.set()
        pool.close(owner)  # open questions end at once, and with them the threads
        driver.join()
        if executor is None:
            where.shutdown(wait=True, cancel_futures=True)


def _drive(
    implementations: Sequence[Implementation],
    batches: Sequence[Batch],
    ask: Callable[[Implementation, Batch], Future[list[Asked]]],
    jobs: int,
    results: "queue.SimpleQueue[Result | BaseException | None]",
    stop: threading.Event,
) -> None:
    """Keep `jobs` batches under way until all are answered or it is told to stop; None is the last result."""
    waiting = {implementation: deque(batches) for implementation in implementations}
    took: dict[Implementation, list[float]] = {implementation: [] for implementation in waiting}
    under_way: dict[Future[list[Asked]], tuple[Implementation, float]] = {}
    try:
        while (any(waiting.values()) or under_way) and not stop.is_set():
            busy = Counter(one for one, _ in under_way.values())
            while busy.total() < jobs and (chosen := _choose(waiting, busy, took)):
                future = ask(chosen, waiting[chosen].popleft())
                under_way[future] = chosen, time.monotonic()
                busy[chosen] += 1
            done, _ = wait(under_way, timeout=0.5, return_when=FIRST_COMPLETED)
            for future in done:
                chosen, since = under_way.pop(future)
                took[chosen].append(time.monotonic() - since)
                results.put((chosen, future.result()))
    except BaseException as error:
        results.put(error)
    finally:
        for future in under_way:
            future.cancel()
        results.put(None)


def _choose(
    waiting: dict[Implementation, deque[Batch]], busy: Counter[Implementation], took: dict[Implementation, list[float]]
) -> Implementation | None:
    """The implementation to ask next: the least busy one, so that they run side by side rather than twice each.

    A second process of one is started, or a third, only for work that is worth the seconds this takes.
    """

    def worth(one: Implementation) -> bool:
        each = median(took[one]) if len(took[one]) > 2 else 0.0  # the first batch also pays for imports
        return not busy[one] or each * len(waiting[one]) / busy[one] > WORTH

    free = [one for one, batches in waiting.items() if batches and worth(one)]
    return min(free, key=lambda one: (busy[one], -len(waiting[one])), default=None)
