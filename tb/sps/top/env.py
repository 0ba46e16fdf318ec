"""SPS's part of the socket environment: configuration, maker, coverage."""

from __future__ import annotations

from tb.array.env import ArrayTest
from tb.sps.coverage import SpsCoverage
from tb.sps.top.stimulus import SpsMaker


class SpsTest(ArrayTest):
    """Base of the top-level tests."""

    maker_class = SpsMaker
    maker: SpsMaker
    coverage_class = SpsCoverage
