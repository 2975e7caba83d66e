"""Proof-read your backprop: losses, gradients and optimizer updates against a proved reference.

result = backproof.check(MyAdapter, cases="basics")
result.raise_if_differs()

and for a single function, which says what it is of:

@backproof.implements("gelu")
def gelu(x):
    ...
    return y, lambda dy: dy * slope
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .adapters.base import Adapter, Description, Trace, Unsupported
    from .api import Differs, Result, check
    from .cases import Case, CaseError, Problem, load
    from .one_operation import implements

__version__ = "0.1.0"
__all__ = [
    "Adapter", "Case", "CaseError", "Description", "Differs", "Problem", "Result", "Trace", "Unsupported",
    "check", "implements", "load",
]  # fmt: skip

_HOME = {
    **dict.fromkeys(("Adapter", "Description", "Trace", "Unsupported"), ".adapters.base"),
    **dict.fromkeys(("Differs", "Result", "check"), ".api"),
    **dict.fromkeys(("Case", "CaseError", "Problem", "load"), ".cases"),
    "implements": ".one_operation",
}


def __getattr__(name: str) -> Any:
    """Public names are imported when first used, so that the command line starts at once."""
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_HOME[name], __name__), name)
