"""The renderings of a record by name. Each is a string, and the same record gives the same one."""

from collections.abc import Callable
from importlib import import_module

from .record import Record

FORMATS: dict[str, tuple[str, str]] = {  # name -> (module that is imported only when asked for, file's ending)
    "html": ("html", "html"),
    "markdown": ("markdown", "md"),
    "csv": ("tabular", "csv"),
    "json": ("document", "json"),
    "junit": ("junit", "xml"),
}


def render(record: Record, format: str) -> str:
    """The record in one of FORMATS.

    Raises ValueError, naming the formats that exist, for another.
    """
    if format not in FORMATS:
        raise ValueError(f"no format {format!r}; there are: {', '.join(FORMATS)}")
    module = import_module(f".{FORMATS[format][0]}", __package__)
    function: Callable[[Record], str] = module.render
    return function(record)
