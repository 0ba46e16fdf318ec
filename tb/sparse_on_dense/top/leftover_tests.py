"""Packets around errors on Sparse-on-Dense, at every offset: ``tb/common/tests/leftover.py``."""

from __future__ import annotations

from tb.common.tests.leftover import leftover_tests
from tb.sparse_on_dense.top.error_tests import BadWgtFormat, BadWgtOrder, BadWgtValue, SodBad

leftover_tests(SodBad, __name__, BadWgtOrder, BadWgtValue, BadWgtFormat, sweep=True)
