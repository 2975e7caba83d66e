"""What is computed: the case format, its loader, and the catalogue."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from .format import CaseError
from .load import Case, catalogue, catalogue_hash, load

if TYPE_CHECKING:
    from .problem import Check, Problem
    from .solving import solve

__all__ = ["Case", "CaseError", "Check", "Problem", "catalogue", "catalogue_hash", "load", "solve"]

_HOME = {"Check": ".problem", "Problem": ".problem", "solve": ".solving"}


def __getattr__(name: str) -> Any:
    """What needs NumPy is imported when first used: to name cases takes none."""
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_HOME[name], __name__), name)
