"""Sparse-on-Dense from unknown state: see ``tb/common/tests/unknown.py``."""

from __future__ import annotations

from models.array.packets import Mode
from tb.common.tests.unknown import unknown_tests
from tb.sparse_on_dense.top.stimulus import SodMaker

unknown_tests(__name__, SodMaker, never=Mode.ACC_KEEP | Mode.BIAS)
