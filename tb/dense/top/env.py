"""The dense design's part of the socket environment: configuration and coverage."""

from __future__ import annotations

from models import dense
from tb.array.env import ArrayTest
from tb.array.stimulus import Maker
from tb.dense.coverage import DenseCoverage


class DenseTest(ArrayTest):
    """Base of the dense array's top-level tests."""

    design = dense
    config_class = dense.DenseConfig
    maker_class = Maker
    coverage_class = DenseCoverage
