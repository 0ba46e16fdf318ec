"""The C driver of ``sw/`` on SCNN; see ``tb/common/tests/driver.py``."""

from __future__ import annotations

from tb.common.tests.driver import driver_tests
from tb.scnn.top.env import ScnnTest

driver_tests(ScnnTest, __name__)
