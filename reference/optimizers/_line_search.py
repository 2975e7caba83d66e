"""Line searches: how far to go along a direction d, so that the strong Wolfe conditions hold.

    φ(t) = f(θ + t d)       φ'(t) = ∇f(θ + t d)ᵀ d       φ'(0) < 0: d leads downhill

    low enough      φ(t) ≤ φ(0) + 10⁻⁴ t φ'(0)
    flat enough     |φ'(t)| ≤ 0.9 |φ'(0)|

Both searches try t = 1, go on until some stretch must hold such a point, and then close in on it. They differ in the
points that they try, and so in the point that they come to:

    strong_wolfe    goes on to where the cubic through the last two points is lowest, closes in by such cubics, and
                    moves a tenth of the stretch away from its ends. minFunc's, and PyTorch's after it. That a value is
                    no lower than the one before, it minds from the third point on.
    zoom            goes on to twice the t, and closes in by a cubic through three values, a parabola, or halves. Where
                    values hardly change any more, slopes tell what is low enough. Optax's.

Source      Nocedal, Wright (2006), Numerical optimization, algorithms 3.5 and 3.6, eq. 3.59
            Schmidt (2005), minFunc, WolfeLineSearch and polyinterp
            Hager, Zhang (2006), Algorithm 851: CG_DESCENT, eq. 23, 26 and 27
"""

from collections.abc import Callable
from typing import NamedTuple, TypeAlias

import numpy as np

from .. import Array, constants

DECREASE, CURVATURE, CLOSE = 1e-4, 0.9, 1e-6
MOST = 20  # points


class Objective(NamedTuple):
    """What a step is to make smaller."""

    value: Array  # where the step begins
    at: Callable[[Array], tuple[Array, Array]]  # a parameter -> value and gradient there


class Point(NamedTuple):
    """Of the line; all are of shape ()."""

    t: Array
    value: Array
    slope: Array


Line: TypeAlias = Callable[[Array], Point]


def search(kind: str, objective: Objective, param: Array, gradient: Array, direction: Array) -> Array:
    """How many times the direction to go.

    Raises ValueError where the direction does not lead downhill, or nothing is found in 20 points.
    """
    start = Point(constants.whole(0, param), objective.value, (gradient * direction).sum())
    if not start.slope < 0:
        raise ValueError(f"line_search = {kind!r}: the direction does not lead downhill")
    tried: list[Point] = []

    def along(t: Array) -> Point:
        if len(tried) == MOST:
            raise ValueError(f"line_search = {kind!r}: none of {MOST} points will do; give a smaller lr, or other data")
        value, there = objective.at(param + t * direction)
        tried.append(Point(t, value, (there * direction).sum()))
        return tried[-1]

    return (strong_wolfe if kind == "strong_wolfe" else zoom)(along, start)


# ---------------------------------------------------------------- PyTorch's
def strong_wolfe(along: Line, start: Point) -> Array:
    before, here, third = start, along(start.t + 1), False
    while _low(here, start) and not (third and here.value >= before.value):
        if _flat(here, start):
            return here.t
        if here.slope >= 0:
            break
        least, most = here.t + 0.01 * (here.t - before.t), 10 * here.t
        third = before is not start
        before, here = here, along(_cubic(before, here, least, most))
    low, high = _by_value(before, here)
    near = False  # whether the latest t was near an end of the stretch
    while True:
        left, right = np.minimum(low.t, high.t), np.maximum(low.t, high.t)
        t, apart = _cubic(low, high, left, right), 0.1 * (right - left)
        was_near, near = near, bool(np.minimum(right - t, t - left) < apart)
        if near and (was_near or t >= right or t <= left):
            t, near = np.minimum(np.maximum(t, left + apart), right - apart), False
        here = along(t)
        if not _low(here, start) or here.value >= low.value:
            low, high = _by_value(low, here)
        elif _flat(here, start):
            return here.t
        else:
            low, high = here, low if here.slope * (high.t - low.t) >= 0 else high


def _by_value(a: Point, b: Point) -> tuple[Point, Point]:
    return (a, b) if a.value <= b.value else (b, a)


def _cubic(a: Point, b: Point, least: Array, most: Array) -> Array:
    """Where the cubic with the values and slopes of a and b is lowest, between two limits; their middle if nowhere.

    c = a' + b' − 3 (a − b) / (tₐ − t_b)     e = √(c² − a' b')     t = t_b − (t_b − tₐ) (b' + e − c) / (b' − a' + 2 e)
    """
    if a.t > b.t:
        a, b = b, a
    c = a.slope + b.slope - 3 * (a.value - b.value) / (a.t - b.t)
    square = np.square(c) - a.slope * b.slope
    if square < 0:
        t: Array = (least + most) / 2
        return t
    e = np.sqrt(square)
    t = b.t - (b.t - a.t) * (b.slope + e - c) / (b.slope - a.slope + 2 * e)
    return np.minimum(np.maximum(t, least), most)


# ---------------------------------------------------------------- Optax's
def zoom(along: Line, start: Point) -> Array:
    before, here = start, along(start.t + 1)
    while not (_close(here, start) and _flat(here, start)):
        if not _close(here, start) or (before is not start and here.value >= before.value):
            low, high = before, here
            break
        if here.slope >= 0:
            low, high = here, before
            break
        before, here = here, along(2 * here.t)
    else:
        return here.t
    third: Point | None = None  # an end that the stretch had before
    while True:
        here = along(_between(low, high, third))
        if _close(here, start) and _flat(here, start):
            return here.t
        if not _close(here, start) or here.value >= low.value:
            high, third = here, high
        elif here.slope * (high.t - low.t) >= 0:
            low, high, third = here, low, high
        else:
            low, third = here, low


def _between(low: Point, high: Point, third: Point | None) -> Array:
    """The lowest point of a cubic through three values, or of a parabola through two, with the slope of `low`; halves.

    What comes too near to an end will not do. With h = t_high − t_low, k = t_third − t_low, and what the values are
    above the tangent, u = high − low − low' h and v = third − low − low' k:

    cubic       A = (k² u − h² v) / (h² k² (h − k))    B = (h³ v − k³ u) / (h² k² (h − k))
                t = t_low + (−B + √(B² − 3 A low')) / 3 A
    parabola    t = t_low − low' h² / 2 u
    """
    left, right = np.minimum(low.t, high.t), np.maximum(low.t, high.t)
    h = high.t - low.t
    u = high.value - low.value - low.slope * h

    def inside(t: Array, share: float) -> bool:
        apart = share * (right - left)
        return bool(t > left + apart) and bool(t < right - apart)

    if third is not None:
        k = third.t - low.t
        v = third.value - low.value - low.slope * k
        divisor = np.square(h * k) * (h - k)
        a, b = (k**2 * u - h**2 * v) / divisor, (h**3 * v - k**3 * u) / divisor
        square = np.square(b) - 3 * a * low.slope
        if square >= 0 and inside(t := low.t + (np.sqrt(square) - b) / (3 * a), 0.2):
            return t
    if inside(t := low.t - low.slope * np.square(h) / (2 * u), 0.1):
        return t
    middle: Array = (low.t + high.t) / 2
    return middle


# ---------------------------------------------------------------- what both ask of a point
def _low(here: Point, start: Point) -> bool:
    return bool(here.value <= start.value + DECREASE * here.t * start.slope)


def _close(here: Point, start: Point) -> bool:
    """Low enough; or flat enough for it, where the value has hardly changed: eq. 23 of Hager, Zhang."""
    unchanged = here.value <= start.value + CLOSE * np.abs(start.value)
    return _low(here, start) or bool(unchanged and here.slope <= (2 * DECREASE - 1) * start.slope)


def _flat(here: Point, start: Point) -> bool:
    return bool(np.abs(here.slope) <= -CURVATURE * start.slope)
