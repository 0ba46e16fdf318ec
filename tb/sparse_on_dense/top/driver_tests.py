"""The C driver of ``sw/`` on sparse_on_dense; see ``tb/common/tests/driver.py``."""

from __future__ import annotations

from tb.common.tests.driver import driver_tests
from tb.sparse_on_dense.top.env import SodTest

driver_tests(SodTest, __name__)
