"""Sparse-on-Dense's part of the socket environment: configuration, maker, coverage."""

from __future__ import annotations

from tb.array.env import ArrayTest
from tb.sparse_on_dense.coverage import SodCoverage
from tb.sparse_on_dense.top.stimulus import SodMaker


class SodTest(ArrayTest):
    """Base of the top-level tests."""

    maker_class = SodMaker
    coverage_class = SodCoverage
