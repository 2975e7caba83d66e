"""A small writer of line charts as SVG. Colours are CSS variables of the page, so that one chart serves
light, dark and print; lines differ in dash and width too, and the legend says how in words."""

import math
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from markupsafe import Markup, escape

WIDTH, HEIGHT = 560, 260
LEFT, RIGHT, TOP, BOTTOM = 64, 12, 12, 44
POINTS = 240  # at most, for each line
STYLES = (  # dash, width, in words
    ("", 6, "wide, pale"),
    ("", 1.6, "solid"),
    ("7 4", 1.8, "dashed"),
    ("1.5 4", 2.4, "dotted"),
    ("10 3 2 3", 1.8, "dash-dot"),
)


class Axis(NamedTuple):
    """A scale from values to pixels."""

    low: float
    high: float
    logarithmic: bool
    start: float
    end: float

    def __call__(self, value: float) -> float:
        low, high, at = (math.log10(v) if self.logarithmic else v for v in (self.low, self.high, value))
        return self.start + (self.end - self.start) * (at - low) / (high - low)

    def ticks(self) -> list[float]:
        """Round values along the axis, at most about six."""
        if not self.logarithmic:
            return _round_steps(self.low, self.high)
        low, high = math.ceil(math.log10(self.low) - 1e-9), math.floor(math.log10(self.high) + 1e-9)
        step = max(1, math.ceil((high - low + 1) / 6))
        return [10.0**power for power in range(low, high + 1, step)]


def line_chart(title: str, description: str, x: str, y: str, series: Mapping[str, Sequence[float]]) -> Markup:
    """Lines over steps 1, 2, 3 … The first is drawn wide and pale, for the others to lie on it."""
    series = {name: values for name, values in series.items() if values}
    finite = [v for values in series.values() for v in values if _drawable(v)]
    if not finite:
        return Markup("<p>No finite value to draw.</p>")
    steps = max(len(values) for values in series.values())
    across = Axis(1, max(steps, 2), False, LEFT, WIDTH - RIGHT)
    up = _vertical(finite)
    body = Markup("").join(_line(values, across, up, number) for number, values in enumerate(series.values()))
    labels = [f"{name}: {values[0]:.3g} → {values[-1]:.3g}" for name, values in series.items()]
    legend = Markup("").join(_key(name, number) for number, name in enumerate(labels))
    scale = f"{y}, logarithmic" if up.logarithmic else y
    return Markup(
        '<figure class="chart"><svg viewBox="0 0 {w} {h}" role="img">'
        "<title>{title}</title><desc>{description}</desc>{grid}{body}</svg>"
        '<ul class="legend">{legend}</ul></figure>'
    ).format(
        w=WIDTH, h=HEIGHT, title=title, description=description, legend=legend, body=body,
        grid=_grid(across, up, x, scale),
    )  # fmt: skip


def thinned(values: Sequence[float]) -> list[tuple[int, float]]:
    """(step, value), with at most POINTS of them: the lowest and highest of each stretch stay, so no peak is lost."""
    numbered = list(enumerate(values, start=1))
    if len(numbered) <= POINTS:
        return numbered
    stretch = math.ceil(len(numbered) / (POINTS // 2))
    kept: set[tuple[int, float]] = {numbered[0], numbered[-1]}
    for begin in range(0, len(numbered), stretch):
        part = numbered[begin : begin + stretch]
        drawn = [point for point in part if _drawable(point[1])]
        kept |= set([point for point in part if not _drawable(point[1])][:1])  # a gap stays a gap
        if drawn:
            kept |= {min(drawn, key=lambda point: point[1]), max(drawn, key=lambda point: point[1])}
    return sorted(kept)


def _drawable(value: float) -> bool:
    return abs(value) <= 1e300  # beyond, differences overflow; NaN compares false


def _vertical(finite: list[float]) -> Axis:
    low, high = min(finite), max(finite)
    logarithmic = False
    if high - low <= 1e-9 * max(abs(low), abs(high), 1e-280):  # as good as level
        room = max(abs(low), abs(high)) / 2
        low, high = (low - room, high + room) if room > 1e-280 else (-1.0, 1.0)
    elif low > 0 and high / low > 1e3:
        logarithmic = True
    elif 0 <= low < high / 2:
        low = 0.0
    return Axis(low, high, logarithmic, HEIGHT - BOTTOM, TOP)


def _line(values: Sequence[float], across: Axis, up: Axis, number: int) -> Markup:
    """One path; a value that is not finite, or has no logarithm, leaves a gap."""
    path, pen = [], "M"
    for step, value in thinned(values):
        if not _drawable(value) or (up.logarithmic and value <= 0):
            pen = "M"
            continue
        path.append(f"{pen}{across(step):.1f} {up(value):.1f}")
        pen = "L"
    dash, width, _ = STYLES[number % len(STYLES)]
    return Markup('<path class="line s{n}" d="{d}" stroke-width="{w}" stroke-dasharray="{dash}"/>').format(
        n=number % len(STYLES), d="".join(path), w=width, dash=dash or "none"
    )


def _key(name: str, number: int) -> Markup:
    dash, width, words = STYLES[number % len(STYLES)]
    return Markup(
        '<li><svg viewBox="0 0 40 8" width="40" height="8" aria-hidden="true">'
        '<path class="line s{n}" d="M0 4L40 4" stroke-width="{w}" stroke-dasharray="{dash}"/></svg> '
        "{name}, {words}</li>"
    ).format(n=number % len(STYLES), w=width, dash=dash or "none", name=name, words=words)


def _grid(across: Axis, up: Axis, x: str, y: str) -> Markup:
    parts = []
    for value in up.ticks():
        parts.append(_mark(LEFT, up(value), WIDTH - RIGHT, up(value)))
        parts.append(_text(LEFT - 6, up(value) + 4, "end", f"{value:.3g}"))
    for value in across.ticks():
        if value == int(value) and value >= 1:
            parts.append(_text(across(value), HEIGHT - BOTTOM + 16, "middle", f"{value:.0f}"))
    parts.append(_mark(LEFT, HEIGHT - BOTTOM, WIDTH - RIGHT, HEIGHT - BOTTOM))
    parts.append(_text((LEFT + WIDTH - RIGHT) / 2, HEIGHT - 8, "middle", x))
    turned = Markup('<g transform="translate(12 {at}) rotate(-90)">{text}</g>')
    parts.append(turned.format(at=(TOP + HEIGHT - BOTTOM) / 2, text=_text(0, 0, "middle", y)))
    return Markup("").join(parts)


def _mark(x1: float, y1: float, x2: float, y2: float) -> Markup:
    return Markup(f'<path class="grid" d="M{x1:.1f} {y1:.1f}L{x2:.1f} {y2:.1f}"/>')


def _text(x: float, y: float, anchor: str, text: str) -> Markup:
    return Markup(f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}">') + escape(text) + Markup("</text>")


def _round_steps(low: float, high: float) -> list[float]:
    rough = (high - low) / 5
    power = 10.0 ** math.floor(math.log10(rough))
    step = next(factor * power for factor in (1, 2, 5, 10) if factor * power >= rough)
    first = math.ceil(low / step - 1e-9)
    return [
        round(n * step, 12 - math.floor(math.log10(step))) for n in range(first, math.floor(high / step + 1e-9) + 1)
    ]
