"""Names of the top-level tests that designs around the array share, as a bench lists them."""

from __future__ import annotations

from tb.common.tests import names

#: Of ``top_tests.py`` (but for ``directed_geometry``), and what every design has to pass.
TOP = ("directed_tiles", "directed_cuts", "extremes", *names.TOP)

#: Of ``error_tests.py``, and what every design has to bear.
BAD = ("bad_accumulator", "bad_geometry", *names.ERRORS)
