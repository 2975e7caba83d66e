"""The judge: what came back against what was expected, tensor by tensor, element by element.

In this order: names, shapes, dtypes, finiteness, numbers. Expected tensors are counted from the case, never from what
came back. A difference passes only by `error <= tolerance`, so NaN cannot.
"""

import decimal
import fnmatch
import math
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from ..adapters.base import Asked, Broke, Refused, Trace
from ..adapters.known import KnownDifferences
from ..cases import Case, Check
from ..reference import Array
from ..reference.arithmetic.precision import PRECISIONS, Precision
from .expect import DOUBTFUL, Expectation, Expected
from .record import DIFFERS, CheckName, ClaimLine, Row, Verdict

SMALL = 32  # tensors of at most so many elements are written out in the record

COLUMNS: dict[Check, tuple[CheckName, ...]] = {
    "gradients": ("loss", "gradient"),
    "updates": ("update",),
    "training": ("trajectory",),
}
COLUMN_OF: dict[str, CheckName] = {
    "loss": "loss",
    "output": "loss",
    "gradient": "gradient",
    "update": "update",
    "state": "update",
    "average": "update",
    "clipped": "update",
    "rate": "update",
    "scale": "update",
    "trajectory": "trajectory",
}


def judge(
    who: str,
    asked: Asked,
    expectation: Expectation,
    known: KnownDifferences | None = None,
    offered: Sequence[str] = ("*",),
) -> Iterator[Row]:
    """The rows of one answer: one for each tensor expected, or one for each column if there were no tensors.

    A difference that `known` lists is "known", with its reason and link. A tensor that is absent is missing, unless the
    implementation said beforehand that it does not give it: `offered` are globs of those it does.
    """
    answer = asked.answer
    expected = expectation.checks[asked.check]
    if isinstance(answer, Refused | Broke):
        yield from unasked(who, asked)
        return
    strangers = sorted(set(answer.trace) - set(expected))
    for name, wanted in expected.items():
        finding = _compare(wanted, answer.trace.get(name), PRECISIONS[asked.precision], strangers)
        withheld = any(fnmatch.fnmatchcase(name, glob) for glob in answer.lacking)
        if finding["verdict"] == "missing" and (withheld or not any(fnmatch.fnmatchcase(name, g) for g in offered)):
            finding = {"verdict": "unsupported", "reason": f"{who} does not give {_kind(name)}"}
        numbers = finding["verdict"] in ("outside", "nonfinite")  # of what ships, nothing else is ever excused
        lost = numbers and _lost_digits(wanted, answer.trace[name])
        excusable = known and (numbers or (known.anything and finding["verdict"] in DIFFERS))
        entry = known.match(asked.case, asked.precision, name, digits=lost) if known and excusable else None
        if entry:
            finding |= {"verdict": "known", "reason": entry.reason, "link": entry.link, "details": entry.reproduction}
        yield Row(
            asked.case, asked.precision, who, COLUMN_OF[name.partition(".")[0]], name,
            shape=list(wanted.value.shape), **finding,
        )  # fmt: skip


def _lost_digits(wanted: Expected, actual: Array) -> bool:
    """Whether the errors are no larger than if all digits of the tensor's largest value were lost."""
    largest = np.max(np.abs(wanted.value), initial=0.0, where=np.isfinite(wanted.value))
    with np.errstate(invalid="ignore"):  # an infinity that is due, beside what is outside
        error = np.abs(actual.astype(np.float64) - wanted.value)
        return bool(((error <= largest + wanted.tolerance) | (actual == wanted.value)).all())


def _kind(name: str) -> str:
    """What a tensor is, in words."""
    kind, _, rest = name.partition(".")
    if kind == "gradient":
        return "gradients of parameters" if "." in rest else "gradients of inputs and layer outputs"
    return {"loss": "the loss", "output": "layer outputs", "state": "optimizer state"}.get(kind, f"{kind}s")


def unasked(who: str, asked: Asked) -> Iterator[Row]:
    """The rows of a refusal, or of who broke: one for each column. No expected value is needed for them."""
    answer = asked.answer
    assert isinstance(answer, Refused | Broke)
    verdict: Verdict = "unsupported" if isinstance(answer, Refused) else answer.verdict
    details = answer.details if isinstance(answer, Broke) else ""
    for column in COLUMNS[asked.check]:
        yield Row(asked.case, asked.precision, who, column, "", verdict, reason=answer.reason, details=details)


def _compare(wanted: Expected, actual: Array | None, precision: Precision, strangers: list[str]) -> dict[str, Any]:
    """The findings about one tensor, as keyword arguments of a Row."""
    if actual is None:
        also = f"; the answer has {', '.join(strangers[:SMALL])}, which nobody asked for" if strangers else ""
        return {"verdict": "missing", "reason": f"no such tensor in the answer{also}"}
    if actual.shape != wanted.value.shape:
        return {"verdict": "shape", "reason": f"shape {actual.shape}, expected {wanted.value.shape}"}
    if actual.dtype != precision.dtype:
        return {"verdict": "dtype", "reason": f"{actual.dtype.name}, expected {precision.name}"}
    values = actual.astype(np.float64)
    finding = _numbers(wanted, values, precision)
    if values.size <= SMALL:
        finding["values"] = values.tolist() if np.isfinite(values).all() else speak(values.tolist())
    return finding


def _numbers(wanted: Expected, values: Array, precision: Precision) -> dict[str, Any]:
    """Finiteness, then size: the verdict, and the worst element."""
    truth, tolerance, doubtful = wanted
    with np.errstate(all="ignore"):
        error = np.abs(values - truth)
        if not error.any():
            return {"verdict": "exact", "error": 0.0, "margin": 0.0, "ulps": 0.0}
        margin = error / tolerance
        worst = int(np.argmax(margin))  # NaN, if there is one
        if not math.isfinite(margin.item(worst)):
            if not np.isfinite(error).all():
                return _not_finite(wanted, values, error, precision)
            margin = np.where(error == 0, 0.0, margin)  # where both are 0, NumPy says NaN
            worst = int(np.argmax(margin))
    verdict = "outside" if not (error <= tolerance).all() else "inconclusive" if doubtful else "within"
    finding = _element(worst, wanted, values, error, margin, precision)
    if verdict == "inconclusive":
        finding["reason"] = f"{precision.name} cannot say more: the tolerance is over {DOUBTFUL:.0%} of the tensor"
    return {"verdict": verdict, **finding}


def _not_finite(wanted: Expected, values: Array, error: Array, precision: Precision) -> dict[str, Any]:
    """The findings where NaN or infinity is involved: the same one in the same place is no difference."""
    truth, tolerance, doubtful = wanted
    same = (values == truth) | (np.isnan(values) & np.isnan(truth))
    error = np.where(same, 0.0, np.abs(values - truth))
    if np.isfinite(error).all():
        replaced = Expected(np.where(np.isfinite(truth), truth, 0.0), tolerance, doubtful)
        return _numbers(replaced, np.where(np.isfinite(values), values, 0.0), precision)
    worst = int(np.argmax(~np.isfinite(error)))
    finding = _element(worst, wanted, values, error, np.full(error.shape, np.inf), precision)
    finding["reason"] = f"{finding['actual']} where {finding['expected']} is due"
    return {"verdict": "nonfinite", **finding}


def _element(
    worst: int, wanted: Expected, values: Array, error: Array, margin: Array, precision: Precision
) -> dict[str, Any]:
    """One element, by its place in the flattened tensor."""
    truth = wanted.value.item(worst)
    off, allowed, share = error.item(worst), wanted.tolerance.item(worst), margin.item(worst)
    return {
        "index": [int(i) for i in np.unravel_index(worst, values.shape)],
        "expected": speak(truth),
        "actual": speak(values.item(worst)),
        "error": _finite(off),
        "tolerance": _finite(allowed),
        "margin": _finite(share),
        "ulps": _finite(off / ulp(truth, precision)),
    }


def ulp(value: float, precision: Precision) -> float:
    """A unit of the last place of the value in this precision; at zero, of the smallest normal."""
    size = max(abs(value), precision.smallest_normal) if math.isfinite(value) else 1.0
    return math.ldexp(1.0, math.frexp(size)[1] - precision.digits)


def claims(who: str, case: Case, trace: Trace, expected: dict[str, Expected]) -> Iterator[ClaimLine]:
    """What sources printed, against this trace. A claim holds if the value rounds to the digits printed.

    A tensor that is absent, or has not the shape expected, says nothing about a claim.
    """
    for claim in case.file.claims:
        array = trace.get(claim.tensor)
        if array is None or claim.tensor not in expected or array.shape != expected[claim.tensor].value.shape:
            continue
        value = float(array.astype(np.float64)[tuple(claim.index)])
        printed = decimal.Decimal(claim.says)
        with decimal.localcontext(prec=800):  # a float64 may have as many digits
            holds = math.isfinite(value) and decimal.Decimal(value).quantize(printed) == printed
        verdict = "holds" if holds else "wrong"
        yield ClaimLine(case.name, claim.of, claim.says, claim.tensor, claim.index, who, value, verdict)  # type: ignore[arg-type]


def _finite(x: float) -> float | None:
    return x if math.isfinite(x) else None


def speak(x: Any) -> Any:
    """Numbers as JSON has them, and by name those that it has not."""
    if isinstance(x, list):
        return [speak(v) for v in x]
    return x if math.isfinite(x) else str(x)
