"""Order of the tests: simulations first, so that two workers end at about the same time."""

from __future__ import annotations

from pathlib import Path

import pytest

ORDER = ("sim", "meta", "models")
HERE = Path(__file__).parent


def place(item: pytest.Item) -> int:
    """Place of a test's folder in ORDER; everything else comes last."""
    inside = item.path.relative_to(HERE).parts[0] if item.path.is_relative_to(HERE) else ""
    return ORDER.index(inside) if inside in ORDER else len(ORDER)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    items.sort(key=place)
