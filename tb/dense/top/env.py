"""The dense design's part of the socket environment: configuration and coverage."""

from __future__ import annotations

from models import dense
from tb.array.env import ArrayTest
from tb.array.stimulus import Maker
from tb.dense.coverage import DenseCoverage


class DenseMaker(Maker):
    """Makes layers and jobs of the dense array."""

    design = dense.DESIGN


class DenseTest(ArrayTest):
    """Base of the dense array's top-level tests."""

    maker_class = DenseMaker
    coverage_class = DenseCoverage
