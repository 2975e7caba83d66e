"""Expectations are worked out once, by content, and a damaged cache costs time and not results."""

from pathlib import Path

import numpy as np
import pytest

from backproof.cases import load
from backproof.reports import cache
from backproof.reports.expect import Expectation

(CASE,) = load("seed/chain")


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("BACKPROOF_CACHE", str(tmp_path))
    return tmp_path


def same(a: Expectation, b: Expectation) -> bool:
    return (a.certificate, a.ill_posed) == (b.certificate, b.ill_posed) and all(
        np.array_equal(e.value, b.checks[check][name].value)
        and np.array_equal(e.tolerance, b.checks[check][name].tolerance)
        for check, tensors in a.checks.items()
        for name, e in tensors.items()
    )


def entries(place: Path) -> list[Path]:
    return list(place.rglob("*.msgpack"))


def test_the_second_time_it_is_read(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first = cache.expectation(CASE, "float64")
    monkeypatch.setattr(cache, "expect", lambda *_, **__: pytest.fail("worked out again"))
    assert same(first, cache.expectation(CASE, "float64"))
    assert len(entries(place)) == 1


@pytest.mark.parametrize("damage", [b"", b"\x00junk", b"half"])
def test_a_damaged_entry_is_worked_out_again(place: Path, damage: bytes) -> None:
    first = cache.expectation(CASE, "float64")
    (entry,) = entries(place)
    entry.write_bytes(entry.read_bytes()[:100] if damage == b"half" else damage)
    assert same(first, cache.expectation(CASE, "float64"))
    assert entry.stat().st_size > 100


def test_precision_and_code_decide_the_entry(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    cache.expectation(CASE, "float64")
    cache.expectation(CASE, "float32")
    for version in range(5):
        monkeypatch.setattr(cache, "fingerprint", lambda *_, version=version: f"{version}" * 16)
        cache.expectation(CASE, "float64")
    assert len(entries(place)) == 1 + cache.VERSIONS


def test_only_the_operations_of_a_case_decide_its_entry() -> None:
    one, other = cache.fingerprint("linear"), cache.fingerprint("mean_squared_error")
    assert one != other != cache.fingerprint()
    files = {file.stem for file in cache._sources({"mean_squared_error", "multiply"})}
    assert files == {"mean_squared_error", "_reduction", "multiply", "_broadcast"}


def test_a_folder_that_cannot_be_written_does_not_matter(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BACKPROOF_CACHE", "/proc/nowhere")
    assert cache.expectation(CASE, "float64").certificate
