"""The record of a run: JSON Lines with a header, rows and a footer. Every report is a rendering of it."""

from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

import msgspec

FORMAT = 2

Verdict: TypeAlias = Literal[
    "exact",  # not a bit of difference
    "within",  # within the tolerance
    "inconclusive",  # within it, but it is so wide, or the true value so near zero, that this says little
    "known",  # a difference recorded beforehand, with its reason
    "unsupported",  # the implementation says that it cannot do this
    "outside",  # beyond the tolerance
    "nonfinite",  # NaN or infinity where a number is due, or the other way round
    "dtype",  # another type than the precision under test
    "shape",  # another shape, even one that would broadcast
    "missing",  # no such tensor in the answer
    "error",  # the implementation broke
    "timeout",  # it gave no answer in time
]
AGREES: tuple[Verdict, ...] = ("exact", "within", "inconclusive")
DIFFERS: tuple[Verdict, ...] = ("outside", "nonfinite", "dtype", "shape", "missing")
BROKE: tuple[Verdict, ...] = ("error", "timeout")
CheckName: TypeAlias = Literal["loss", "gradient", "update", "trajectory"]
"""The column a tensor counts in: loss and outputs, gradients, updates and states, training."""


class Line(msgspec.Struct, frozen=True, omit_defaults=True, tag_field="kind"):
    """One line of the record."""


class Who(msgspec.Struct, frozen=True, omit_defaults=True):
    """An implementation that was asked."""

    name: str
    version: str
    precisions: list[str]
    flags: dict[str, str] = {}


class Header(Line, tag="header", frozen=True):
    """What was run, with what, on what."""

    format: int
    backproof: str
    started: str  # ISO 8601, UTC
    command: list[str]
    selection: list[str]  # globs, empty for the whole catalogue
    cases: int
    catalogue: str  # SHA-256 over the selected cases
    precisions: list[str]
    implementations: list[Who]
    machine: dict[str, str]  # processor, cores, system
    libraries: dict[str, str]  # Python, NumPy and its BLAS, SciPy ...
    noise: dict[str, int]  # runs, first seed


class Certificate(msgspec.Struct, frozen=True, omit_defaults=True):
    """How well ball arithmetic encloses the expected values of a case, over all its tensors."""

    bits: int  # precision of the balls
    tensors: int
    elements: int
    widest_ulp: float | None  # the widest enclosure, in ulps of float64: certified when below a quarter
    digits: float | None  # the fewest decimal digits proved of any element that is not exact; None: all are


class CaseLine(Line, tag="case", frozen=True):
    """One case at one precision: what was expected."""

    case: str
    precision: str
    group: str
    hash: str
    question: str
    because: str
    tags: list[str] = []
    certificate: Certificate | None = None
    problem: str = ""  # why the case itself is not well posed, if it is not
    expected: dict[str, Any] = {}  # small tensors, as nested lists
    operations: list[str] = []  # that it uses


class Row(Line, tag="row", frozen=True):
    """One tensor of one implementation; or one whole check that gave no tensors, with tensor = ""."""

    case: str
    precision: str
    implementation: str
    check: CheckName
    tensor: str
    verdict: Verdict
    shape: list[int] = []
    margin: float | None = None  # worst error / tolerance
    error: float | None = None  # there, and so below
    tolerance: float | None = None
    ulps: float | None = None  # error in units of the last place of the expected value, in this precision
    index: list[int] | None = None
    expected: float | str | None = None  # "nan", "inf", "-inf" where JSON has no number
    actual: float | str | None = None
    reason: str = ""
    link: str = ""
    details: str = ""
    values: Any = None  # what came back, for small tensors


class ClaimLine(Line, tag="claim", frozen=True):
    """A number that a source printed, against what an implementation computed in float64."""

    case: str
    of: str  # whose claim, in words
    says: str  # as printed
    tensor: str
    index: list[int]
    implementation: str
    value: float | str | None  # "nan", "inf", "-inf" where JSON has no number
    verdict: Literal["holds", "wrong"]  # holds: the value rounds to the digits printed


class Named(msgspec.Struct, frozen=True, omit_defaults=True):
    """A hypothesis about what went wrong, and how far it goes."""

    kind: Literal["convention", "mistake", "relation", "source", "precision"]
    name: str
    says: str
    explains: int  # of the differing answers that it was tried on
    contradicted: int = 0  # by answers that agree


class DiagnosisLine(Line, tag="diagnosis", frozen=True):
    """What went wrong in some answers of an implementation: where, what, and what to do."""

    implementation: str
    case: str  # the smallest that shows it
    precision: str
    tensor: str  # the first that is wrong
    operation: str  # whose mistake it is
    answers: int  # that differ because of it
    of: int  # on how many the hypotheses were tried
    cases: list[str] = []  # in which it shows
    made_of: list[str] = []  # what the tensor is made of: right
    unseen: list[str] = []  # on the way to it, and not answered
    hypotheses: list[Named] = []  # the likeliest first; none where nothing accounts for it
    todo: str = ""
    derivation: str = ""  # the line that says what the tensor should be
    source: str = ""  # where that line stands
    command: str = ""  # that shows it alone
    smallest: str = ""  # a case file that still shows it, smaller than the case
    shrunk: str = ""  # what is left in it, in words


class Footer(Line, tag="footer", frozen=True):
    """The end. A record without one is not whole."""

    rows: int
    claims: int
    complete: bool
    seconds: float
    timings: dict[str, float] = {}  # seconds by part: expected values, each implementation, judging
    reason: str = ""  # why it is not complete
    notes: list[str] = []  # what a reader should know beside, such as known differences that were not met


AnyLine: TypeAlias = Header | CaseLine | Row | ClaimLine | DiagnosisLine | Footer


@dataclass(frozen=True)
class Record:
    """A whole record, as `journal.read` gives it."""

    header: Header
    cases: tuple[CaseLine, ...]
    rows: tuple[Row, ...]
    claims: tuple[ClaimLine, ...]
    footer: Footer
    diagnoses: tuple[DiagnosisLine, ...] = ()
