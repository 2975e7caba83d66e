"""What the oracle expects of a problem: the true values, certified, and how far from them honest rounding can end up.

The true value comes from ball arithmetic, the tolerance from noise. Nothing here or in the judge is picked by hand for
an operation, a case or an implementation; the numbers below are the method's own, with what they were measured
to do in ARCHITECTURE.md.
"""

import math
from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from ..cases import Check, Problem, solve
from ..reference import Array
from ..reference.arithmetic import balls, low_precision
from ..reference.arithmetic.noise import Noise
from ..reference.arithmetic.precision import PRECISIONS
from .record import Certificate

RUNS = 32  # noisy runs: enough that σ is known to an eighth or so
FIRST_SEED = 0
SIGMAS = 8  # how many σ honest programs stay within
SHARE = 0.25  # an element's σ counts as at least this share of its tensor's
NORMALS = 64  # smallest normal numbers: hardware may flush what lies below to zero
BITS = (128, 256, 512, 1024, 2048, 4096)  # precisions of the balls, tried in turn
DOUBTFUL = 0.1  # agreement says little where the tolerance reaches this share of the tensor
CERTIFIED = 0.25  # an enclosure must be narrower than this share of an ulp of float64


class Expected(NamedTuple):
    """One tensor: its true value as float64, the tolerance of each element, and whether that is too wide."""

    value: Array
    tolerance: Array
    doubtful: bool


class Expectation(NamedTuple):
    """What a problem's answers are held against, check by check."""

    checks: dict[Check, dict[str, Expected]]
    certificate: Certificate | None  # None where balls could not enclose the values well enough
    ill_posed: str  # why the case itself cannot be judged, or ""


class IllPosed(ValueError):
    """The case sits on a kink or a tie, or is not as exact as it says."""


def expect(problem: Problem, *, exact: bool = False, nonfinite: bool = False) -> Expectation:
    """Work out a problem's expectation. With `exact`, the tolerance is zero and the case must deserve it.

    Raises CaseError where the problem's shapes do not fit.
    """
    checks: dict[Check, dict[str, Expected]] = {}
    certificates = []
    ill_posed = ""
    for check in problem.checks:
        truth, certificate = true_values(problem, check, nonfinite)
        certificates.append(certificate)
        try:
            if exact:
                _prove_exact(problem, check, truth)
                tolerances = {name: np.zeros(value.shape) for name, value in truth.items()}
            else:
                tolerances = tolerance(problem, check, certified=certificate is not None)
            if name := _overflows(problem, check, truth):
                raise IllPosed(f"{problem.case}: {name} is out of the range of {problem.precision}")
        except IllPosed as reason:
            ill_posed, tolerances = str(reason), {name: np.zeros(value.shape) for name, value in truth.items()}
        if not nonfinite and not all(np.isfinite(value).all() for value in truth.values()):
            ill_posed = f"{problem.case}: an expected value is not finite; if that is wanted, say nonfinite = true"
        checks[check] = {name: _expected(value, tolerances[name]) for name, value in truth.items()}
    return Expectation(checks, _together(certificates), ill_posed)


def _expected(value: Array, tolerance: Array) -> Expected:
    return Expected(value, tolerance, bool(_rms(tolerance) > DOUBTFUL * _rms(value)))


def _rms(x: Array) -> float:
    """The root mean square of what is finite, scaled so that no square overflows or vanishes."""
    finite = x[np.isfinite(x)]
    largest = float(np.max(np.abs(finite), initial=0.0))
    return largest * float(np.sqrt(np.mean((finite / largest) ** 2))) if largest else 0.0


def _overflows(problem: Problem, check: Check, truth: dict[str, Array]) -> str:
    """The first tensor that is finite in truth and not in the precision under test, or ""."""
    plain = problem.precision in ("float64", "float32")
    with np.errstate(all="ignore"):
        found = solve(problem, check) if plain else solve(problem, check, _in_order(problem.precision, "pairwise"))
    for name, value in _plain(found).items():
        if (np.isfinite(truth[name]) & ~np.isfinite(value)).any():
            return name
    return ""


# ---------------------------------------------------------------- truth
def true_values(problem: Problem, check: Check, nonfinite: bool = False) -> tuple[dict[str, Array], Certificate | None]:
    """The true value of each tensor, rounded to float64, with its certificate.

    Where no precision of the balls encloses them narrowly enough, the values are those of the float64 reference,
    without a certificate.
    """
    reference = solve(problem, check, lambda x: x.astype(np.float64))
    # Enclosures widen with every step of training, by some bits each.
    steps = sum(len(epoch) for epoch in problem.training.batches) if check == "training" and problem.training else 0
    for bits in [bits for bits in BITS if bits >= min(BITS[0] + 4 * steps, BITS[-1])]:
        try:
            with balls.precision(bits):
                enclosed = solve(problem, check, balls.Balls().array)
                middles = {name: balls.midpoints(value) for name, value in enclosed.items()}
                radii = {name: balls.radii(value) for name, value in enclosed.items()}
        except balls.Undecided:
            continue
        certificate = _certify(middles, radii, reference if nonfinite else {}, bits)
        if certificate:
            return {name: np.where(np.isnan(m), reference[name], m) for name, m in middles.items()}, certificate
    return {name: np.asarray(value, dtype=np.float64) for name, value in reference.items()}, None


def _certify(
    middles: dict[str, Array], radii: dict[str, Array], may_be_nan: dict[str, Array], bits: int
) -> Certificate | None:
    """The certificate of these enclosures, or None if one of them is too wide.

    A value that the reference finds undefined (NaN) where the case allows it has nothing to enclose.
    """
    widest, digits, elements = 0.0, np.inf, 0
    for name, middle in middles.items():
        undefined = np.isnan(middle) & np.isnan(may_be_nan.get(name, 0.0))
        radius = np.where(undefined, 0, radii[name])
        size = np.abs(np.where(np.isfinite(middle), middle, 0))
        width = float(np.max(2 * radius / np.spacing(size), initial=0))
        if not width < CERTIFIED:
            return None
        widest, elements = max(widest, width), elements + middle.size
        inexact = (radius > 0) & (size > 0)
        if inexact.any():
            digits = min(digits, float(np.min(np.log10(size[inexact]) - np.log10(radius[inexact]))))
    return Certificate(bits, len(middles), elements, widest, digits if np.isfinite(digits) else None)


def _together(certificates: list[Certificate | None]) -> Certificate | None:
    """One certificate over all checks: as many bits as the neediest took, the widest enclosure, the fewest digits."""
    whole = [c for c in certificates if c is not None]
    if len(whole) < len(certificates):
        return None
    return Certificate(
        max(c.bits for c in whole),
        sum(c.tensors for c in whole),
        sum(c.elements for c in whole),
        max(c.widest_ulp or 0.0 for c in whole),
        min((c.digits for c in whole if c.digits is not None), default=None),
    )


# ---------------------------------------------------------------- tolerance
def tolerance(problem: Problem, check: Check, *, certified: bool = True) -> dict[str, Array]:
    """How far from the truth an honest program may end up, element by element.

    Raises IllPosed if noise flips a branch: then the case sits on a kink or a tie by accident.
    """
    precision = PRECISIONS[problem.precision]
    spread = sigma(problem, check)
    floor = NORMALS * precision.smallest_normal
    # Where both sides are float64 and the truth is not certified, the expected value errs as much as the other.
    doubt = 2 if precision.name == "float64" and not certified else 1
    result = {}
    for name, own in spread.items():
        result[name] = doubt * SIGMAS * np.maximum(own, SHARE * _rms(own)) + floor
        if not np.isfinite(result[name]).all():
            raise IllPosed(f"{problem.case}: {name} is so large in {problem.precision} that its tolerance is infinite")
    return result


def sigma(problem: Problem, check: Check) -> dict[str, Array]:
    """The root mean square of noisy less clean, over the runs, for each element."""
    precision = PRECISIONS[problem.precision]
    quiet = Noise(precision, None)
    clean = _plain(solve(problem, check, quiet.array))
    flat = _flat(clean)
    total = np.zeros(flat.shape)
    with np.errstate(invalid="ignore", over="ignore", divide="ignore"):
        for seed in range(FIRST_SEED, FIRST_SEED + RUNS):
            noise = Noise(precision, seed)
            noisy = _plain(solve(problem, check, noise.array))
            if noise.branches != quiet.branches:
                raise IllPosed(
                    f"{problem.case}: in {problem.precision}, rounding alone decides a branch (a kink or a tie) in "
                    f"{check}; move the inputs away from it with seed = …, put them exactly on it, or leave this "
                    "precision out of precisions = […]"
                )
            total = np.hypot(total, _distance(_flat(noisy), flat, clean, problem))
    ends = np.cumsum([value.size for value in clean.values()])
    parts = np.split(total / math.sqrt(RUNS), ends[:-1])
    return {name: part.reshape(value.shape) for (name, value), part in zip(clean.items(), parts, strict=True)}


def _flat(trace: dict[str, Array]) -> Array:
    """All tensors of a trace in one row."""
    return np.concatenate([value.reshape(-1) for value in trace.values()])


def _distance(noisy: Array, clean: Array, tensors: dict[str, Array], problem: Problem) -> Array:
    """Noisy less clean. What is infinite or undefined in both has none.

    Raises IllPosed, naming the tensor, where rounding alone makes a number infinite or undefined.
    """
    finite = np.isfinite(clean)
    odd = np.isfinite(noisy) != finite
    if odd.any():
        ends = np.cumsum([value.size for value in tensors.values()])
        name = list(tensors)[int(np.searchsorted(ends, int(np.argmax(odd)), side="right"))]
        raise IllPosed(
            f"{problem.case}: in {problem.precision}, rounding alone makes {name} infinite or undefined; move the "
            "inputs away from where it is, or leave this precision out of precisions = […]"
        )
    return np.where(finite, noisy - clean, 0.0)


def _prove_exact(problem: Problem, check: Check, truth: dict[str, Array]) -> None:
    """The exact tier must be exact in whatever order sums are taken."""
    for order in low_precision.ORDERS:
        array = _in_order(problem.precision, order)
        for name, value in _plain(solve(problem, check, array)).items():
            if not np.array_equal(value, truth[name], equal_nan=True):
                raise IllPosed(
                    f"{problem.case}: exact = true, but {name} is not exact in {problem.precision} (sums taken "
                    f"{order}); use smaller whole numbers and powers of two"
                )


def _in_order(precision: str, order: low_precision.Order) -> Callable[[Array], Array]:
    return lambda x: low_precision.array(x, precision, order)


def _plain(trace: dict[str, Array]) -> dict[str, Array]:
    return {name: np.asarray(value) for name, value in trace.items()}
