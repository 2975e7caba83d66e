"""Ask an adapter object, and catch whatever comes."""

import time
import traceback
from typing import get_args

import numpy as np

from ..cases.problem import ArrayMessage, Check, Problem
from ..reference import Array
from .base import Adapter, Answer, Broke, Refused, Trace, Traced, Unsupported

SENT = get_args(ArrayMessage.__annotations__["dtype"])
"""The types that an array can have in an answer."""


def compute(adapter: Adapter, problem: Problem, check: Check) -> Answer:
    """The adapter's answer to one check; an exception becomes a Broke with its traceback."""
    start = time.perf_counter()
    try:
        trace = getattr(adapter, check)(problem)
        seconds = time.perf_counter() - start
        return Traced(_arrays(trace), seconds, list(adapter.lacking(problem)))
    except Unsupported as refusal:
        return Refused(_sayable(str(refusal)))
    except (Exception, SystemExit) as error:  # sys.exit() in an adapter is no wish to end whoever asks
        return broke(error)


def broke(error: BaseException) -> Broke:
    """An exception as an answer."""
    reason = "".join(traceback.format_exception_only(error)).strip().partition("\n")[0]
    return Broke("error", _sayable(reason), _sayable("".join(traceback.format_exception(error))))


def _sayable(text: str) -> str:
    """Text without what no line of JSON can hold: halves of characters, as surrogateescape makes them."""
    return text.encode(errors="replace").decode()


def _arrays(trace: Trace) -> Trace:
    if not isinstance(trace, dict):
        raise TypeError(f"a trace is a dict from tensor name to array, not {type(trace).__name__}")
    arrays: dict[str, Array] = {}
    for name, given in trace.items():
        if not isinstance(name, str) or _sayable(name) != name:
            raise TypeError(f"a trace has names of tensors as keys, not {name!r:.60}")
        value = np.asarray(given)
        arrays[name] = value = value.astype(value.dtype.newbyteorder("="), copy=False)
        if value.dtype.name not in SENT:
            raise TypeError(f"{name} has dtype {value.dtype}; an answer has one of: {', '.join(SENT)}")
    return arrays
