"""What is computed: the case format, its loader, and the catalogue."""

from .format import CaseError
from .load import Case, catalogue, catalogue_hash, load
from .problem import Check, Problem
from .solve import solve

__all__ = ["Case", "CaseError", "Check", "Problem", "catalogue", "catalogue_hash", "load", "solve"]
