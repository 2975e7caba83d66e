"""The precisions under test: the only numbers about them that are put in by hand."""

from typing import Any, Literal, NamedTuple, TypeAlias

import ml_dtypes
import numpy as np

Name: TypeAlias = Literal["float64", "float32", "bfloat16", "float16"]


class Precision(NamedTuple):
    """One floating-point format, and the one that honest programs accumulate sums in."""

    name: Name
    dtype: np.dtype[Any]
    u: float  # unit roundoff: half the gap above 1
    accumulator_u: float  # that of the accumulator of sums and products
    smallest_normal: float
    digits: int  # bits of the significand, the leading one included

    def round(self, x: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
        """x, rounded to this precision once and kept as float64."""
        if self.name == "float64":
            return x
        if self.name == "bfloat16":  # ml-dtypes goes by way of float32, which would be twice
            fraction, exponent = np.frexp(x)
            x = np.ldexp(np.rint(np.ldexp(fraction, self.digits)), exponent - self.digits)
        return x.astype(self.dtype).astype(np.float64)


def _precision(name: Name, digits: int, accumulator_digits: int, least_exponent: int) -> Precision:
    dtype = np.dtype(ml_dtypes.bfloat16 if name == "bfloat16" else name)
    return Precision(name, dtype, 2.0**-digits, 2.0**-accumulator_digits, 2.0**least_exponent, digits)


PRECISIONS: dict[str, Precision] = {
    "float64": _precision("float64", 53, 53, -1022),
    "float32": _precision("float32", 24, 24, -126),
    "bfloat16": _precision("bfloat16", 8, 24, -126),
    "float16": _precision("float16", 11, 24, -14),
}
