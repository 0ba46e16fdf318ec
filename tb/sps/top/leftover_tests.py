"""Packets around errors on SPS, at every offset: ``tb/common/tests/leftover.py``."""

from __future__ import annotations

from tb.array.error_tests import BadWgtValue
from tb.common.tests.leftover import leftover_tests
from tb.sps.top.error_tests import BadPosition, BadResidue, BadWgtOrder, BadWgtRange
from tb.sps.top.spoilt import SpsBad

leftover_tests(
    SpsBad, __name__, BadWgtOrder, BadWgtValue, BadResidue, BadPosition, BadWgtRange, sweep=True
)
