"""Where two versions of a file of vectors differ, in words: which tensor, and the first value of it."""

from collections.abc import Iterable, Iterator
from typing import Any

from .stored import decode

SHOWN = 80  # characters of a value


def changes(name: str, was: bytes, now: bytes) -> Iterator[str]:
    """Where two versions of a file differ."""
    try:
        before, after = _leaves(name, was), _leaves(name, now)
    except (ValueError, RecursionError) as error:
        yield f"cannot be read: {error}"
        return
    for place in dict.fromkeys((*before, *after)):
        if before.get(place) != after.get(place):
            yield f"{place} {_change(before.get(place), after.get(place))}"
    if before == after:
        yield "is written otherwise"


def _leaves(name: str, data: bytes) -> dict[str, Any]:
    """What a file holds, by its place in it."""
    if name.endswith(".safetensors"):
        from safetensors import SafetensorError, deserialize

        try:
            return dict(deserialize(data))  # type: ignore[no-untyped-call]
        except SafetensorError as error:
            raise ValueError(str(error)) from None
    return dict(_places(decode(data, name), "")) if name.endswith(".json") else {"text": data}


def _places(value: Any, place: str) -> Iterator[tuple[str, Any]]:
    """Each array, number and word of what was read, with its place."""
    inner: Iterable[tuple[Any, Any]] = ()
    if isinstance(value, dict) and "dtype" not in value:
        inner = value.items()
    elif isinstance(value, list):
        inner = enumerate(value)
    else:
        yield place, value
    for key, part in inner:
        yield from _places(part, f"{place}.{key}".lstrip("."))


def _change(was: Any, now: Any) -> str:
    """In a few words, with the first value that differs where there is one."""
    if was is None or now is None:
        return "is new" if was is None else "is gone"
    before, after = (side.get("values") if isinstance(side, dict) else None for side in (was, now))
    if isinstance(before, list) and isinstance(after, list) and len(before) == len(after):
        for number, (old, new) in enumerate(zip(before, after, strict=True)):
            if old != new:
                return f"differs: value {number} of {len(after)} was {old}, is {new}"
    if isinstance(was, str | float | int) and isinstance(now, str | float | int):
        return f"was {was!r:.{SHOWN}}, is {now!r:.{SHOWN}}"
    return "differs"
