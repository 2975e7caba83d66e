"""The line searches of L-BFGS come to the very points that PyTorch's and Optax's come to, on hundreds of lines."""

import math
from collections.abc import Callable

import numpy as np
import pytest

from backproof.reference.optimizers import _line_search
from backproof.reference.optimizers._line_search import Objective, Point

LINES = 300


class Wave:
    """A loss of one number that winds up and down, as steeply as it happens to."""

    def __init__(self, seed: int) -> None:
        random = np.random.default_rng(seed)
        self.amplitudes, self.pace = random.normal(size=3), 10 ** random.uniform(-2, 2)
        self.speeds = random.uniform(0.2, 6, size=3) * self.pace
        if self.slope(0.0) > 0:
            self.amplitudes = -self.amplitudes

    def value(self, t: float) -> float:
        return float(self.amplitudes @ np.sin(self.speeds * t) + 0.05 * (self.pace * t) ** 2)

    def slope(self, t: float) -> float:
        return float(self.amplitudes @ (self.speeds * np.cos(self.speeds * t)) + 0.1 * self.pace**2 * t)


def found(search: Callable[..., np.ndarray], wave: Wave) -> tuple[float, int]:
    """Where the search ends, and after how many points."""
    tried: list[float] = []

    def along(t: np.ndarray) -> Point:
        tried.append(float(t))
        return Point(t, np.float64(wave.value(float(t))), np.float64(wave.slope(float(t))))

    t = search(along, Point(np.float64(0), np.float64(wave.value(0)), np.float64(wave.slope(0))))
    return float(t), len(tried)


@pytest.mark.parametrize("search", [_line_search.strong_wolfe, _line_search.zoom])
def test_what_is_found_is_low_and_flat_enough(search: Callable[..., np.ndarray]) -> None:
    longest = 0
    for seed in range(LINES):
        wave = Wave(seed)
        t, tried = found(search, wave)
        longest = max(longest, tried)
        assert abs(wave.slope(t)) <= 0.9 * abs(wave.slope(0))
        assert wave.value(t) <= wave.value(0) + 1e-4 * t * wave.slope(0)
    assert longest > 5, "none of these lines was hard"


def test_strong_wolfe_ends_where_pytorch_ends() -> None:
    torch = pytest.importorskip("torch")
    from torch.optim.lbfgs import _strong_wolfe

    def number(x: float) -> object:
        return torch.tensor(x, dtype=torch.float64)

    for seed in range(LINES):
        wave = Wave(seed)

        def at(_x: object, t: float, _d: object, wave: Wave = wave) -> tuple[object, object]:
            return number(wave.value(float(t))), number(wave.slope(float(t))).reshape(1)

        value, gradient = at(None, 0.0, None)
        zero, one = number(0.0).reshape(1), number(1.0).reshape(1)
        theirs = _strong_wolfe(at, zero, 1.0, one, value, gradient, gradient[0])[2]
        assert math.isclose(found(_line_search.strong_wolfe, wave)[0], float(theirs), rel_tol=1e-9)


def test_zoom_ends_where_optax_ends() -> None:
    jax, optax = pytest.importorskip("jax"), pytest.importorskip("optax")
    jnp = jax.numpy
    with jax.enable_x64(True):
        search = optax.scale_by_zoom_linesearch(max_linesearch_steps=20, initial_guess_strategy="one")

        @jax.jit
        def theirs(amplitudes: object, speeds: object, pace: object) -> object:
            def loss(x: object) -> object:
                return amplitudes @ jnp.sin(speeds * x[0]) + 0.05 * (pace * x[0]) ** 2

            x = jnp.zeros(1)
            value, gradient = jax.value_and_grad(loss)(x)
            return search.update(jnp.ones(1), search.init(x), x, value=value, grad=gradient, value_fn=loss)[0][0]

        for seed in range(LINES):
            wave = Wave(seed)
            end = float(theirs(wave.amplitudes, wave.speeds, wave.pace))
            assert math.isclose(found(_line_search.zoom, wave)[0], end, rel_tol=1e-7)


def test_a_search_that_cannot_end_says_so() -> None:
    falling = Objective(np.float64(0.0), lambda x: (np.float64(-x.sum()), -np.ones_like(x)))
    zero, down = np.zeros(2), np.ones(2)
    with pytest.raises(ValueError, match="none of 20 points will do"):
        _line_search.search("zoom", falling, zero, -down, down)
    with pytest.raises(ValueError, match="does not lead downhill"):
        _line_search.search("strong_wolfe", falling, zero, down, down)
