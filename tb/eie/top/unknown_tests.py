"""EIE from unknown state: see ``tb/common/tests/unknown.py``."""

from __future__ import annotations

from models.eie.packets import Mode
from tb.common.tests.unknown import unknown_tests
from tb.eie.top.stimulus import Maker

unknown_tests(__name__, Maker, never=Mode.ACC_KEEP | Mode.BIAS)
