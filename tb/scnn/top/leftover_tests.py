"""Packets around errors, and resets, at every offset; see ``tb/common/tests/leftover.py``."""

from __future__ import annotations

from tb.common.tests.leftover import leftover_tests
from tb.common.uvm.base_test import add_tests
from tb.scnn.top.error_tests import BadActData, BadWgtOrder
from tb.scnn.top.error_times import BadActRange, BadBlockRange, ResetComputeSweep
from tb.scnn.top.spoilt import ScnnBad

leftover_tests(ScnnBad, __name__, BadWgtOrder, BadActData, BadBlockRange, BadActRange, sweep=True)
add_tests(ScnnBad, __name__, ResetComputeSweep)
