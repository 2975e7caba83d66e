"""The arithmetics, each against what is known of it by other means."""

import math
from collections.abc import Callable
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from scipy.special import expit

from backproof.reference.arithmetic import balls, low_precision
from backproof.reference.arithmetic.noise import ULPS, Noise
from backproof.reference.arithmetic.precision import PRECISIONS

X = np.array([[0.3, -1.7, 2.2], [0.9, 4.1, -0.2]])
W = np.array([[1.5, -0.4], [0.7, 0.1], [-2.3, 0.8]])


def noisy(precision: str, seed: int | None) -> Noise:
    return Noise(PRECISIONS[precision], seed)


@pytest.mark.parametrize(("precision", "gap"), [("float64", 2**-52), ("float32", 2**-23), ("bfloat16", 2**-7)])
def test_unit_roundoffs_are_half_the_gap_above_one(precision: str, gap: float) -> None:
    p = PRECISIONS[precision]
    one = np.ones((), dtype=p.dtype)
    assert p.u == gap / 2
    assert float((one + p.dtype.type(gap)).astype(float)) == 1 + gap
    assert p.round(np.array(1 + gap / 4)) == 1


# ---------------------------------------------------------------- noise
def test_without_a_seed_noise_is_silent() -> None:
    noise = noisy("float32", None)
    y = np.tanh(noise.array(X) @ noise.array(W)).sum()
    assert np.asarray(y) == np.tanh(X @ W).sum()


def test_noise_is_as_large_as_the_precision_says() -> None:
    errors = []
    for seed in range(400):
        noise = noisy("float32", seed)
        errors.append(np.asarray(noise.array(X) * noise.array(X)) / (X * X) - 1)
    spread = np.sqrt(np.mean(np.square(errors)))
    assert spread == pytest.approx(2**-24 / math.sqrt(3), rel=0.05)  # uniform on (−u, u)
    assert np.max(np.abs(errors)) <= 2**-24


@pytest.mark.parametrize("operation", [np.negative, np.abs, lambda x: np.maximum(x, 0), lambda x: x.T, lambda x: x[0]])
def test_what_is_exact_gets_no_noise(operation) -> None:  # type: ignore[no-untyped-def]
    assert np.array_equal(np.asarray(operation(noisy("bfloat16", 1).array(X))), operation(X))


def test_a_sum_of_one_is_exact_and_long_sums_err_more() -> None:
    def error(k: int) -> float:
        values = np.linspace(1, 2, k)[:, None]
        runs = [np.asarray(noisy("float32", s).array(values).sum(axis=0)) - values.sum(axis=0) for s in range(64)]
        return float(np.sqrt(np.mean(np.square(runs))) / values.sum())

    assert error(1) == 0
    assert error(1000) > 2 * error(100) > 2 * error(10) > 0


def test_branches_are_noted_and_flips_are_seen() -> None:
    on_the_edge, clear = np.array([1.0]) * 3, np.array([5.0])
    for values, flips in ((on_the_edge, True), (clear, False)):
        quiet = noisy("bfloat16", None)
        _ = quiet.array(values) * 1.0 > 3
        seen = set()
        for seed in range(16):
            noise = noisy("bfloat16", seed)
            _ = noise.array(values) * 1.0 > 3
            seen.add(noise.branches == quiet.branches)
        assert (False in seen) == flips


def test_a_constant_that_the_precision_lacks_is_rounded_too() -> None:
    noise = noisy("float32", 3)
    tenth, half = noise.constant(0.1), noise.constant(0.5)
    assert tenth != 0.1
    assert abs(tenth - 0.1) <= 0.1 * 2**-24
    assert half == 0.5


def test_a_bias_may_have_been_in_the_accumulator() -> None:
    x, w = np.full((1, 300), 1.0), np.tile([[1.0], [-1.0]], (150, 1))  # the products cancel
    big = np.array([1000.0])

    def spread(bias: np.ndarray) -> float:  # type: ignore[type-arg]
        runs = []
        for seed in range(64):
            noise = noisy("float32", seed)
            runs.append(float(np.asarray(noise.array(x) @ noise.array(w) + noise.array(bias))[0, 0]) - bias[0])
        return float(np.std(runs))

    one_rounding = 1000 * 2**-24 / math.sqrt(3)
    assert spread(big) > 5 * one_rounding


def test_an_operation_without_a_rule_says_so() -> None:
    with pytest.raises(TypeError, match="add its ulps"):
        np.arcsin(noisy("float32", 1).array(X * 0.1))
    with pytest.raises(TypeError, match="add one to the tables"):
        np.arcsin(balls.Balls().array(X * 0.1))


def test_tanh_and_sigmoid_stay_in_range() -> None:
    far = np.array([-50.0, 50.0])
    for seed in range(32):
        y, s = (np.asarray(f(noisy("bfloat16", seed).array(far))) for f in (np.tanh, expit))
        assert np.abs(y).max() <= 1
        assert s.min() >= 0
        assert s.max() <= 1


# ---------------------------------------------------------------- balls
def test_balls_enclose_exact_sums_and_products() -> None:
    with balls.precision(128):
        y = balls.Balls().array(X) @ balls.Balls().array(W)
        exact = [[sum(Fraction(a) * Fraction(b) for a, b in zip(r, c, strict=True)) for c in W.T] for r in X]
        assert np.array_equal(balls.midpoints(y), np.array([[float(f) for f in row] for row in exact]))
        assert balls.radii(y).max() < 1e-37


@pytest.mark.parametrize("ufunc", [f for f in ULPS if f.nin == 1 and f not in (np.reciprocal,)])
def test_functions_of_balls_agree_with_floats(ufunc: np.ufunc) -> None:
    values = np.array([0.25, 0.7, 1.9])
    with balls.precision(128):
        truth = balls.midpoints(ufunc(balls.Balls().array(values)))
    assert np.max(np.abs(truth - ufunc(values)) / np.spacing(truth)) <= ULPS[ufunc]


def test_undecided_comparisons_raise() -> None:
    with balls.precision(64):
        third = balls.Balls().array(np.array([1.0])) / 3
        with pytest.raises(balls.Undecided):
            _ = third * 3 > 1
        assert (third > 0).all()


def test_tails_that_floats_lose() -> None:
    with balls.precision(128):
        x = balls.Balls().array(np.array([40.0]))
        slope = balls.midpoints(expit(x) * expit(-x))
    assert slope[0] == pytest.approx(4.248354255291589e-18, rel=1e-15)
    assert expit(40.0) * (1 - expit(40.0)) == 0


# ---------------------------------------------------------------- low precision
@pytest.mark.parametrize("order", low_precision.ORDERS)
@pytest.mark.parametrize("precision", ["float32", "bfloat16", "float16"])
def test_low_precision_results_are_of_that_precision(precision: str, order: low_precision.Order) -> None:
    y = np.asarray(low_precision.array(X, precision, order) @ low_precision.array(W, precision, order))
    assert np.array_equal(PRECISIONS[precision].round(y), y)
    assert not np.array_equal(y, X @ W)


def test_float32_in_order_is_numpy_in_order() -> None:
    values = np.linspace(0.1, 3.7, 57).astype(np.float32)
    total = np.float32(0)
    for v in values:
        total = np.float32(total + v)
    assert np.asarray(low_precision.array(values, "float32", "forward").sum()) == total


def test_orders_differ() -> None:
    values = np.sin(np.arange(1.0, 400.0))
    assert len({float(np.asarray(low_precision.array(values, "float32", o).sum())) for o in low_precision.ORDERS}) > 1


# ---------------------------------------------------------------- running sums, adding at indices, choosing by size
ARITHMETICS: dict[str, Callable[[Any], Any]] = {
    "quiet": lambda x: noisy("float32", None).array(x),
    "noise": lambda x: noisy("float32", 5).array(x),
    "balls": lambda x: balls.Balls().array(x),
    **{o: (lambda x, o=o: low_precision.array(x, "float32", o)) for o in low_precision.ORDERS},
}
WHERE = np.array([[2, 0, 2], [2, 2, 4]])
each_arithmetic = pytest.mark.parametrize("name", ARITHMETICS)


def floats(name: str, values: Any) -> np.ndarray[Any, Any]:
    return balls.midpoints(values) if name == "balls" else np.asarray(values)


def close(name: str, values: Any, truth: np.ndarray[Any, Any]) -> bool:
    """Equal up to a rounding of float32 for each number that enters and each operation, and where it rounds at all, not
    quite equal.
    """
    got = floats(name, values)
    roundings = 2 * max(X.size, WHERE.size)
    bound = roundings * PRECISIONS["float32"].u * max(1.0, float(np.abs(truth).max()))
    right = got.shape == truth.shape and bool((np.abs(got - truth) <= bound).all())
    return right and (name in ("balls", "quiet") or not np.array_equal(got, truth))


@each_arithmetic
@pytest.mark.parametrize("axis", [0, 1, -1])
def test_running_sums_and_products(name: str, axis: int) -> None:
    x = ARITHMETICS[name](X)
    assert close(name, np.add.accumulate(x, axis=axis), np.add.accumulate(X, axis=axis))
    assert close(name, np.multiply.accumulate(x, axis=axis), np.multiply.accumulate(X, axis=axis))
    assert close(name, np.cumsum(x, axis=axis), np.cumsum(X, axis=axis))
    if name in ("quiet", "noise", "balls"):  # the others hold X rounded
        assert np.array_equal(floats(name, np.maximum.accumulate(x, axis=axis)), np.maximum.accumulate(X, axis=axis))


@each_arithmetic
def test_adding_at_indices_adds_what_is_named_twice(name: str) -> None:
    terms, before = np.sin(np.arange(12.0)).reshape(2, 3, 2), np.cos(np.arange(10.0)).reshape(5, 2)
    truth, total = before.copy(), ARITHMETICS[name](before)
    np.add.at(truth, WHERE, terms)
    np.add.at(total, WHERE, ARITHMETICS[name](terms))
    assert close(name, total, truth)


@each_arithmetic
def test_adding_at_indices_leaves_zeros_where_nothing_is_named(name: str) -> None:
    terms = ARITHMETICS[name](np.sin(np.arange(12.0)).reshape(2, 3, 2))
    total = np.zeros_like(ARITHMETICS[name](W))  # (3, 2)
    np.add.at(total, np.minimum(WHERE, 1), terms)
    assert (floats(name, total)[2] == 0).all()
    assert (floats(name, total)[:2] != 0).all()


@each_arithmetic
@pytest.mark.parametrize("function", [np.argmax, np.argmin, np.argsort])
def test_choosing_by_size(name: str, function: Callable[..., Any]) -> None:
    x = ARITHMETICS[name](X)
    assert np.array_equal(function(x), function(X))
    for axis in (None, 0, 1, -1):
        chosen = function(x, axis=axis)
        assert type(chosen) is np.ndarray
        assert np.array_equal(chosen, function(X, axis=axis))


def test_the_first_of_equals_is_chosen() -> None:
    ties = np.array([1.0, 3.0, 3.0, 1.0])
    for name, array in ARITHMETICS.items():
        assert (int(np.argmax(array(ties))), int(np.argmin(array(ties)))) == (1, 0), name
        assert np.argsort(array(ties)).tolist() == [0, 3, 1, 2], name


@pytest.mark.parametrize("function", [np.argmax, np.argmin, np.argsort])
def test_balls_that_overlap_choose_nothing(function: Callable[..., Any]) -> None:
    with balls.precision(64):
        third = balls.Balls().array(np.array([1.0])) / 3
        with pytest.raises(balls.Undecided):
            function(np.concatenate([third * 3, balls.Balls().array(np.array([1.0]))]))


def test_balls_apart_choose_though_they_are_not_exact() -> None:
    with balls.precision(64):
        thirds = balls.Balls().array(X) / 3
        for function in (np.argmax, np.argmin, np.argsort):
            assert np.array_equal(function(thirds, axis=1), function(X, axis=1))


def test_a_choice_is_a_branch() -> None:
    noise = noisy("float32", 1)
    np.argmax(noise.array(X), axis=1)
    assert noise.branches == [np.argmax(X, axis=1).tobytes()]


def test_long_running_sums_and_crowded_places_err_more() -> None:
    values, nowhere = np.linspace(1, 2, 256), np.zeros(256, dtype=int)

    def errors(index: np.ndarray[Any, Any]) -> float:
        runs = []
        for seed in range(64):
            total = noisy("float32", seed).array(np.zeros(256))
            np.add.at(total, index, values)
            truth = np.zeros(256)
            np.add.at(truth, index, values)
            runs.append(np.asarray(total) - truth)
        return float(np.abs(runs).max() / values.sum())

    assert errors(np.arange(256)) == 0, "a sum of one is exact"
    assert errors(nowhere) > 2**-24
    total = noisy("float32", 1).array(np.ones(3))
    np.add.at(total, np.array([1]), np.array([0.3]))
    assert np.asarray(total)[1] != 1.3, "two are added: what was there, and what comes"
    assert np.asarray(total)[[0, 2]].tolist() == [1, 1], "nothing is"
    ends = [np.asarray(np.cumsum(noisy("float32", s).array(values))) - np.cumsum(values) for s in range(64)]
    assert np.std(ends, axis=0)[0] == 0
    assert np.std(ends, axis=0)[-1] > 4 * np.std(ends, axis=0)[3] > 0


# ---------------------------------------------------------------- constants
@pytest.mark.parametrize(
    "put",
    [
        lambda x: np.where(x > 0, x, 0.001),
        lambda x: np.pad(x, 1, constant_values=0.001),
        lambda x: np.full_like(x, 0.001),
    ],
    ids=["where", "pad", "full_like"],
)
def test_a_constant_that_is_only_put_somewhere_is_rounded_too(put: Callable[[Any], Any]) -> None:
    x = np.array([1.0, -1.0], np.float32)
    noisy = [np.asarray(put(Noise(PRECISIONS["float32"], seed).array(x)))[-1] for seed in range(8)]
    honest = float(np.float32(0.001))
    assert min(noisy) < max(noisy)
    assert abs(honest - 0.001) < 4 * max(abs(value - 0.001) for value in noisy)
