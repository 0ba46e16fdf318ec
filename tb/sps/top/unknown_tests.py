"""SPS from unknown state: see ``tb/common/tests/unknown.py``."""

from __future__ import annotations

from models.array.packets import Mode
from tb.common.tests.unknown import unknown_tests
from tb.sps.top.stimulus import SpsMaker

unknown_tests(__name__, SpsMaker, never=Mode.ACC_KEEP | Mode.BIAS)
