"""The dense design's part of the socket environment: configuration and coverage."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from models import dense
from tb.array.env import ArrayTest
from tb.array.stimulus import Maker
from tb.dense.coverage import DenseCoverage


class DenseMaker(Maker):
    """Makes layers and jobs of the dense array."""

    design = dense.DESIGN

    def choosing(self, kernel: tuple[int, int, int, int], most: int) -> NDArray[np.bool_]:
        """A mask [K, C, R, S] with ``most`` of each group of inputs that weights choose from."""
        _, group = self.config.choice
        filters, channels, *taps = kernel
        groups = -(-channels // group)
        order = self.rng.random((filters, groups, group, *taps)).argsort(axis=2)
        mask: NDArray[np.bool_] = (order < most).reshape(filters, -1, *taps)[:, :channels]
        return mask


class DenseTest(ArrayTest):
    """Base of the dense array's top-level tests."""

    maker_class = DenseMaker
    coverage_class = DenseCoverage
