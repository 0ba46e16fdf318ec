"""The C driver of ``sw/`` on sps; see ``tb/common/tests/driver.py``."""

from __future__ import annotations

from tb.common.tests.driver import driver_tests
from tb.sps.top.env import SpsTest

driver_tests(SpsTest, __name__)
