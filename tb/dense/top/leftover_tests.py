"""Packets around errors on the dense array, at every offset: ``tb/common/tests/leftover.py``."""

from __future__ import annotations

from tb.array.error_tests import BadWgtValue
from tb.common.tests.leftover import leftover_tests
from tb.dense.top.error_tests import BadWgtOrder, DenseBad

leftover_tests(DenseBad, __name__, BadWgtOrder, BadWgtValue, sweep=True)
