"""What a wrong tensor is in relation to the right one, with names for the numbers that a case has.

A mistake that nobody has made before may still be a plain factor, a sign, a transposition, a sum that was not taken, a
term too many. Each is tried on the first wrong tensor alone; what follows from it is wrong as well, and says no more.
"""

import itertools
import math
from collections.abc import Iterator

import numpy as np

from ...cases import Problem
from ...reference import Array
from .evidence import SHARE, SLACK, Failure
from .place import Place

SPREAD = 6  # errors by rounding: at least so many, and at least one in so many goes each way
MOST_AXES = 4  # of whose permutations all are tried
COARSER = {"float32": 29, "TF32": 42, "bfloat16": 45}  # how many bits fewer than float64 has
FROM_SINGLE = {"TF32": 13, "bfloat16": 16}  # than float32 has


def found(failure: Failure, place: Place) -> Iterator[tuple[str, str]]:
    """Each relation that holds between the first wrong tensor and the right one: a name, and a sentence."""
    with np.errstate(all="ignore"):
        yield from _found(failure, place)


def _found(failure: Failure, place: Place) -> Iterator[tuple[str, str]]:
    name = place.tensor
    actual = failure.trace.get(name)
    if actual is None:
        yield "absent", f"{name} is not in the answer"
        return
    actual, truth = actual.astype(np.float64), failure.expected[name].value
    room = _Room(failure, name)
    if actual.shape != truth.shape:
        yield from _shapes(name, actual, truth, room)
        return
    bad = ~np.isfinite(actual) & np.isfinite(truth)
    if bad.any():
        what = "NaN" if np.isnan(actual[bad]).any() else "infinity"
        yield (
            what,
            f"{name} has {what} in {int(bad.sum())} of {actual.size} places: 0 / 0, ∞ − ∞, or an overflow before",
        )
        return
    if not actual.any():
        yield "zero", f"{name} is 0 throughout: nothing comes back to it, or nothing moved it"
        return
    yield from _factors(name, actual, truth, room, failure.problem)
    yield from _axes(name, actual, truth, room)
    yield from _terms(name, actual, truth, room, failure)
    yield from _parts(name, actual, truth, room)


class _Room:
    """How far two arrays may be apart and still be the same thing."""

    def __init__(self, failure: Failure, name: str) -> None:
        self.tolerance = float(np.max(failure.expected[name].tolerance, initial=0.0)) * SLACK
        self.eps = float(np.finfo(failure.trace[name].dtype).eps) if failure.trace[name].dtype.kind == "f" else 0.0

    def same(self, a: Array, b: Array, off: Array | float) -> bool:
        """off: the difference that is to be explained."""
        allowed = self.tolerance + SHARE * np.max(np.abs(off), initial=0.0) + 64 * self.eps * np.abs(b)
        return a.shape == b.shape and bool((np.abs(a - b) <= allowed).all())


def _shapes(name: str, actual: Array, truth: Array, room: _Room) -> Iterator[tuple[str, str]]:
    shapes = f"{name} has shape {actual.shape}, not {truth.shape}"
    if actual.shape == truth.shape[::-1] and room.same(actual, truth.T, actual):
        yield "transposed", f"{shapes}: it is transposed"
    if actual.size == truth.size and room.same(actual.reshape(truth.shape), truth, actual):
        yield "shape alone", f"{shapes}: the numbers are right, in their order"
    if actual.ndim > truth.ndim or actual.size > truth.size:
        for axes in _subsets(actual.ndim):
            for keep in (False, True):
                if room.same(actual.sum(axis=axes, keepdims=keep), truth, actual):
                    yield "not summed", f"{shapes}: broadcast, and not summed over axes {list(axes)} on the way back"
                    return
    for axes in _subsets(truth.ndim):
        for keep in (False, True):
            if room.same(truth.sum(axis=axes, keepdims=keep), actual, actual):
                yield "summed too far", f"{shapes}: summed over axes {list(axes)} as well"
                return


def _factors(name: str, actual: Array, truth: Array, room: _Room, problem: Problem) -> Iterator[tuple[str, str]]:
    size = float(np.vdot(truth, truth))
    factor = float(np.vdot(truth, actual)) / size if size else math.nan
    if not math.isfinite(factor) or not room.same(actual, factor * truth, actual - truth):
        return
    if abs(factor + 1) < 1e-6:
        yield "sign", f"{name} has the wrong sign"
        return
    for word, value in numbers(problem, truth):
        if math.isclose(factor, value, rel_tol=1e-6):
            yield f"factor {word}", f"{name} is {word} times what it should be ({factor:.6g})"
        elif math.isclose(factor, -value, rel_tol=1e-6):
            yield f"factor −{word}", f"{name} is −{word} times what it should be ({factor:.6g})"
    if truth.size > 1:  # a single number always is some number times another
        yield "constant factor", f"{name} is {factor:.6g} times what it should be, everywhere"


def numbers(problem: Problem, tensor: Array) -> Iterator[tuple[str, float]]:
    """Numbers that mistakes are made of: the sizes of the case, and their roots and inverses."""
    sizes = {"2": 2.0, "3": 3.0}
    arrays = list(problem.inputs.values())
    if arrays and arrays[0].ndim:
        sizes["N (rows)"] = float(len(arrays[0]))
    for target in problem.loss.targets.values() if problem.loss else ():
        if target in problem.inputs:
            sizes[f"the size of {target}"] = float(problem.inputs[target].size)
    for array in arrays:
        for axis, length in enumerate(array.shape[1:], 1):
            sizes.setdefault(f"the length of axis {axis}", float(length))
    for parameter, array in problem.parameters.items():
        for axis, length in enumerate(array.shape):
            sizes.setdefault(f"axis {axis} of {parameter}", float(length))
    sizes.setdefault("its size", float(tensor.size))
    seen: set[float] = set()
    for word, value in sizes.items():
        for form, number in ((word, value), (f"1/{word}", 1 / value if value else 0.0), (f"√{word}", math.sqrt(value)),
                             (f"1/√{word}", 1 / math.sqrt(value) if value else 0.0)):  # fmt: skip
            if number not in (0.0, 1.0, *seen):
                seen.add(number)
                yield form, number


def _axes(name: str, actual: Array, truth: Array, room: _Room) -> Iterator[tuple[str, str]]:
    off = actual - truth
    if 2 <= truth.ndim <= MOST_AXES:
        for order in itertools.permutations(range(truth.ndim)):
            if order != tuple(range(truth.ndim)) and room.same(actual, truth.transpose(order), off):
                yield "transposed", f"{name} has its axes in the order {list(order)}: transposed"
                return
    for axis, length in enumerate(truth.shape):
        if room.same(actual, np.flip(truth, axis), off):
            yield "reversed", f"{name} is reversed along axis {axis}"
        for shift in (1, -1) if length > 2 else ():
            if room.same(actual, np.roll(truth, shift, axis), off):
                yield "shifted", f"{name} is shifted by one along axis {axis}"
        for word, value in (("sum", truth.sum(axis, keepdims=True)), ("mean", truth.mean(axis, keepdims=True))):
            if length > 1 and room.same(actual, np.broadcast_to(value, truth.shape), off):
                yield f"{word} everywhere", f"{name} has its {word} over axis {axis} in every place of that axis"


def _terms(name: str, actual: Array, truth: Array, room: _Room, failure: Failure) -> Iterator[tuple[str, str]]:
    """Right, but for a multiple of another tensor of the case."""
    off = actual - truth
    others = {**failure.problem.parameters, **failure.problem.inputs}
    others |= {other: expected.value for other, expected in failure.expected.items() if other != name}
    for other, value in others.items():
        if value.shape != truth.shape or value.dtype.kind != "f" or not value.any() or truth.ndim == 0:
            continue
        value = value.astype(np.float64)
        size = float(np.vdot(value, value))
        factor = float(np.vdot(value, off)) / size if size else math.nan
        if truth.size > 1 and factor and math.isfinite(factor) and room.same(off, factor * value, off):
            yield f"term of {_kind(other)}", f"{name} has {factor:.6g} times {other} too much"
            return


def _parts(name: str, actual: Array, truth: Array, room: _Room) -> Iterator[tuple[str, str]]:
    off = actual - truth
    largest = float(np.max(np.abs(actual), initial=0.0))
    if np.abs(truth).max(initial=0.0) > largest and room.same(actual, np.clip(truth, -largest, largest), off):
        yield "clipped", f"{name} is cut off at ±{largest:.6g}"
    if room.same(actual, np.abs(truth), off):
        yield "absolute", f"{name} has lost its signs"
    right = np.abs(off) <= room.tolerance
    if not right.any():
        return
    if room.same(actual, np.where(right, truth, 0.0), off):
        yield "left out", f"{name} is 0 in {int((~right).sum())} places where it should not be, and right in the others"
    for axis in range(truth.ndim):
        others = tuple(other for other in range(truth.ndim) if other != axis)
        rows = right.all(axis=others)
        if (
            truth.shape[axis] > 2
            and rows.any()
            and not rows.all()
            and not right[tuple(slice(None) if a != axis else ~rows for a in range(truth.ndim))].any()
        ):
            yield (
                f"places of axis {axis}",
                f"{name} is right but for places {_some(np.flatnonzero(~rows))} of axis {axis}",
            )


def coarse(failure: Failure) -> str:
    """The name of the arithmetic that would explain the errors, or "": no larger than its own, and without a pattern.

    Rounding errs up and down, nearly everywhere; a mistake in the formula errs one way, or in some places.
    """
    errors, values, allowed = [], [], []
    for tensor in failure.wrong:
        actual, (truth, tolerance, _) = failure.trace.get(tensor), failure.expected[tensor]
        if actual is None or actual.shape != truth.shape:
            return ""
        with np.errstate(all="ignore"):
            errors.append((actual.astype(np.float64) - truth).ravel())
        values.append(truth.ravel())
        allowed.append(tolerance.ravel())
    error, value, tolerance = map(np.concatenate, (errors, values, allowed))
    if error.size < SPREAD or not np.isfinite(error).all():
        return ""
    for way in (error, error * np.sign(value)):  # upwards, and away from zero
        if min(np.mean(way > 0), np.mean(way < 0)) < 1 / SPREAD:
            return ""
    arithmetics = COARSER if failure.problem.precision == "float64" else FROM_SINGLE
    return next((name for name, bits in arithmetics.items() if (np.abs(error) <= tolerance * 2.0**bits).all()), "")


def _subsets(ndim: int) -> list[tuple[int, ...]]:
    return [axes for n in range(1, ndim + 1) for axes in itertools.combinations(range(ndim), n)]


def _kind(name: str) -> str:
    """gradient.h.W as gradient: what it is, whatever the layer."""
    kind, dot, _ = name.partition(".")
    return kind if dot and kind in ("gradient", "output", "update", "state") else "a parameter" if dot else "an input"


def _some(places: Array) -> str:
    words = [str(int(place)) for place in places[:5]]
    return ", ".join(words) + (" …" if len(places) > 5 else "")
