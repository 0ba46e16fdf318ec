"""Property tests draw the same cases in every run, and none may fail for being slow."""

from __future__ import annotations

import pytest
from hypothesis import is_hypothesis_test


def test_no_property_test_depends_on_chance_or_time(request: pytest.FixtureRequest) -> None:
    """Of all that run beside this test: their settings are fixed where they are decorated."""
    loose = []
    for item in request.session.items:
        test = getattr(item, "obj", None)
        if test is None or not is_hypothesis_test(test):
            continue
        chosen = test._hypothesis_internal_use_settings
        if chosen.deadline is not None or not chosen.derandomize or chosen.database is not None:
            loose.append(item.nodeid)
    assert loose == []
