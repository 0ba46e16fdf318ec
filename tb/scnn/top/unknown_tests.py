"""SCNN from unknown state: see ``tb/common/tests/unknown.py``."""

from __future__ import annotations

from tb.common.tests.unknown import unknown_tests
from tb.scnn.top.stimulus import ScnnMaker

unknown_tests(__name__, ScnnMaker, never=0)
