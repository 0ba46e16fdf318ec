"""Packets around errors on FlexFlow-Pro, at every offset: ``tb/common/tests/leftover.py``."""

from __future__ import annotations

from tb.common.tests.leftover import leftover_tests
from tb.flexflow_pro.top.error_tests import BadWgtHeader, BadWgtOrder, FlexflowProBad

leftover_tests(FlexflowProBad, __name__, BadWgtHeader, BadWgtOrder, sweep=True)
