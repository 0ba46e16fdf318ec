"""Packets around errors on SPS, at every offset: ``tb/common/tests/leftover.py``."""

from __future__ import annotations

from tb.common.tests.leftover import leftover_tests
from tb.sps.top.error_tests import BadScan, BadWgtOrder, BadWgtValue, SpsBad

leftover_tests(SpsBad, __name__, BadWgtOrder, BadWgtValue, BadScan, sweep=True)
