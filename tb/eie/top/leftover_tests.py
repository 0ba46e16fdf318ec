"""Packets around errors on EIE, at every offset; see ``tb/common/tests/leftover.py``."""

from __future__ import annotations

from tb.common.tests.leftover import leftover_tests
from tb.eie.top.error_tests import BadPointerOrder, BadWgtOrder, BadWgtValue, EieBad

leftover_tests(EieBad, __name__, BadWgtOrder, BadWgtValue, BadPointerOrder, sweep=True)
