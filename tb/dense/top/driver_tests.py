"""The C driver of ``sw/`` on dense; see ``tb/common/tests/driver.py``."""

from __future__ import annotations

from tb.common.tests.driver import driver_tests
from tb.dense.top.env import DenseTest

driver_tests(DenseTest, __name__)
