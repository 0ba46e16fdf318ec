"""Cambricon-SE from unknown state: see ``tb/common/tests/unknown.py``."""

from __future__ import annotations

from models.cambricon_se.registers import Mode
from tb.cambricon_se.top.stimulus import CambriconSeMaker
from tb.common.tests.unknown import unknown_tests

unknown_tests(__name__, CambriconSeMaker, never=Mode.ACC_KEEP | Mode.BIAS)
