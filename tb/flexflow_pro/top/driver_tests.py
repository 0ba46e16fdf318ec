"""The C driver of ``sw/`` on FlexFlow-Pro; see ``tb/common/tests/driver.py``."""

from __future__ import annotations

from tb.common.tests.driver import driver_tests
from tb.flexflow_pro.top.env import FlexflowProTest

driver_tests(FlexflowProTest, __name__)
