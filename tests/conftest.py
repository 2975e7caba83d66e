"""The order of the tests."""

import pytest


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """First each expectation is worked out, by one process alone; whoever asks for it later finds it in the cache."""
    items.sort(key=lambda item: "well_posed_and_certified" not in item.name)
