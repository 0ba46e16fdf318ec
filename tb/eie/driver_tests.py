"""The C driver of ``sw/`` on EIE; see ``shared_driver.py``."""

from __future__ import annotations

from tb.common.shared_driver import driver_tests
from tb.eie.eie_env import EieTest

driver_tests(EieTest, __name__)
