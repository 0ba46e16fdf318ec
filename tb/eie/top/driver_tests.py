"""The C driver of ``sw/`` on EIE; see ``tb/common/tests/driver.py``."""

from __future__ import annotations

from tb.common.tests.driver import driver_tests
from tb.eie.top.env import EieTest

driver_tests(EieTest, __name__)
