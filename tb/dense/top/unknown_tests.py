"""The dense array from unknown state: see ``tb/common/tests/unknown.py``."""

from __future__ import annotations

from models.array.packets import Mode
from tb.common.tests.unknown import unknown_tests
from tb.dense.top.env import DenseMaker

unknown_tests(__name__, DenseMaker, never=Mode.ACC_KEEP | Mode.BIAS)
