"""Order of the tests: simulations first, so that two workers end at about the same time.

Before all one proof: it compiles Yosys for the machine, most of a minute in which a second one, on
the other worker, would wait for it.

Tests that build in a folder of their own share the compiled run-time sources of Verilator with all
others, where there is no ccache: fifteen seconds less for each.

Property tests run the same cases every time: a failure is replayed by running it again. Said here
and not beside them, for modules of tests/models are also imported by others, which come first.
"""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from models.places import build_root
from tb.common.sim import simulators

settings.register_profile(
    "fixed",
    derandomize=True,
    deadline=None,
    max_examples=60,
    suppress_health_check=[HealthCheck.too_slow],
    database=None,
)
settings.load_profile("fixed")

ORDER = ("sim", "meta", "models")
FIRST = "tests/meta/test_prove.py::test_quick_proofs_close"
HERE = Path(__file__).parent
OBJECTS = build_root() / "objects"


def place(item: pytest.Item) -> tuple[int, bool]:
    """Place of a test's folder in ORDER; everything else comes last.

    A design's bench of errors has the build of its main one: side by side one would wait.
    """
    inside = item.path.relative_to(HERE).parts[0] if item.path.is_relative_to(HERE) else ""
    return ORDER.index(inside) if inside in ORDER else len(ORDER), "_bad-" in item.name


def pytest_configure() -> None:
    if shutil.which("ccache") is None and (command := simulators.object_cache(OBJECTS)):
        os.environ["OBJCACHE"] = command


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    items.sort(key=place)
    first = next((at for at, item in enumerate(items) if item.nodeid.startswith(FIRST)), None)
    if first is not None:
        items.insert(0, items.pop(first))
