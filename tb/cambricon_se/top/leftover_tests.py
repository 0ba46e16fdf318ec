"""Packets around errors on Cambricon-SE, at every offset: ``tb/common/tests/leftover.py``."""

from __future__ import annotations

from tb.cambricon_se.top.error_tests import (
    BadActPacked,
    BadListRange,
    BadWgtHeader,
    BadWgtOrder,
    CambriconSeBad,
)
from tb.common.tests.leftover import leftover_tests

leftover_tests(
    CambriconSeBad, __name__, BadWgtHeader, BadWgtOrder, BadActPacked, BadListRange, sweep=True
)
