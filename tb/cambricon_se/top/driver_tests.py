"""The C driver of ``sw/`` on Cambricon-SE; see ``tb/common/tests/driver.py``."""

from __future__ import annotations

from tb.cambricon_se.top.env import CambriconSeTest
from tb.common.tests.driver import driver_tests

driver_tests(CambriconSeTest, __name__)
