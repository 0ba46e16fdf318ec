"""FlexFlow-Pro from unknown state: see ``tb/common/tests/unknown.py``."""

from __future__ import annotations

from models.flexflow_pro.registers import Mode
from tb.common.tests.unknown import unknown_tests
from tb.flexflow_pro.top.stimulus import FlexflowProMaker

unknown_tests(__name__, FlexflowProMaker, never=Mode.ACC_KEEP | Mode.BIAS)
